internal import CSockets

/// The one owner of a descriptor of any kind, such as one that another process has sent. It is closed at the end of
/// this value's life.
@frozen public struct Descriptor: ~Copyable, Sendable {
  /// The number, to pass to C. It stays this value's own.
  public let rawValue: Int32

  /// Takes over a descriptor, which has to be open: nobody else may close it from here on.
  public init(adopting rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    // What only closing reveals is lost, as it is for a Socket that is not closed.
    _ = cs_close(rawValue)
  }

  /// Gives the descriptor up, open: the caller closes it from here on.
  public consuming func release() -> Int32 {
    let rawValue = rawValue
    discard self
    return rawValue
  }
}

extension Socket {
  /// Takes over a descriptor that is a socket.
  ///
  /// - Throws: `SocketError` with ENOTSOCK (not a socket); the descriptor is closed then.
  public init(adopting descriptor: consuming Descriptor) throws(SocketError) {
    try self.init(adopting: descriptor.rawValue)
    // From here on the socket owns the number.
    _ = descriptor.release()
  }
}
