internal import EchoSupport
internal import Sockets

/// A thread for each connection, which takes the textbook's steps one after the other, and one that accepts.
struct ThreadServer {
  private let settings: Settings
  private let log: Log

  init(_ settings: Settings) {
    self.settings = settings
    log = settings.log
  }

  /// Serves until a signal has come and what was open is finished or has had its time, or until a second one comes.
  func run(_ sockets: inout [ListeningSocket], _ signals: TerminationSignals, _ watchdog: Watchdog) throws {
    var watchdog = watchdog
    var poller = try Poller()
    var acceptor = try Acceptor(
      sockets.filter { $0.type == .stream }, &poller, settings, log)
    var datagramSockets = sockets.filter { $0.type == .datagram }
    // From here on the acceptor owns the others, and to let go of them is to close them.
    sockets = []
    defer { for socket in datagramSockets { socket.stop() } }
    for socket in datagramSockets { try startThread(owning: socket) { answer($0) } }
    let open = try OpenConnections()
    let signalToken = acceptor.firstFreeToken
    try poller.add(signals.socket, for: .read, token: signalToken)
    try poller.add(open.endings, for: .read, token: signalToken + 1)
    var signalCount = 0
    var events: [Poller.Event] = []
    var end = Deadline.never
    while !acceptor.isStopped || open.count > 0 {
      acceptor.update(&poller, open: open.count)
      try poller.wait(into: &events, until: min(acceptor.deadline, watchdog.deadline, end))
      watchdog.notifyIfDue()
      for event in events {
        if event.token < signalToken {
          acceptor.accept(at: event.token, open: open.count) { accepted in serve(accepted, open) }
        } else if event.token == signalToken {
          signalCount += try signals.count()
        } else if open.haveEnded() {
          acceptor.connectionEnded()
        }
      }
      if signalCount > 1 || end.hasPassed { return }
      if signalCount > 0, !acceptor.isStopped {
        acceptor.drain(open: open.count) { accepted in serve(accepted, open) }
        log.stopping(open: open.count)
        acceptor.stop(&poller)
        if let gracePeriod = settings.gracePeriod { end = .after(gracePeriod) }
        for socket in datagramSockets { socket.stop() }
        // The threads have the last references, and let go of them now.
        datagramSockets = []
      }
    }
  }

  /// Serves one client on a thread of its own. What goes wrong with it ends it alone.
  private func serve(_ accepted: consuming Accepted, _ open: OpenConnections) {
    open.begin()
    let peer = accepted.peer
    let isProxy = settings.proxies.contain(peer)
    if !isProxy { log.accepted(peer, by: peer) }
    do {
      try startThread(owning: accepted) { accepted in
        var introduction: TrustedProxies.Introduction?
        do {
          let socket = accepted.socket
          if isProxy { introduction = try TrustedProxies.receive(from: peer, socket) }
          if let introduction { log.accepted(introduction.client, by: peer) }
          try echo(socket, beginningWith: introduction?.rest ?? [])
          try socket.close()
        } catch let error as SocketError where error.reason == .timedOut {
          // Idle for too long: what was asked for.
        } catch let error as SocketError where introduction?.isAnonymous == true && error.isReset {
          log.passedOver(peer, error)
        } catch {
          log.failed(peer, error)
        }
        // Closed by now, on every path.
        log.ended(peer)
        open.end()
      }
    } catch {
      open.end()
      log.failed(peer, error)
    }
  }

  /// Greets, then receives and sends back until the client sends no more.
  private func echo(_ socket: borrowing Socket, beginningWith bytes: [UInt8]) throws(SocketError) {
    try sendAll(settings.welcome.span, over: socket)
    log.received(bytes.span)
    try sendAll(bytes.span, over: socket)
    // Memory that nothing is written to takes no room: a client that is silent has cost what it has sent.
    var buffer: [UInt8] = []
    buffer.reserveCapacity(65_536)
    while true {
      buffer.removeAll(keepingCapacity: true)
      try buffer.append(addingCapacity: 65_536) { output throws(SocketError) in
        _ = try socket.receive(into: &output, until: idleDeadline)
      }
      if buffer.isEmpty { return }
      log.received(buffer.span)
      try sendAll(buffer.span, over: socket)
    }
  }

  /// Sends everything; the time limit begins anew whenever something moves.
  private func sendAll(_ bytes: Span<UInt8>, over socket: borrowing Socket) throws(SocketError) {
    var sent = 0
    while sent < bytes.count { sent += try socket.send(bytes.extracting(sent...), until: idleDeadline) }
  }

  private var idleDeadline: Deadline {
    settings.idleTimeout.map { .after($0) } ?? .never
  }

  /// Answers datagrams until the server stops.
  private func answer(_ listener: ListeningSocket) {
    let echo = DatagramEcho(listener, log)
    var backoff = AcceptBackoff()
    while !listener.isStopped {
      let interest: Interest = echo.advance() == .receive ? .read : .write
      do {
        _ = try listener.socket.wait(for: interest)
        backoff.reset()
      } catch {
        log.failed(listener.endpoint, error)
        // It may pass, as a shortage does.
        pause(backoff.next())
      }
    }
  }
}
