internal import CSockets

/// Connecting to a name, which may stand for several addresses.
extension Socket {
  /// A new socket that is connected to an endpoint. Where a name stands for several addresses, they are tried as
  /// RFC 8305 (Happy Eyeballs, version 2) says: the versions of IP in turns, a quarter of a second after one another or
  /// as soon as one has failed; the first that answers wins, and the others are closed.
  ///
  /// - Parameters:
  ///   - endpoint: Whom to connect to.
  ///   - local: The address to come from; nil lets the kernel choose.
  ///   - deadline: When to give up. The look-up of a name does not know it: see ``Resolver``.
  /// - Throws: `ConnectError` with the look-up's error, or with what became of each address as
  ///   ``connected(to:_:from:until:)`` throws it.
  public static func connected(
    to endpoint: Endpoint, from local: SocketAddress? = nil, until deadline: Deadline = .never
  ) throws(ConnectError) -> Socket {
    var addresses: [SocketAddress]
    do throws(ResolveError) {
      addresses = try endpoint.resolve()
    } catch {
      throw ConnectError(endpoint: endpoint, resolveError: error)
    }
    addresses = ConnectionRace.reachable(addresses, from: local)
    guard addresses.count == 1 else {
      var race = BlockingRace(endpoint, from: local)
      return try race.run(addresses, until: deadline)
    }
    let start = Deadline.current
    do throws(SocketError) {
      return try connected(to: addresses[0], endpoint.socketType, from: local, until: deadline)
    } catch {
      let attempt = ConnectError.Attempt(
        address: addresses[0], error: error, duration: Deadline.current.duration(since: start))
      throw ConnectError(endpoint: endpoint, attempts: [attempt])
    }
  }
}

/// A ``ConnectionRace`` on the calling thread.
private struct BlockingRace: ~Copyable {
  private let endpoint: Endpoint
  private let local: SocketAddress?
  private var poller = PollEngine()
  private var attempts: [Attempt] = []

  /// One address, and the socket that is being connected to it. A reference, because an array holds no sockets.
  private final class Attempt {
    let address: SocketAddress
    let start = Deadline.current
    var socket: Socket?
    var failure: ConnectError.Attempt?

    init(_ address: SocketAddress) {
      self.address = address
    }

    func fail(_ error: SocketError) {
      socket = nil
      failure = ConnectError.Attempt(
        address: address, error: error.address == nil ? error.done(to: address) : error,
        duration: Deadline.current.duration(since: start))
    }
  }

  init(_ endpoint: Endpoint, from local: SocketAddress?) {
    self.endpoint = endpoint
    self.local = local
  }

  mutating func run(_ addresses: [SocketAddress], until deadline: Deadline) throws(ConnectError) -> Socket {
    var race = ConnectionRace(addresses)
    while true {
      switch race.step(at: .current) {
      case .begin(let address):
        let attempt = Attempt(address)
        attempts.append(attempt)
        if let winner = begin(attempt) { return winner }
        if attempt.failure != nil { race.attemptFailed(at: .current) }
      case .wait(let moment):
        if let winner = wait(until: min(moment, deadline), &race) { return winner }
        guard !deadline.hasPassed else { throw failed() }
      case .giveUp:
        throw failed()
      }
    }
  }

  /// Begins to connect; returns the socket where that is all there is to it.
  private mutating func begin(_ attempt: Attempt) -> Socket? {
    do throws(SocketError) {
      let socket = try Socket(for: attempt.address, endpoint.socketType)
      if let local { try socket.bind(to: local) }
      attempt.socket = consume socket
    } catch {
      attempt.fail(error)
      return nil
    }
    return finish(attempt, isNew: true)
  }

  /// Asks what has become of an attempt; returns the socket where it has succeeded.
  private mutating func finish(_ attempt: Attempt, isNew: Bool) -> Socket? {
    guard let socket = attempt.socket.take() else { return nil }
    do throws(SocketError) {
      try socket.connect(to: attempt.address, until: .now)
      if !isNew { try poller.remove(socket.descriptor) }
      guard endpoint.socketType == .stream, try socket.isConnectedToItself(attempt.address) else {
        return consume socket
      }
      attempt.fail(SocketError(.connect, .errno(.connectionRefused)))
    } catch {
      if error.errno == .inProgress {
        if isNew { try? poller.add(socket.descriptor, .write, UInt64(attempts.count - 1), .level) }
        attempt.socket = consume socket
      } else {
        if !isNew { try? poller.remove(socket.descriptor) }
        attempt.fail(error)
      }
    }
    return nil
  }

  /// Waits for the attempts that are under way; returns the socket of the first that has succeeded.
  private mutating func wait(until deadline: Deadline, _ race: inout ConnectionRace) -> Socket? {
    var events: [Poller.Event] = []
    let found = poller.wait(into: &events, attempts.count, deadline)
    if found < 0, found != -EINTR {
      // Nothing can be heard of any attempt.
      for attempt in attempts where attempt.failure == nil {
        attempt.fail(SocketError(.wait, .errno(Errno(rawValue: -found))))
        race.attemptFailed(at: .current)
      }
    }
    for event in events {
      let attempt = attempts[Int(event.token)]
      if let winner = finish(attempt, isNew: false) { return winner }
      if attempt.failure != nil { race.attemptFailed(at: .current) }
    }
    return nil
  }

  /// The error: those that are still under way have timed out.
  private func failed() -> ConnectError {
    for attempt in attempts where attempt.failure == nil { attempt.fail(SocketError(.connect, .timedOut)) }
    return ConnectError(endpoint: endpoint, attempts: attempts.compactMap { $0.failure })
  }
}
