public import Sockets

/// A connected socket on an event loop: one task at a time may receive from it, and one may send.
///
/// A second call that receives, while one is under way, throws ``SocketError/Reason/busy``, as a second one that sends
/// does. Calls can be made from any task, and cost least on the loop's own thread. Where the task is cancelled they
/// throw ``SocketError/Reason/cancelled``, but only when they would wait: what is there already is still received.
///
/// The socket is closed by ``close()``, or when nobody refers to the connection any more.
public final class Connection: Sendable {
  let registration: Registration

  init(_ registration: consuming Registration) {
    self.registration = registration
  }

  /// Has a loop watch a socket that is connected already, or that connects by itself.
  ///
  /// - Parameters:
  ///   - socket: The socket, which is closed on failure. Its blocking mode does not matter.
  ///   - loop: The loop, which must be running, or be run later.
  /// - Throws: `SocketError` with ``SocketError/Reason/loopClosed``, or ENOMEM or ENOSPC (the system cannot watch it).
  public init(_ socket: consuming Socket, on loop: EventLoop) async throws(SocketError) {
    registration = try await Registration.watching(socket, on: loop)
  }

  /// The loop that watches it.
  public var loop: EventLoop { registration.loop }

  /// Closes the connection, at once or when the calls that are under way have ended, which those that wait do with
  /// ``SocketError/Reason/closed``. It never waits: where SO_LINGER asks for that, another thread does. Every later call
  /// throws ``SocketError/Reason/closed``.
  public func close() {
    registration.close()
  }

  /// Reports whether ``close()`` has been called.
  public var isClosed: Bool { registration.isClosed }

  /// Lends the socket to a function, for its options, its addresses and whatever else does not wait.
  ///
  /// ```swift
  /// try connection.withSocket { socket throws(SocketError) in try socket.set(.noDelay, true) }
  /// ```
  ///
  /// - Throws: `SocketError` with ``SocketError/Reason/closed``, and what the function throws.
  public func withSocket<R: ~Copyable>(
    _ body: (borrowing Socket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try registration.lend(.wait, body)
  }
}
