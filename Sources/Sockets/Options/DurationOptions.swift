internal import CSockets

/// A unit in which an option counts time.
public protocol DurationUnit {
  /// How many nanoseconds it has.
  static var nanoseconds: Int64 { get }
}

/// An int that counts time: set, a part of a unit counts as one, so that no time becomes none.
public enum DurationOption<Unit: DurationUnit>: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Duration {
    .nanoseconds(Int64(try IntegerOption.get(descriptor, level, name)) * Unit.nanoseconds)
  }

  /// Sets it; what no C int holds is EINVAL.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Duration) throws(SocketError) {
    try IntegerOption.set(descriptor, level, name, Int(value.count(of: Unit.nanoseconds)))
  }
}

/// Whole seconds.
public enum Seconds: DurationUnit {
  /// A thousand million.
  public static var nanoseconds: Int64 { 1_000_000_000 }
}

/// Whole milliseconds.
public enum Milliseconds: DurationUnit {
  /// A million.
  public static var nanoseconds: Int64 { 1_000_000 }
}

/// Whole microseconds.
public enum Microseconds: DurationUnit {
  /// A thousand.
  public static var nanoseconds: Int64 { 1_000 }
}

/// An int that counts seconds.
public typealias SecondsOption = DurationOption<Seconds>
/// An int that counts milliseconds.
public typealias MillisecondsOption = DurationOption<Milliseconds>
/// An int that counts microseconds.
public typealias MicrosecondsOption = DurationOption<Microseconds>

/// A `struct linger`: nil is off.
public enum LingerOption: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Duration? {
    let option = cs_get_linger(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    return option.on != 0 ? .seconds(option.seconds) : nil
  }

  /// Sets it to whole seconds, a part of one counting as one; below 0 is EINVAL.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Duration?) throws(SocketError) {
    let seconds = value.map { $0.count(of: Seconds.nanoseconds) } ?? 0
    guard value ?? .zero >= .zero, let seconds = Int32(exactly: seconds) else {
      throw SocketError(.setOption, .errno(.invalidArgument))
    }
    try SocketError.check(.setOption, cs_set_linger(descriptor, level, name, value == nil ? 0 : 1, seconds))
  }
}

/// A `struct timeval` in which zero means no limit: nil is that.
public enum TimeLimitOption: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Duration? {
    let option = cs_get_time(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    return option.microseconds == 0 ? nil : .microseconds(option.microseconds)
  }

  /// Sets it to whole microseconds, rounded up: less than one is one. Zero, which the kernel would take for no limit,
  /// and what is below it are EINVAL.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Duration?) throws(SocketError) {
    guard value.map({ $0 > .zero }) ?? true else { throw SocketError(.setOption, .errno(.invalidArgument)) }
    let microseconds = value.map { $0.count(of: Microseconds.nanoseconds) } ?? 0
    try SocketError.check(.setOption, cs_set_time(descriptor, level, name, microseconds))
  }
}

extension Duration {
  /// How many of a unit of so many nanoseconds this is, a part of one counting as one.
  fileprivate func count(of unit: Int64) -> Int64 {
    let (whole, part) = nanosecondsRoundedUp.quotientAndRemainder(dividingBy: unit)
    return whole + (part > 0 ? 1 : 0)
  }
}
