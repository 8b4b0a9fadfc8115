public import Sockets

/// A socket that an event loop watches: what connections, listeners and datagram sockets have in common.
///
/// Calls can be made from any task, and cost least on the loop's own thread. One at a time may receive and one may
/// send; a second one, while the first is under way, throws ``Sockets/SocketError/Reason/busy``. Where its task is
/// cancelled a call throws ``Sockets/SocketError/Reason/cancelled``, but only where it would wait: what is there
/// already is still received.
///
/// It is closed by ``close()``, or when nobody refers to it any more.
public class LoopSocket: @unchecked Sendable {
  // It is all that there is, and never changes.
  @usableFromInline let registration: Registration

  init(_ registration: consuming Registration) {
    self.registration = registration
  }

  /// The loop that watches it.
  public final var loop: EventLoop { registration.loop }

  /// Closes the socket, at once or when the calls that are under way have ended, which those that wait do with
  /// ``Sockets/SocketError/Reason/closed``. It does not wait: where SO_LINGER asks for that, another thread does, if
  /// one is to be had. Every later call throws ``Sockets/SocketError/Reason/closed``.
  public final func close() {
    registration.close()
  }

  /// The address that it is bound to, such as the port that the system has chosen. Corresponds to `getsockname(2)`.
  ///
  /// - Throws: `SocketError` as ``withSocket(_:)``, and with ENOBUFS (no memory).
  public final var localAddress: SocketAddress {
    get throws(SocketError) {
      try withSocket { socket throws(SocketError) in try socket.localAddress }
    }
  }

  /// Reports whether ``close()`` has been called.
  public final var isClosed: Bool { registration.isClosed }

  /// Lends the socket to a function, for its options, its addresses and whatever else does not wait.
  ///
  /// ```swift
  /// try connection.withSocket { socket throws(SocketError) in try socket.set(.noDelay, true) }
  /// ```
  ///
  /// - Throws: `SocketError` with ``Sockets/SocketError/Reason/closed``; of a connection that is served, with
  ///   ``Sockets/SocketError/Reason/cancelled`` once the server has ended it, and with
  ///   ``Sockets/SocketError/Reason/timedOut`` once it was idle for too long; and what the function throws.
  public final func withSocket<R: ~Copyable>(
    _ body: (borrowing Socket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try registration.lend(.wait, body)
  }
}
