public import CSockets

/// An int that is 0 or not.
public enum FlagOption: SocketOptionCodec {
  /// Reads it.
  @inlinable public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Bool {
    try IntegerOption.get(descriptor, level, name) != 0
  }

  /// Sets it to 1 or 0.
  @inlinable public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Bool
  ) throws(SocketError) {
    try IntegerOption.set(descriptor, level, name, value ? 1 : 0)
  }
}

/// An int.
public enum IntegerOption: SocketOptionCodec {
  /// Reads it.
  @inlinable public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Int {
    let option = cs_get_int(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    return Int(option.value)
  }

  /// Sets it; a number that no C int holds is EINVAL.
  @inlinable public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int
  ) throws(SocketError) {
    guard let value = Int32(exactly: value) else { throw SocketError(.setOption, .errno(.invalidArgument)) }
    try SocketError.check(.setOption, cs_set_int(descriptor, level, name, value))
  }
}

/// An int that is the number of something: a family, a type, a protocol, an errno.
public enum NumberOption<Value: RawRepresentable<Int32>>: SocketOptionCodec {
  /// Reads it.
  @inlinable public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Value {
    let option = cs_get_int(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    guard let value = Value(rawValue: option.value) else { throw SocketError(.getOption, .errno(.invalidArgument)) }
    return value
  }

  /// Sets it.
  @inlinable public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value
  ) throws(SocketError) {
    try SocketError.check(.setOption, cs_set_int(descriptor, level, name, value.rawValue))
  }
}

/// An error that the kernel keeps for the socket until it is asked for, or nil. That it could not be asked for is another
/// thing, and is thrown.
public enum PendingErrorOption: SocketOptionCodec {
  /// Reads it, which clears it.
  @inlinable public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Errno? {
    let number = try IntegerOption.get(descriptor, level, name)
    return number == 0 ? nil : Errno(rawValue: Int32(truncatingIfNeeded: number))
  }

  /// The kernel takes none.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Errno?) throws(SocketError) {
    throw SocketError(.setOption, .errno(.noSuchOption))
  }
}

/// A `struct linger`: nil is off.
public enum LingerOption: SocketOptionCodec {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Duration? {
    let option = cs_get_linger(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    return option.on != 0 ? .seconds(option.seconds) : nil
  }

  /// Sets it to whole seconds, a part of one counting as one; below 0 is EINVAL.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Duration?
  ) throws(SocketError) {
    guard let value else {
      try SocketError.check(.setOption, cs_set_linger(descriptor, level, name, 0, 0))
      return
    }
    let (seconds, attoseconds) = value.components
    guard value >= .zero, let whole = Int32(exactly: seconds + (attoseconds > 0 ? 1 : 0)) else {
      throw SocketError(.setOption, .errno(.invalidArgument))
    }
    try SocketError.check(.setOption, cs_set_linger(descriptor, level, name, 1, whole))
  }
}

/// A `struct timeval` in which zero means no limit: nil is that.
public enum TimeLimitOption: SocketOptionCodec {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Duration? {
    let option = cs_get_time(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    return option.microseconds == 0 ? nil : .microseconds(option.microseconds)
  }

  /// Sets it to whole microseconds, rounded up: less than one is one. Zero, which the kernel would take for no limit, and
  /// what is below it are EINVAL.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Duration?
  ) throws(SocketError) {
    guard let value else {
      try SocketError.check(.setOption, cs_set_time(descriptor, level, name, 0))
      return
    }
    guard value > .zero else { throw SocketError(.setOption, .errno(.invalidArgument)) }
    // Above this the number of microseconds does not fit; it is three hundred thousand years.
    let microseconds = value.nanosecondsRoundedUp / 1_000 + (value.nanosecondsRoundedUp % 1_000 > 0 ? 1 : 0)
    try SocketError.check(.setOption, cs_set_time(descriptor, level, name, microseconds))
  }
}
