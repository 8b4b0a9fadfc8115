internal import CSockets

/// What to wait for.
@frozen public struct Interest: OptionSet, Hashable, Sendable {
  /// The bits of poll and epoll.
  public let rawValue: UInt32

  /// The interest with these bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// POLLIN and POLLRDHUP: something can be received, a connection can be accepted, or the peer sends no more.
  public static var read: Interest { Interest(rawValue: CS_POLLIN | CS_POLLRDHUP) }
  /// POLLOUT: something can be sent, or a connect is decided.
  public static var write: Interest { Interest(rawValue: CS_POLLOUT) }
  /// POLLPRI: urgent data.
  public static var urgent: Interest { Interest(rawValue: CS_POLLPRI) }
}

/// What was found: a hint, so that the call that follows may still find nothing.
@frozen public struct Readiness: OptionSet, Hashable, Sendable {
  /// The bits of poll and epoll.
  public let rawValue: UInt32

  /// The readiness with these bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// POLLIN: something can be received, or a connection can be accepted.
  public static var readable: Readiness { Readiness(rawValue: CS_POLLIN) }
  /// POLLOUT: something can be sent, or a connect is decided.
  public static var writable: Readiness { Readiness(rawValue: CS_POLLOUT) }
  /// POLLPRI: urgent data.
  public static var urgent: Readiness { Readiness(rawValue: CS_POLLPRI) }
  /// POLLRDHUP: the peer sends no more; there may still be bytes to receive.
  public static var readClosed: Readiness { Readiness(rawValue: CS_POLLRDHUP) }
  /// POLLHUP: both directions are closed; there may still be bytes to receive. Reported whether asked for or not.
  public static var hangUp: Readiness { Readiness(rawValue: CS_POLLHUP) }
  /// POLLERR: an error waits to be asked for. Reported whether asked for or not.
  public static var error: Readiness { Readiness(rawValue: CS_POLLERR) }

  /// Whether a receive would not wait: there are bytes, the end of the stream, or an error.
  public var canReceive: Bool { !isDisjoint(with: [.readable, .readClosed, .hangUp, .error]) }
  /// Whether a send would not wait: there is room, or an error.
  public var canSend: Bool { !isDisjoint(with: [.writable, .hangUp, .error]) }
}

extension Socket {
  /// Waits until the socket is ready, and says for what; nothing when the deadline passed first. Corresponds to
  /// `ppoll(2)`.
  ///
  /// - Throws: `SocketError` with EBADF or ENOMEM, and EINTR unless `retryOnInterrupt`.
  public borrowing func wait(
    for interest: Interest, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Readiness {
    while true {
      let found = cs_poll_one(descriptor, interest.rawValue, deadline.nanosecondsLeft)
      if found >= 0 { return Readiness(rawValue: UInt32(found)) }
      try SocketError.retryable(.wait, -found, retryOnInterrupt)
    }
  }

  /// Waits before a call that would wait by itself, and throws what that call throws when the deadline passes.
  borrowing func waitBefore(
    _ operation: SocketError.Operation, for interest: Interest, until deadline: Deadline, retryOnInterrupt: Bool
  ) throws(SocketError) {
    let found = try wait(for: interest, until: deadline, retryOnInterrupt: retryOnInterrupt)
    guard !found.isEmpty else { throw SocketError(operation, deadline == .now ? .errno(.wouldBlock) : .timedOut) }
    // An error shows whether asked for or not: the call that follows throws it, or it is in the queue of errors, which
    // shows until somebody reads it. Not to be asked about again and again at once.
    if found == .error { deadline.pause() }
  }

  /// What comes after a system call that returned -errno: this returns when the call is to be made again, and throws
  /// when it is not. Every call that waits goes through here, so that EINTR and EAGAIN mean the same everywhere.
  @usableFromInline @inline(never)
  borrowing func recover(
    from result: Int, _ operation: SocketError.Operation, for interest: Interest, until deadline: Deadline,
    retryOnInterrupt: Bool
  ) throws(SocketError) {
    let errno = Errno(rawValue: Int32(truncatingIfNeeded: 0 - result))
    guard errno == .wouldBlock else {
      return try SocketError.retryable(operation, errno.rawValue, retryOnInterrupt)
    }
    // Without a deadline only a non-blocking descriptor gets here, or one whose SO_RCVTIMEO or SO_SNDTIMEO has passed:
    // that limit is the caller's own.
    let mayWait = if deadline == .never { try isNonBlocking } else { deadline != .now }
    guard mayWait else { throw SocketError(operation, .errno(errno)) }
    // A wait may have ended early, for nothing, and again and again: the time is over all the same.
    guard !deadline.hasPassed else { throw SocketError(operation, .timedOut) }
    try waitBefore(operation, for: interest, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }
}

extension SocketError {
  /// Returns after a signal, when the call is to be made again; throws otherwise. The one place that deals with EINTR.
  static func retryable(_ operation: Operation, _ errno: Int32, _ retryOnInterrupt: Bool) throws(SocketError) {
    guard errno == EINTR, retryOnInterrupt else { throw SocketError(operation, .errno(Errno(rawValue: errno))) }
  }
}
