internal import EchoSupport
internal import Sockets

/// One thread that waits for all sockets at once and never for a single one.
struct PollServer: ~Copyable {
  private let settings: Settings
  private let log: Log
  private var poller: Poller
  private var connections: [UInt64: PolledConnection] = [:]
  private var datagramEchoes: [UInt64: DatagramEcho] = [:]
  private var idleness = IdleQueue()
  /// Counted up and never used again, so that an event of a connection that is gone finds none.
  private var nextToken: UInt64 = 0
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  init(_ settings: Settings) throws(SocketError) {
    self.settings = settings
    log = settings.log
    poller = try Poller()
  }

  /// Serves until a signal has come and what was open is finished or has had its time, or until a second one comes.
  mutating func run(
    _ sockets: inout [ListeningSocket], _ signals: TerminationSignals, _ watchdog: Watchdog
  ) throws(SocketError) {
    var watchdog = watchdog
    var acceptor = try Acceptor(
      sockets.filter { $0.type == .stream }, &poller, settings, log)
    let signalToken = acceptor.firstFreeToken
    try poller.add(signals.socket, for: .read, token: signalToken)
    nextToken = signalToken + 1
    for socket in sockets where socket.type == .datagram {
      try poller.add(socket.socket, for: .read, token: nextToken)
      datagramEchoes[nextToken] = DatagramEcho(socket, log)
      nextToken += 1
    }
    // From here on the acceptor and the echoes own them, and to let go of them is to close them.
    sockets = []
    var signalCount = 0
    var events: [Poller.Event] = []
    var end = Deadline.never
    while !acceptor.isStopped || !connections.isEmpty {
      let openBefore = connections.count
      acceptor.update(&poller, open: openBefore)
      try poller.wait(into: &events, until: min(acceptor.deadline, idleness.deadline, watchdog.deadline, end))
      watchdog.notifyIfDue()
      for event in events {
        if event.token < signalToken {
          acceptor.accept(at: event.token, open: connections.count) { accepted throws(SocketError) in
            try add(accepted)
          }
        } else if event.token == signalToken {
          signalCount += try signals.count()
        } else if let connection = connections[event.token] {
          advance(connection, event.token)
        } else if let echo = datagramEchoes[event.token] {
          let interest: Interest = echo.advance() == .receive ? .read : .write
          if interest != echo.interest {
            try poller.modify(echo.listener.socket, for: interest, token: event.token)
            echo.interest = interest
          }
        }
      }
      for token in idleness.takeDue() {
        guard let connection = connections[token] else { continue }
        if connection.idleDeadline.hasPassed { remove(connection, token) } else { note(connection, token) }
      }
      if connections.count < openBefore { acceptor.connectionEnded() }
      if signalCount > 1 || end.hasPassed { return }
      if signalCount > 0, !acceptor.isStopped {
        acceptor.drain(open: connections.count) { accepted throws(SocketError) in try add(accepted) }
        log.stopping(open: connections.count)
        acceptor.stop(&poller)
        if let gracePeriod = settings.gracePeriod { end = .after(gracePeriod) }
        for echo in datagramEchoes.values { try? poller.remove(echo.listener.socket) }
        datagramEchoes = [:]
      }
    }
  }

  private mutating func add(_ accepted: consuming Accepted) throws(SocketError) {
    log.accepted(accepted.peer, by: accepted.peer)
    let connection = PolledConnection(accepted, greeting: settings.welcome, idleTimeout: settings.idleTimeout)
    let token = nextToken
    nextToken += 1
    try poller.add(connection.socket, for: .read, token: token)
    connections[token] = connection
    note(connection, token)
    advance(connection, token)
  }

  /// Notes when the connection may have been idle for too long.
  private mutating func note(_ connection: PolledConnection, _ token: UInt64) {
    connection.notedDeadline = connection.idleDeadline
    idleness.insert(token, at: connection.notedDeadline)
  }

  /// Moves what can be moved. What goes wrong with one client ends that client alone.
  private mutating func advance(_ connection: PolledConnection, _ token: UInt64) {
    do {
      switch try connection.advance(&buffer, log) {
      case .receive: return try wait(connection, for: .read, token)
      case .send: return try wait(connection, for: .write, token)
      case .end: break
      }
    } catch {
      log.failed(connection.peer, error)
    }
    remove(connection, token)
  }

  /// Has the poller wait for something else, where it is something else: that is a system call.
  private mutating func wait(
    _ connection: PolledConnection, for interest: Interest, _ token: UInt64
  ) throws(SocketError) {
    guard interest != connection.interest else { return }
    try poller.modify(connection.socket, for: interest, token: token)
    connection.interest = interest
  }

  private mutating func remove(_ connection: PolledConnection, _ token: UInt64) {
    // Where this fails, it is closed all the same, and watched no more for that.
    try? poller.remove(connection.socket)
    idleness.remove(token, at: connection.notedDeadline)
    connections[token] = nil
    log.ended(connection.peer)
  }
}
