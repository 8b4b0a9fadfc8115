internal import CSockets

/// Connecting.
extension Socket {
  /// A new socket that is connected to an address; on failure nothing of it is left. Corresponds to `socket(2)`,
  /// `bind(2)` and `connect(2)`.
  ///
  /// A TCP socket that the kernel has by chance connected with itself (nobody listens, and the port it chose for us is
  /// the one we connect to) counts as refused.
  ///
  /// - Parameters:
  ///   - address: Whom to connect to.
  ///   - type: Stream, datagram or sequenced packets.
  ///   - local: The address to come from; nil lets the kernel choose.
  ///   - deadline: When to give up.
  /// - Throws: `SocketError` with the address, and ECONNREFUSED (nobody listens), ENOENT (no such Unix socket), EAGAIN
  ///   (the backlog of a Unix listener is full), EHOSTUNREACH or ENETUNREACH (no way there), ETIMEDOUT (no answer,
  ///   after the kernel's own limit), ``SocketError/Reason/timedOut``.
  public static func connected(
    to address: SocketAddress, _ type: SocketType = .stream, from local: SocketAddress? = nil,
    until deadline: Deadline = .never
  ) throws(SocketError) -> Socket {
    // Go tries three times too: one chance in the size of the port range each.
    for _ in 0..<3 {
      let socket = try Socket(for: address, type)
      if let local { try socket.bind(to: local) }
      try socket.connect(to: address, until: deadline)
      // A port of the caller's own choice may well be meant.
      guard type == .stream, local?.port ?? 0 == 0, try socket.isConnectedToItself(address) else { return socket }
      // Called off rather than closed, which would keep the port: where no other is free, the next try would fail for
      // want of one (EADDRNOTAVAIL).
      _ = cs_connect(socket.descriptor, cs_address_unspecified())
    }
    throw SocketError(.connect, .errno(.connectionRefused)).done(to: address)
  }

  /// Whether a TCP socket has been connected with itself.
  package borrowing func isConnectedToItself(_ address: SocketAddress) throws(SocketError) -> Bool {
    guard address.ip != nil else { return false }
    let local = try localAddress
    guard local.port == address.port else { return false }
    return try local == peerAddress
  }

  /// Connects to an address. Corresponds to `connect(2)`.
  ///
  /// A datagram socket is connected at once: from then on it sends to that address and receives from it alone. A TCP
  /// connect that a deadline ends is called off, and the socket can be connected again. With ``Deadline/now`` it is
  /// only begun (EINPROGRESS); to call this again when the socket is ready for ``Interest/write`` completes it. The
  /// blocking mode is the same afterwards, whether this throws or not.
  ///
  /// - Throws: `SocketError` as ``connected(to:_:from:until:)``, and with EISCONN (connected to another address).
  public borrowing func connect(
    to address: SocketAddress, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    do {
      // A Unix connect waits for room in the backlog only while the descriptor is blocking, and nothing else shows it.
      // All others are waited for like any other call, which takes a descriptor that does not wait by itself.
      let waitsInKernel = address.family == .unix && deadline != .now
      let mode: Bool? = waitsInKernel ? false : deadline == .never ? nil : true
      try withNonBlocking(mode) { () throws(SocketError) in
        if waitsInKernel, deadline != .never {
          try connectWithSendTimeout(address, until: deadline, retryOnInterrupt: retryOnInterrupt)
        } else {
          try connect(address, until: deadline, retryOnInterrupt: retryOnInterrupt)
        }
      }
    } catch {
      throw error.done(to: address)
    }
  }

  /// Dissolves the connection of a datagram socket: it receives from everyone again, and sends to whom it is told. A
  /// TCP connection is reset, and the socket can be connected again. Corresponds to `connect(2)` with AF_UNSPEC.
  ///
  /// - Throws: `SocketError` with EINVAL or EOPNOTSUPP (not this kind of socket).
  public borrowing func disconnect() throws(SocketError) {
    try SocketError.check(.disconnect, cs_connect(descriptor, cs_address_unspecified()))
  }

  /// Connects by the mode that the descriptor has.
  private borrowing func connect(
    _ address: SocketAddress, until deadline: Deadline, retryOnInterrupt: Bool
  ) throws(SocketError) {
    let target = address.kernelForm
    var hasBegun = false
    while true {
      let result = cs_connect(descriptor, target)
      guard result < 0 else { return }
      switch Errno(rawValue: -result) {
      case .isConnected:
        // Success where it is the outcome of this connect, or of one that was begun with this address earlier.
        let isOurs = if hasBegun { true } else { try peerAddress == address }
        guard isOurs else { throw SocketError(.connect, .errno(.isConnected)) }
        return
      case .interrupted where address.family == .unix:
        // A Unix socket was waiting for room in the backlog and has not begun.
        guard retryOnInterrupt else { throw SocketError(.connect, .errno(.interrupted)) }
        continue
      case .interrupted where !retryOnInterrupt:
        throw SocketError(.connect, .errno(.interrupted))
      case .interrupted, .inProgress, .alreadyConnecting:
        // Interrupted or not, the connect goes on without us: to call it again would be EALREADY.
        guard deadline != .now else { throw SocketError(.connect, .errno(.inProgress)) }
        // A blocking connect returns before it is decided only when the caller's own limit (SO_SNDTIMEO) has passed.
        if result == -EINPROGRESS, deadline == .never, try !isNonBlocking {
          throw SocketError(.connect, .errno(.inProgress))
        }
        hasBegun = true
        if try finishConnecting(until: deadline, retryOnInterrupt: retryOnInterrupt) { return }
      default:
        throw SocketError(.connect, .errno(Errno(rawValue: -result)))
      }
    }
  }

  /// Waits until a connect that has begun is decided. False if the socket is writable, has no error, and is still not
  /// connected: then only connect itself can tell.
  private borrowing func finishConnecting(
    until deadline: Deadline, retryOnInterrupt: Bool
  ) throws(SocketError) -> Bool {
    do {
      try waitBefore(.connect, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
    } catch {
      // Called off, so that no connection comes about behind the caller's back.
      if error.reason == .timedOut { _ = cs_connect(descriptor, cs_address_unspecified()) }
      throw error
    }
    let pending = cs_get_int(descriptor, SOL_SOCKET, SO_ERROR)
    try SocketError.check(.connect, pending.result)
    guard pending.value == 0 else { throw SocketError(.connect, .errno(Errno(rawValue: pending.value))) }
    return cs_getpeername(descriptor).result == 0
  }

  /// Waits for room in the backlog of a Unix listener, which a non-blocking connect does not (EAGAIN) and no poll
  /// shows: only the socket's own send timeout ends such a connect. It is put back as it was.
  private borrowing func connectWithSendTimeout(
    _ address: SocketAddress, until deadline: Deadline, retryOnInterrupt: Bool
  ) throws(SocketError) {
    let before = try get(.sendTimeout)
    let outcome = Result { () throws(SocketError) in
      while true {
        // What is left after each signal; in the past, the shortest time that is not "for ever".
        try set(.sendTimeout, max(deadline.timeLeft ?? .zero, .microseconds(1)))
        do throws(SocketError) {
          return try connect(address, until: deadline, retryOnInterrupt: false)
        } catch {
          let isOver = error.errno == .wouldBlock || error.errno == .interrupted && deadline.hasPassed
          if isOver { throw SocketError(.connect, .timedOut) }
          guard error.errno == .interrupted, retryOnInterrupt else { throw error }
        }
      }
    }
    try set(.sendTimeout, before)
    try outcome.get()
  }
}
