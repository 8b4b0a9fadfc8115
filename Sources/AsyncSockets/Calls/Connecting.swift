public import Sockets

/// Connecting.
extension Connection {
  /// A new connection to an address. Corresponds to `socket(2)`, `bind(2)` and `connect(2)`.
  ///
  /// - Parameters:
  ///   - address: Whom to connect to.
  ///   - type: A stream, or sequenced packets.
  ///   - local: The address to come from; nil lets the kernel choose.
  ///   - loop: The loop that watches it from then on.
  ///   - deadline: When to give up.
  /// - Throws: `SocketError` with the address, as `Socket.connected`, and as every call of a ``LoopSocket``.
  public static func connected(
    to address: SocketAddress, _ type: SocketType = .stream, from local: SocketAddress? = nil, on loop: EventLoop,
    until deadline: Deadline = .never
  ) async throws(SocketError) -> Connection {
    var pause = Duration.milliseconds(1)
    while true {
      do throws(SocketError) {
        return try await connectedOnce(to: address, type, from: local, on: loop, until: deadline)
      } catch {
        // The backlog of a Unix listener is full, and nothing tells when it is not: asked again at longer and longer
        // intervals.
        let isFull = address.family == .unix && error.errno == .wouldBlock && deadline != .now
        guard isFull else { throw error.done(to: address) }
        guard !deadline.hasPassed else { throw SocketError(.connect, .timedOut).done(to: address) }
        do throws(SocketError) {
          try await loop.sleep(until: min(deadline, .after(pause)))
        } catch {
          throw SocketError(.connect, error.reason).done(to: address)
        }
        pause = min(pause + pause, .milliseconds(50))
      }
    }
  }

  private static func connectedOnce(
    to address: SocketAddress, _ type: SocketType, from local: SocketAddress?, on loop: EventLoop,
    until deadline: Deadline
  ) async throws(SocketError) -> Connection {
    // Go tries three times too: one chance in the size of the port range each.
    for _ in 0..<3 {
      let socket = try Socket(for: address, type)
      if let local { try socket.bind(to: local) }
      let registration = try await Registration.connecting(socket, to: address, on: loop, until: deadline)
      // A port of the caller's own choice may well be meant.
      let isOwnPort = local?.port ?? 0 != 0
      let isLoop = try registration.lend(.connect) { socket throws(SocketError) in
        guard type == .stream, !isOwnPort, try socket.isConnectedToItself(address) else { return false }
        // Called off rather than closed, which would keep the port.
        try socket.disconnect()
        return true
      }
      if !isLoop { return Connection(registration, CompactAddress(address)) }
    }
    throw SocketError(.connect, .errno(.connectionRefused))
  }
}

extension Registration {
  /// Connects a socket, waiting on a loop.
  fileprivate static func connecting(
    _ socket: consuming Socket, to address: SocketAddress, on loop: EventLoop, until deadline: Deadline
  ) async throws(SocketError) -> Registration {
    // What a connect that is begun leaves to be waited for, is told when the socket becomes ready to send.
    let isBegun = try isBegun(socket, address)
    let registration = try await watching(socket, on: loop)
    guard isBegun else { return registration }
    try await registration.call(.write, .connect, until: deadline) { socket throws(SocketError) in
      do throws(SocketError) {
        try socket.connect(to: address, until: .now)
      } catch  where error.errno == .inProgress {
        throw SocketError(.connect, .errno(.wouldBlock))
      }
    }
    return registration
  }

  /// Begins to connect; whether there is more to it.
  private static func isBegun(_ socket: borrowing Socket, _ address: SocketAddress) throws(SocketError) -> Bool {
    do throws(SocketError) {
      try socket.connect(to: address, until: .now)
      return false
    } catch  where error.errno == .inProgress {
      return true
    }
  }
}
