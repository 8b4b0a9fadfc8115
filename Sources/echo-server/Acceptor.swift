internal import Sockets

/// Decides when to take connections: not above the limit, not while descriptors are short, not once a signal has come.
///
/// While it does not, the listeners are not waited for, and clients wait in their backlogs.
struct Acceptor {
  private let log: Log
  private let limit: Int
  private let allowedUsers: AllowedUsers
  /// The listeners, in the order of their tokens, which begin at 0.
  private var listeners: [ListeningSocket]
  private var isWaitedFor = false
  private var backoff = AcceptBackoff()
  /// When to try again after a shortage.
  private var pausedUntil: Deadline?

  /// How many connections are still taken from a listener at the end: as many as a backlog has room for.
  private static var mostAtLast: Int { 4096 }

  /// The first token that is not a listener's.
  var firstFreeToken: UInt64 { UInt64(listeners.count) }
  /// When ``update(_:open:)`` has to be called even though nothing happened.
  var deadline: Deadline { pausedUntil ?? .never }
  /// Whether the listeners are gone.
  private(set) var isStopped = false

  /// Adds the listeners to a poller, not to be waited for yet.
  init(
    _ listeners: [ListeningSocket], _ poller: inout Poller, _ settings: Settings, _ log: Log
  ) throws(SocketError) {
    self.listeners = listeners
    limit = settings.maximumConnections
    allowedUsers = settings.allowedUsers
    self.log = log
    for (token, listener) in listeners.enumerated() {
      try poller.add(listener.socket, for: [], token: UInt64(token))
    }
  }

  /// Waits for the listeners or leaves them alone, as the number of open connections allows. Where that fails it is
  /// tried again later.
  mutating func update(_ poller: inout Poller, open: Int) {
    guard !isStopped else { return }
    if let pausedUntil, pausedUntil.hasPassed { self.pausedUntil = nil }
    let isWanted = open < limit && pausedUntil == nil
    guard isWanted != isWaitedFor else { return }
    for (token, listener) in listeners.enumerated() {
      do {
        try poller.modify(listener.socket, for: isWanted ? .read : [], token: UInt64(token))
      } catch {
        pausedUntil = .after(backoff.next())
        return log.failed(listener.endpoint, error)
      }
    }
    isWaitedFor = isWanted
  }

  /// Takes the connections that wait at a listener, not more than there is room for. One that cannot be taken on is
  /// closed, and harms no other.
  mutating func accept(
    at token: UInt64, open: Int, _ take: (consuming Accepted) throws(SocketError) -> Void
  ) {
    guard !isStopped else { return }
    // Not for ever: the other sockets want their turn.
    _ = accept(from: listeners[Int(token)], atMost: min(limit - open, 64), take)
  }

  /// Takes connections for as long as there are any, and returns how many were.
  private mutating func accept(
    from listener: ListeningSocket, atMost most: Int, _ take: (consuming Accepted) throws(SocketError) -> Void
  ) -> Int {
    var count = 0
    for _ in 0..<max(most, 0) {
      guard let accepted = accept(from: listener) else { break }
      let peer = accepted.peer
      guard allowedUsers.admit(accepted.socket, peer, log) else { continue }
      do throws(SocketError) {
        // An echo is a small answer that somebody waits for.
        if case .tcp = listener.endpoint { try accepted.socket.set(.noDelay, true) }
        try take(accepted)
        count += 1
      } catch {
        log.failed(peer, error)
        pausedUntil = .after(backoff.next())
        break
      }
    }
    return count
  }

  /// The next connection, or nil where there is none, or none can be taken now.
  private mutating func accept(from listener: ListeningSocket) -> Accepted? {
    do {
      let accepted = try listener.socket.accept(until: .now)
      backoff.reset()
      return accepted
    } catch  where error.errno == .wouldBlock {
      return nil
    } catch {
      pausedUntil = .after(backoff.next())
      log.failed(listener.endpoint, error)
      return nil
    }
  }

  /// A connection has ended, and with it a shortage may have.
  mutating func connectionEnded() {
    pausedUntil = nil
  }

  /// Takes the connections that wait already, as far as there is room for them: to close a listener resets what waits
  /// at it.
  mutating func drain(open: Int, _ take: (consuming Accepted) throws(SocketError) -> Void) {
    var room = limit - open
    for listener in listeners { room -= accept(from: listener, atMost: min(room, Self.mostAtLast), take) }
  }

  /// Closes the listeners, and removes their files.
  mutating func stop(_ poller: inout Poller) {
    // Where this fails, they are closed all the same, and watched no more for that.
    for listener in listeners { try? poller.remove(listener.socket) }
    listeners = []
    pausedUntil = nil
    isStopped = true
  }
}
