internal import CSockets

extension Socket {
  /// A direction of a connection.
  public enum Direction: Hashable, Sendable {
    /// What we receive.
    case read
    /// What we send.
    case write
    /// Both.
    case both
  }

  /// Ends one direction of a connection, or both, for every duplicate of the descriptor; it stays open. The peer finds
  /// the end of the stream when we end ``Direction/write``, and can still send. Corresponds to `shutdown(2)`.
  ///
  /// - Throws: `SocketError` with ENOTCONN (never connected, or the peer has reset the connection).
  public borrowing func shutdown(_ direction: Direction) throws(SocketError) {
    let how =
      switch direction {
      case .read: CS_SHUT_RD
      case .write: CS_SHUT_WR
      case .both: CS_SHUT_RDWR
      }
    try SocketError.check(.shutdown, cs_shutdown(descriptor, how))
  }
}
