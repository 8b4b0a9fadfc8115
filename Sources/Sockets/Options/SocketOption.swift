/// An option of a socket: where the system keeps it, how its value is laid out, and whether it can be read and set.
///
/// ```swift
/// try socket.set(.noDelay, true)
/// let bytes = try socket.get(.receiveBufferSize)
/// ```
///
/// An option that is in no table is one line: `let priority = SocketOption<IntegerOption, ReadWrite>(level, name)`.
@frozen public struct SocketOption<Codec, Access>: Sendable {
  /// SOL_SOCKET, or a protocol's number.
  public let level: Int32
  /// The option's number within the level.
  public let name: Int32

  /// An option with these numbers.
  @inlinable public init(_ level: Int32, _ name: Int32) {
    self.level = level
    self.name = name
  }
}

/// How the value of an option is read.
public protocol SocketOptionReader {
  /// The value as Swift has it.
  associatedtype Value
  /// Reads the option of an open descriptor.
  static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Value
}

/// How the value of an option is set.
public protocol SocketOptionWriter {
  /// The value as Swift has it.
  associatedtype Value
  /// Sets the option of an open descriptor.
  static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value) throws(SocketError)
}

/// The access of an option that can be read.
public protocol ReadableAccess {}

/// The access of an option that can be set.
public protocol WritableAccess {}

/// The access of an option that can be read and set.
public enum ReadWrite: ReadableAccess, WritableAccess {}

/// The access of an option that can only be read: to set it does not compile.
public enum ReadOnly: ReadableAccess {}

/// The access of an option that can only be set: to read it does not compile.
public enum WriteOnly: WritableAccess {}

extension Socket {
  /// Reads an option. Corresponds to `getsockopt(2)`.
  ///
  /// - Throws: `SocketError` with ENOPROTOOPT or EOPNOTSUPP (this kind of socket, or this system, has no such option).
  @inlinable
  public borrowing func get<Codec: SocketOptionReader, Access: ReadableAccess>(
    _ option: SocketOption<Codec, Access>
  ) throws(SocketError) -> Codec.Value {
    try Codec.get(descriptor, option.level, option.name)
  }

  /// Sets an option. Corresponds to `setsockopt(2)`.
  ///
  /// - Throws: `SocketError` with ENOPROTOOPT or EOPNOTSUPP (this kind of socket, or this system, has no such option),
  ///   EINVAL (the value is out of range) or EPERM (not without a privilege).
  @inlinable
  public borrowing func set<Codec: SocketOptionWriter, Access: WritableAccess>(
    _ option: SocketOption<Codec, Access>, _ value: Codec.Value
  ) throws(SocketError) {
    try Codec.set(descriptor, option.level, option.name, value)
  }
}
