public import Sockets

/// A socket that takes connections, on an event loop.
///
/// ```swift
/// let listener = try await Listener(at: .ipv4(.loopback, port: 8000), on: loop)
/// try await listener.serve { connection in
///   for try await chunk in connection.chunks() { try await connection.sendAll(chunk) }
/// }
/// ```
public final class Listener: LoopSocket, @unchecked Sendable {
  /// Has a loop watch a socket that listens already. It is made non-blocking.
  ///
  /// - Parameters:
  ///   - socket: The socket, which is closed on failure.
  ///   - loop: The loop; the call waits until it runs.
  /// - Throws: `SocketError` with ``Sockets/SocketError/Reason/loopClosed``, or ENOMEM or ENOSPC (the system cannot
  ///   watch it).
  public convenience init(_ socket: consuming Socket, on loop: EventLoop) async throws(SocketError) {
    try socket.setNonBlocking(true)
    self.init(try await Registration.watching(socket, on: loop))
  }

  /// Listens at an address; port 0 lets the system choose, and ``LoopSocket/localAddress`` tells which.
  ///
  /// - Parameters:
  ///   - address: Where to listen.
  ///   - backlog: How many connections may wait to be taken; see `Socket.listen`.
  ///   - loop: The loop; the call waits until it runs.
  /// - Throws: `SocketError` with the address, as `Socket.bind` and `Socket.listen`, and as
  ///   ``init(_:on:)-(Socket,_)``.
  public convenience init(
    at address: SocketAddress, backlog: Int = 4096, on loop: EventLoop
  ) async throws(SocketError) {
    let socket = try Socket(for: address, .stream)
    // The connections of a server that was just stopped are still closing, and hold the port.
    if address.family != .unix { try socket.set(.reuseAddress, true) }
    try socket.bind(to: address)
    try socket.listen(backlog: backlog)
    try await self.init(socket, on: loop)
  }

  /// Takes the next connection, on the same loop. Corresponds to `accept4(2)`.
  ///
  /// - Throws: `SocketError` as `Socket.accept`, and as every call of a ``LoopSocket``.
  public func accept(until deadline: Deadline = .never) async throws(SocketError) -> Connection {
    let accepted = try await registration.call(.read, .accept, until: deadline) { socket throws(SocketError) in
      try socket.acceptOnce()
    }
    let peer = CompactAddress(accepted.peer)
    return Connection(try await Registration.watching(accepted.socket, on: loop), peer)
  }

  /// Takes the next connection, for whichever loop.
  ///
  /// - Parameters:
  ///   - deadline: When to give up.
  ///   - admit: Asked when there may be one, whether it is to be taken.
  ///   - dismiss: Called when there was none after all.
  /// - Returns: The connection, or nil where none was admitted.
  func acceptSocket(
    until deadline: Deadline = .never, admit: () -> Bool, dismiss: () -> Void
  ) async throws(SocketError) -> Accepted? {
    try await registration.call(.read, .accept, until: deadline) { socket throws(SocketError) in
      guard admit() else { return nil }
      do throws(SocketError) {
        return try socket.acceptOnce()
      } catch {
        dismiss()
        throw error
      }
    }
  }
}
