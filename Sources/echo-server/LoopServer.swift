internal import AsyncSockets
internal import EchoSupport
internal import Sockets
internal import Synchronization

/// Event loops: a task for each connection, or a handler.
final class LoopServer: Sendable {
  private let settings: Settings
  private let usesHandlers: Bool
  private let log: Log
  private let loops: [EventLoop]
  private let limits: ServiceLimits
  private let open = Atomic(0)
  /// Kept until the server is told to stop, for their files.
  private let listening = Mutex<[ListeningSocket]>([])
  private let failure = Mutex<(any Error)?>(nil)

  init(_ settings: Settings, usesHandlers: Bool) throws(SocketError) {
    self.settings = settings
    self.usesHandlers = usesHandlers
    log = settings.log
    var loops: [EventLoop] = []
    for _ in 0..<(settings.loops ?? EventLoopGroup.processorCount) {
      loops.append(try EventLoop(busyPoll: settings.busyPoll))
    }
    self.loops = loops
    var limits = ServiceLimits()
    limits.connections = settings.maximumConnections
    limits.idleTimeout = settings.idleTimeout
    limits.gracePeriod = settings.gracePeriod
    self.limits = limits
  }

  /// Serves until a signal has come and what was open is finished or has had its time, or until a second one comes.
  func run(_ sockets: inout [ListeningSocket], _ signals: TerminationSignals, _ watchdog: Watchdog) throws {
    for loop in loops.dropFirst() { try loop.start() }
    // The server owns them from here on.
    listening.withLock { [sockets] in $0 = sockets }
    sockets = []
    Task(executorPreference: loops[0]) { [self] in
      do {
        try await serve(signals)
      } catch {
        failure.withLock { $0 = error }
      }
      stop()
    }
    Task(executorPreference: loops[0]) { [self] in await tell(watchdog) }
    // This thread is the first loop's.
    try loops[0].run()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func stop() {
    for loop in loops { loop.stop() }
  }

  /// Tells the manager that the server works for as long as each loop runs its tasks: none that hangs is passed over.
  private func tell(_ watchdog: Watchdog) async {
    var watchdog = watchdog
    while watchdog.deadline != .never, (try? await loops[0].sleep(until: watchdog.deadline)) != nil {
      for loop in loops { await Task(executorPreference: loop) {}.value }
      watchdog.notifyIfDue()
    }
  }

  private func serve(_ signals: TerminationSignals) async throws {
    let (listeners, echoes) = try await watch(listening.withLock { $0 })
    let answering = echoes.map { echo in Task(executorPreference: loops[0]) { await echo.run() } }
    let streams = Task(executorPreference: loops[0]) { [self] in try await serveStreams(listeners) }
    let stopping = Task(executorPreference: loops[0]) { [self] in
      let signals = try await Connection(signals.socket.duplicate(), on: loops[0])
      let count = try await self.count(signals)
      // Their files go with them.
      listening.withLock { $0 = [] }
      for task in answering { task.cancel() }
      streams.cancel()
      log.stopping(open: open.load(ordering: .relaxed))
      // The second ends it at once.
      if count == 1 { _ = try await self.count(signals) }
      stop()
    }
    defer { stopping.cancel() }
    // Where no connections can be taken any more, the server ends and says so, whatever datagrams still come.
    try await streams.value
    for task in answering { await task.value }
  }

  /// Waits for signals, and says how many have come.
  private func count(_ signals: Connection) async throws(SocketError) -> Int {
    while true {
      do throws(SocketError) {
        return try await signals.receive(upTo: 16).count
      } catch {
        // What could not be read stays there.
        guard error.isShortage else { throw error }
        try await signals.loop.sleep(until: .after(.milliseconds(10)))
      }
    }
  }

  /// Has the first loop watch other descriptors of the same sockets.
  private func watch(
    _ sockets: [ListeningSocket]
  ) async throws(SocketError) -> (listeners: [Listener], echoes: [LoopDatagramEcho]) {
    var listeners: [Listener] = []
    var echoes: [LoopDatagramEcho] = []
    for socket in sockets {
      if socket.type == .stream {
        listeners.append(try await Listener(socket.socket.duplicate(), on: loops[0]))
      } else {
        echoes.append(try await LoopDatagramEcho(socket, on: loops[0], log))
      }
    }
    return (listeners, echoes)
  }

  private func serveStreams(_ listeners: [Listener]) async throws(SocketError) {
    if usesHandlers {
      try await Listener.serve(listeners, limits: limits, across: loops, onFailure: report) { peer in
        StreamEcho(peer, self)
      }
    } else {
      try await Listener.serve(listeners, limits: limits, across: loops, onFailure: report) { connection in
        try await self.echo(connection)
      }
    }
  }

  /// Tells what has gone wrong, but not that a client was idle for too long, or still there at the end of the grace
  /// period: that was asked for.
  private func report(_ peer: SocketAddress?, _ error: any Error) {
    switch (error as? SocketError)?.reason {
    case .timedOut, .cancelled, .loopClosed: return
    default: break
    }
    if let peer { log.failed(peer, error) } else { log.failed(error) }
  }

  /// Greets, then receives and sends back until the client sends no more.
  @inline(__always)  // One frame less for as long as the connection lasts.
  private func echo(_ connection: Connection) async throws {
    begin()
    defer { end(connection) }
    var isAnonymous = false
    do {
      guard
        var unsent = isProxy(connection)
          ? try await greetIntroduced(connection, &isAnonymous) : try greet(connection)
      else { return }
      repeat {
        if !unsent.isEmpty { try await connection.sendAll(unsent) }
      } while try await echoOnce(connection, &unsent)
    } catch let error as SocketError where isAnonymous && error.isReset {
      passOver(connection, error)
    }
  }

  // What these need would be kept in the task for as long as the connection lasts, were they inlined.

  @inline(never)
  private func isProxy(_ connection: Connection) -> Bool {
    settings.proxies.contain(connection.peerAddress)
  }

  /// Greets a client; returns what the kernel has not taken, or nil where the client is not to be served.
  @inline(never)
  private func greet(_ connection: Connection) throws(SocketError) -> [UInt8]? {
    try greet(connection, as: connection.peerAddress, [])
  }

  /// The same with one that a proxy introduces, and whether that was without an address.
  @inline(never)
  private func greetIntroduced(_ connection: Connection, _ isAnonymous: inout Bool) async throws -> [UInt8]? {
    let introduction = try await TrustedProxies.receive(from: connection)
    isAnonymous = introduction.isAnonymous
    return try greet(connection, as: introduction.client, introduction.rest)
  }

  /// The same with one that this is known of, and that has sent something already.
  private func greet(
    _ connection: Connection, as client: SocketAddress, _ bytes: [UInt8]
  ) throws(SocketError) -> [UInt8]? {
    let isAdmitted = try connection.withSocket { socket throws(SocketError) in
      settings.allowedUsers.admit(socket, connection.peerAddress, log)
    }
    guard isAdmitted else { return nil }
    log.accepted(client, by: connection.peerAddress)
    log.received(bytes.span)
    // An echo is a small answer that somebody waits for.
    if connection.peerAddress.ip != nil {
      try connection.withSocket { socket throws(SocketError) in try socket.set(.noDelay, true) }
    }
    return try connection.sendNow(copyingRestOf: (settings.welcome + bytes).span)
  }

  /// Sends back what comes next, and says what the kernel has not taken, so that the loop's buffer is free while that
  /// waits; false at the end.
  private func echoOnce(_ connection: Connection, _ unsent: inout [UInt8]) async throws(SocketError) -> Bool {
    try await connection.receive { bytes throws(SocketError) in
      guard !bytes.isEmpty else { return false }
      log.received(bytes)
      unsent = try connection.sendNow(copyingRestOf: bytes)
      return true
    }
  }

  @inline(never)
  private func passOver(_ connection: Connection, _ error: SocketError) {
    log.passedOver(connection.peerAddress, error)
  }

  @inline(never)
  private func end(_ connection: Connection) {
    end(connection.peerAddress)
  }

  fileprivate func begin() {
    open.add(1, ordering: .relaxed)
  }

  fileprivate func end(_ peer: SocketAddress) {
    open.subtract(1, ordering: .relaxed)
    log.ended(peer)
  }

  /// The same without a task.
  private struct StreamEcho: StreamHandler {
    private let peer: SocketAddress
    private let server: LoopServer
    private var isOpen = false

    init(_ peer: SocketAddress, _ server: LoopServer) {
      self.peer = peer
      self.server = server
    }

    mutating func connected(_ output: inout StreamOutput) {
      let isAdmitted = try? output.withSocket { socket throws(SocketError) in
        server.settings.allowedUsers.admit(socket, peer, server.log)
      }
      guard isAdmitted == true else { return output.close() }
      isOpen = true
      server.begin()
      server.log.accepted(peer, by: peer)
      // Where it fails, the connection has gone, and the next call says so.
      if peer.ip != nil { try? output.withSocket { socket throws(SocketError) in try socket.set(.noDelay, true) } }
      let welcome = server.settings.welcome
      output.send(welcome.span)
    }

    func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) {
      server.log.received(bytes)
      output.send(bytes)
    }

    func closed(_ error: SocketError?) {
      if isOpen { server.end(peer) }
    }
  }
}
