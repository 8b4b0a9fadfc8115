public import CSockets

/// An int that is 0 or not.
public enum FlagOption: SocketOptionReader, SocketOptionWriter {
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
public enum IntegerOption: SocketOptionReader, SocketOptionWriter {
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
public enum NumberOption<Value: RawRepresentable<Int32>>: SocketOptionReader, SocketOptionWriter {
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

/// An error that the kernel keeps for the socket until it is asked for, or nil. That it could not be asked for is
/// another thing, and is thrown.
public enum PendingErrorOption: SocketOptionReader {
  /// Reads it, which clears it.
  @inlinable public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Errno? {
    let number = try IntegerOption.get(descriptor, level, name)
    return number == 0 ? nil : Errno(rawValue: Int32(truncatingIfNeeded: number))
  }
}
