/// An option of a socket: where the system keeps it, how its value is laid out, and whether it can be set.
///
/// ```swift
/// try socket.set(.noDelay, true)
/// let bytes = try socket.get(.receiveBufferSize)
/// ```
///
/// An option that is not in the tables is one line: `let mark = SocketOption<FlagOption, ReadWrite>(level, name)`.
@frozen public struct SocketOption<Codec: SocketOptionCodec, Access>: Sendable {
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

/// The access of an option that can be read and set.
public enum ReadWrite {}

/// The access of an option that can only be read: to set it does not compile.
public enum ReadOnly {}

/// How the value of an option is laid out.
public protocol SocketOptionCodec {
  /// The value as Swift has it.
  associatedtype Value
  /// Reads the option of an open descriptor.
  static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> Value
  /// Sets the option of an open descriptor.
  static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value) throws(SocketError)
}

extension Socket {
  /// Reads an option. Corresponds to `getsockopt(2)`.
  ///
  /// - Throws: `SocketError` with ENOPROTOOPT (this kind of socket has no such option).
  @inlinable
  public borrowing func get<Codec, Access>(_ option: SocketOption<Codec, Access>) throws(SocketError) -> Codec.Value {
    try Codec.get(descriptor, option.level, option.name)
  }

  /// Sets an option. Corresponds to `setsockopt(2)`.
  ///
  /// - Throws: `SocketError` with ENOPROTOOPT (this kind of socket has no such option), EINVAL (the value is out of range)
  ///   or EPERM (not without a privilege).
  @inlinable
  public borrowing func set<Codec>(
    _ option: SocketOption<Codec, ReadWrite>, _ value: Codec.Value
  ) throws(SocketError) {
    try Codec.set(descriptor, option.level, option.name, value)
  }
}
