internal import CSockets

/// A connection, and who is at the other end of it.
@frozen public struct Accepted: ~Copyable, Sendable {
  /// The connection.
  public let socket: Socket
  /// The peer's address; of most Unix clients, ``UnixAddress/unnamed``.
  public let peer: SocketAddress
}

/// Taking connections.
extension Socket {
  /// Starts to take connections, and makes the descriptor non-blocking, so that a connection that is gone again by the
  /// time it is accepted does not keep ``accept(until:retryOnInterrupt:)`` past its deadline. Corresponds to
  /// `listen(2)`.
  ///
  /// - Parameter backlog: How many connections may wait to be accepted, from 0; the kernel takes no more than its own
  ///   limit (`net.core.somaxconn`, 4096).
  /// - Throws: `SocketError` with EADDRINUSE (another socket listens there) or EOPNOTSUPP (not a kind that listens).
  public borrowing func listen(backlog: Int = 4096) throws(SocketError) {
    try SocketError.check(.listen, cs_listen(descriptor, Int32(clamping: max(backlog, 0))))
    try setNonBlocking(true)
  }

  /// Takes the next connection, close-on-exec and blocking. Corresponds to `accept4(2)`.
  ///
  /// A connection that fails before it is taken (ECONNABORTED, EPROTO and the network errors that Linux passes on) is
  /// passed over, and the next one is waited for. On a descriptor that came from elsewhere and is blocking, a
  /// connection that is gone by the time it is accepted is waited for past the deadline; ``setNonBlocking(_:)``
  /// prevents that.
  ///
  /// - Throws: `SocketError` with EMFILE, ENFILE, ENOBUFS or ENOMEM (``SocketError/isShortage``: the connection stays
  ///   in the backlog), EINVAL (not listening), EAGAIN (nobody is there, with ``Deadline/now``),
  ///   ``SocketError/Reason/timedOut``.
  public borrowing func accept(
    until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Accepted {
    // A descriptor that came from elsewhere may be blocking, and accept4 has no flag for one call: look before asking.
    if deadline != .never {
      try waitBefore(.accept, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
    while true {
      do throws(SocketError) {
        return try acceptOnce(retryOnInterrupt: retryOnInterrupt)
      } catch  where error.errno == .wouldBlock {
        try recover(
          from: -Int(EAGAIN), .accept, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
      }
    }
  }

  /// Takes the next connection without looking first whether there is one, from a listener that is non-blocking.
  package borrowing func acceptOnce(retryOnInterrupt: Bool = true) throws(SocketError) -> Accepted {
    while true {
      let accepted = cs_accept(descriptor)
      guard accepted.result < 0 else {
        return Accepted(socket: Socket(owning: accepted.result), peer: SocketAddress(accepted.peer))
      }
      if Self.concernsOneConnection(Errno(rawValue: -accepted.result)) { continue }
      try SocketError.retryable(.accept, -accepted.result, retryOnInterrupt)
    }
  }

  /// Whether accept failed because of the connection it would have returned: `accept(2)` says to treat these as if
  /// nobody had been there.
  private static func concernsOneConnection(_ errno: Errno) -> Bool {
    switch errno {
    case .connectionAborted, .protocolError, .networkDown, .noSuchOption, .hostUnreachable, .networkUnreachable: true
    case Errno(rawValue: EHOSTDOWN): true
    default: false
    }
  }
}

/// How long to leave a listener alone after ``Socket/accept(until:retryOnInterrupt:)`` failed for want of descriptors
/// or memory: 5 ms, then twice as long each time, 1 s at most.
///
/// The connection stays in the backlog and the listener stays readable, so that to ask again at once would spin.
public struct AcceptBackoff: Sendable {
  private static var first: Duration { .milliseconds(5) }
  private static var longest: Duration { .seconds(1) }
  private var delay = first

  /// A backoff that has not failed yet.
  public init() {}

  /// How long to wait after one more failure.
  public mutating func next() -> Duration {
    defer { delay = min(delay + delay, Self.longest) }
    return delay
  }

  /// Begins again, after a success.
  public mutating func reset() {
    delay = Self.first
  }
}
