public import Sockets

/// A connected socket on an event loop.
///
/// ```swift
/// let connection = try await Connection.connected(to: Endpoint("localhost:8000"), on: loop)
/// try await connection.sendAll("hello\n")
/// for try await line in connection.lines() { … }
/// ```
public final class Connection: LoopSocket, @unchecked Sendable {
  let peer: CompactAddress

  init(_ registration: consuming Registration, _ peer: CompactAddress) {
    self.peer = peer
    super.init(registration)
  }

  /// Who is at the other end, as was known when the connection was made; of most Unix clients,
  /// ``Sockets/UnixAddress/unnamed``.
  public var peerAddress: SocketAddress { peer.address }

  /// Has a loop watch a socket that is connected already.
  ///
  /// - Parameters:
  ///   - socket: The socket, which is closed on failure. Its blocking mode does not matter.
  ///   - loop: The loop; the call waits until it runs.
  /// - Throws: `SocketError` with ENOTCONN (it is not connected), ``Sockets/SocketError/Reason/loopClosed``, or ENOMEM
  ///   or ENOSPC (the system cannot watch it).
  public convenience init(_ socket: consuming Socket, on loop: EventLoop) async throws(SocketError) {
    let peer = CompactAddress(try socket.peerAddress)
    self.init(try await Registration.watching(socket, on: loop), peer)
  }

  /// Ends one direction, or both; see `Socket.shutdown`. Corresponds to `shutdown(2)`.
  ///
  /// - Throws: `SocketError` with ENOTCONN (the peer has reset the connection), and as ``LoopSocket/withSocket(_:)``.
  public func shutdown(_ direction: Socket.Direction) throws(SocketError) {
    try registration.lend(.shutdown) { socket throws(SocketError) in try socket.shutdown(direction) }
  }
}
