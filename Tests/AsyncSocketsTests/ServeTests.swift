import AsyncSockets
import Glibc
import Sockets
import Synchronization
import Testing

/// A server that runs until it is stopped.
final class Server: Sendable {
  let address: SocketAddress
  /// The errors that it was told of, and how many of them had a peer.
  let failures: Shared<[any Error]>
  private let task: Task<SocketError?, Never>

  /// Serves with a task for each connection.
  init(
    _ listener: Listener, limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    _ body: @escaping @Sendable (Connection) async throws -> Void
  ) throws {
    address = try listener.localAddress
    let failures = Shared<[any Error]>([])
    self.failures = failures
    task = Task {
      await failure {
        try await listener.serve(
          limits: limits, across: loops, onFailure: { _, error in failures.withLock { $0.append(error) } }, body)
      }
    }
  }

  /// Serves with handlers.
  init<Handler: StreamHandler>(
    _ listener: Listener, limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    handler: @escaping @Sendable (SocketAddress) -> Handler
  ) throws {
    address = try listener.localAddress
    let failures = Shared<[any Error]>([])
    self.failures = failures
    task = Task {
      await failure {
        try await listener.serve(
          limits: limits, across: loops, onFailure: { _, error in failures.withLock { $0.append(error) } },
          handler: handler)
      }
    }
  }

  func cancel() { task.cancel() }

  /// What it ended with.
  var outcome: SocketError? {
    get async { await task.value }
  }

  /// Why each of the failures was.
  var reasons: [SocketError.Reason?] { failures.current.map { ($0 as? SocketError)?.reason } }

  /// Stops it, and says what it ended with.
  func stop() async -> SocketError? {
    cancel()
    return await outcome
  }

  func connect() throws -> Held { Held(try Socket.connected(to: address, until: .after(soon))) }
}

/// Sends back what comes.
@Sendable func echo(_ connection: Connection) async throws {
  while try await connection.receive({ bytes async throws(SocketError) in
    try await connection.sendAll(bytes)
    return !bytes.isEmpty
  }) {}
}

/// The limits with a change.
func limits(_ change: (inout ServiceLimits) -> Void) -> ServiceLimits {
  var limits = ServiceLimits()
  change(&limits)
  return limits
}

@Suite(.timeLimit(.minutes(2))) struct ServeTests {
  @Test("many clients are served at once, on one loop and across several", arguments: Poller.Engine.allCases, [0, 3])
  func many(_ engine: Poller.Engine, _ count: Int) async throws {
    let before = try openSockets()
    do {
      let group = try EventLoopGroup(count: max(count, 1), engine: engine)
      defer { group.stop() }
      let used = Shared<Set<ObjectIdentifier>>([])
      let server = try Server(
        await Listener(at: .loopback(port: 0), on: group.loops[0]), across: count > 0 ? group.loops : []
      ) { connection in
        #expect(connection.loop.isCurrent)
        #expect(
          try connection.withSocket { socket throws(SocketError) in try socket.peerAddress } == connection.peerAddress)
        used.withLock { _ = $0.insert(ObjectIdentifier(connection.loop)) }
        try await echo(connection)
      }
      let clients = try (0..<200).map { _ in try server.connect() }
      for (number, client) in clients.enumerated() { try client.socket.sendAll("client \(number)") }
      for (number, client) in clients.enumerated() {
        #expect(try client.received() == bytes("client \(number)"))
        try client.socket.shutdown(.write)
        #expect(try client.received() == [])
      }
      #expect(await server.stop() == nil)
      #expect(server.failures.current.isEmpty)
      #expect(used.current.count == max(count, 1))
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("several listeners of several kinds are one server", arguments: [false, true])
  func severalListeners(acrossLoops: Bool) async throws {
    let group = try EventLoopGroup(count: 2)
    defer { group.stop() }
    let listeners = [
      try await Listener(at: .loopback(port: 0), on: group.loops[0]),
      try await Listener(at: .ipv6(.loopback, port: 0), on: group.loops[1]),
      try await Listener(at: abstractName(), on: group.loops[1]),
    ]
    let addresses = try listeners.map { try $0.localAddress }
    let task = Task {
      await failure {
        try await Listener.serve(
          listeners, limits: limits { $0.connections = 2 }, across: acrossLoops ? group.loops : [], echo)
      }
    }
    // More than may be served at once, and of all listeners: each gets its turn.
    let clients = try (0..<12).map { Held(try Socket.connected(to: addresses[$0 % 3], until: .after(soon))) }
    let workers = clients.map { client in
      onThread {
        try client.socket.sendAll("x")
        try client.socket.shutdown(.write)
        return try client.receivedAll()
      }
    }
    for worker in workers { #expect(try await worker.value == bytes("x")) }
    task.cancel()
    #expect(await task.value == nil)
    for address in addresses {
      #expect(socketFailure { _ = try Socket.connected(to: address, until: .after(soon)) }?.errno == .connectionRefused)
    }
  }

  @Test("no more connections are open than may be", arguments: Poller.Engine.allCases)
  func connections(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let open = Shared((now: 0, most: 0))
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.connections = 3 }
    ) { connection in
      open.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      defer { open.withLock { $0.now -= 1 } }
      try await echo(connection)
    }
    let clients = try (0..<10).map { _ in try server.connect() }
    for client in clients { try client.socket.sendAll("x") }
    // Those beyond the third wait until another has ended.
    for client in clients[..<3] { #expect(try client.received() == bytes("x")) }
    #expect(
      socketFailure { _ = try clients[3].socket.receive(upTo: 1, until: .after(.milliseconds(20))) }?.reason
        == .timedOut)
    for number in 3..<10 {
      try clients[number - 3].socket.shutdown(.write)
      #expect(try clients[number].received() == bytes("x"))
    }
    for client in clients[7...] { try client.socket.shutdown(.write) }
    #expect(await server.stop() == nil)
    #expect(open.current.most == 3 && open.current.now == 0)
  }

  @Test("a connection on which nothing moves is ended, and one that is used is not", arguments: Poller.Engine.allCases)
  func idleTimeout(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.idleTimeout = .milliseconds(400) }, echo)
    let (idle, used) = (try server.connect(), try server.connect())
    let worker = onThread {
      // Many times as long as nothing may move, all in all.
      for number in 0..<30 {
        try used.socket.sendAll("\(number)")
        guard try used.received() == bytes("\(number)") else { return false }
        _ = try? Held(Kind.unix.pair().0.socket.duplicate()).socket.receive(upTo: 1, until: .after(.milliseconds(20)))
      }
      return true
    }
    let duration = try await elapsed {
      let received = try idle.received()
      #expect(received == [])
    }
    #expect(duration > .milliseconds(300) && duration < .seconds(5))
    #expect(try await worker.value)
    #expect(try used.received() == [])
    #expect(await server.stop() == nil)
    #expect(server.reasons == [.timedOut, .timedOut])
  }

  @Test("one receive, and one send, waits no longer than it may", arguments: Poller.Engine.allCases, [true, false])
  func callTimeouts(_ engine: Poller.Engine, isRead: Bool) async throws {
    let large = pattern(8_000_000)
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop),
      limits: limits { isRead ? ($0.readTimeout = .milliseconds(50)) : ($0.writeTimeout = .milliseconds(50)) }
    ) { connection in
      if isRead {
        _ = try await connection.receive(upTo: 1)
      } else {
        try await connection.sendAll(large)
      }
    }
    let client = try server.connect()
    let outcome = await eventually { server.reasons == [.timedOut] }
    #expect(outcome)
    #expect(try client.receivedAll().count < large.count)
    #expect(await server.stop() == nil)
  }

  @Test("what one task throws touches no other, and is told with its peer")
  func failures() async throws {
    struct Odd: Error {}
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let peers = Shared<[SocketAddress?]>([])
    let listener = try await Listener(at: .loopback(port: 0), on: loop)
    let address = try listener.localAddress
    let task = Task {
      await failure {
        try await listener.serve { peer, error in
          #expect(error is Odd)
          peers.withLock { $0.append(peer) }
        } _: { connection in
          if try await connection.receive(upTo: 1) == bytes("!") { throw Odd() }
          try await connection.sendAll("fine")
        }
      }
    }
    let clients = try (0..<10).map { _ in Held(try Socket.connected(to: address, until: .after(soon))) }
    for (number, client) in clients.enumerated() { try client.socket.sendAll(number % 2 == 0 ? "!" : ".") }
    for (number, client) in clients.enumerated() {
      #expect(try client.receivedAll() == (number % 2 == 0 ? [] : bytes("fine")))
    }
    task.cancel()
    #expect(await task.value == nil)
    let odd = try Set(stride(from: 0, to: 10, by: 2).map { try clients[$0].socket.localAddress })
    #expect(Set(peers.current.compactMap { $0 }) == odd && peers.current.count == 5)
  }

  @Test(
    "a cancelled server takes what waits, lets it end, and cancels the rest after the grace period",
    arguments: Poller.Engine.allCases)
  func grace(_ engine: Poller.Engine) async throws {
    let before = try openSockets()
    do {
      let loop = try EventLoop(engine: engine)
      try loop.start()
      defer { loop.stop() }
      let reasons = Shared<[SocketError.Reason?]>([])
      let server = try Server(
        await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.gracePeriod = .milliseconds(300) }
      ) { connection in
        // The cancellation reaches the task's own calls, those of its children, and what it calls after.
        try await connection.sendAll("hello")
        await withTaskGroup { group in
          group.addTask {
            let error = await failure { try await loop.sleep(until: .never) }
            reasons.withLock { $0.append(error?.reason) }
          }
          let error = await failure { try await echo(connection) }
          reasons.withLock { $0.append(error?.reason) }
          group.cancelAll()
        }
      }
      let (first, second) = (try server.connect(), try server.connect())
      for client in [first, second] { #expect(try client.received() == bytes("hello")) }
      let start = ContinuousClock.now
      server.cancel()
      // Served still.
      for number in 0..<10 {
        try first.socket.sendAll("\(number)")
        #expect(try first.received() == bytes("\(number)"))
      }
      let outcome = await eventually {
        socketFailure { _ = try server.connect() }?.errno == .connectionRefused
      }
      #expect(outcome)
      try first.socket.shutdown(.write)
      #expect(try first.received() == [])
      #expect(try second.received() == [])
      #expect(await server.outcome == nil)
      let duration = ContinuousClock.now - start
      #expect(duration >= .milliseconds(290) && duration < .seconds(5))
      #expect(reasons.current.count == 4)
      #expect(reasons.current.count { $0 == .cancelled } == 3)
    }
    let outcome2 = try await eventually { try openSockets() <= before }
    #expect(outcome2)
  }

  @Test("what waits in the backlog when a server is cancelled is still served")
  func backlogAtEnd() async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let listener = try await Listener(at: .loopback(port: 0), on: loop)
    let address = try listener.localAddress
    let clients = try (0..<50).map { _ in Held(try Socket.connected(to: address, until: .after(soon))) }
    let server = try Server(listener, echo)
    server.cancel()
    for client in clients {
      try client.socket.sendAll("x")
      try client.socket.shutdown(.write)
      #expect(try client.receivedAll() == bytes("x"))
    }
    #expect(await server.outcome == nil)
  }

  @Test("a server without a grace period waits for what is open; one with none of it does not")
  func graceLimits() async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    for period in [nil, Duration.zero] {
      let server = try Server(
        await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.gracePeriod = period }, echo)
      let client = try server.connect()
      try client.socket.sendAll("x")
      #expect(try client.received() == bytes("x"))
      server.cancel()
      if period == nil {
        try client.socket.sendAll("y")
        #expect(try client.received() == bytes("y"))
        try client.socket.shutdown(.write)
      }
      #expect(try client.received() == [])
      #expect(await server.outcome == nil)
    }
  }

  @Test("a server ends when its listeners are closed")
  func listenerClosed() async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let listener = try await Listener(at: .loopback(port: 0), on: loop)
    let server = try Server(listener, echo)
    let client = try server.connect()
    try client.socket.sendAll("x")
    #expect(try client.received() == bytes("x"))
    listener.close()
    try client.socket.sendAll("y")
    #expect(try client.received() == bytes("y"))
    try client.socket.shutdown(.write)
    #expect(await server.outcome == nil)
  }

  @Test(
    "a loop that stops ends its server with an error, and leaves nothing open (trap 5)",
    arguments: Poller.Engine.allCases, [1, 3])
  func loopStopped(_ engine: Poller.Engine, _ count: Int) async throws {
    let before = try openSockets()
    do {
      let group = try EventLoopGroup(count: count, engine: engine)
      let server = try Server(
        await Listener(at: .loopback(port: 0), on: group.loops[0]), across: count > 1 ? group.loops : [], echo)
      let clients = try (0..<20).map { _ in try server.connect() }
      for client in clients {
        try client.socket.sendAll("x")
        #expect(try client.received() == bytes("x"))
      }
      group.stop()
      #expect(await server.outcome?.reason == .loopClosed)
      for client in clients { #expect(try client.received() == []) }
      #expect(server.reasons.count == 20 && server.reasons.allSatisfy { $0 == .loopClosed })
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("a connection that is reset before it is taken harms nobody (trap 12)", arguments: Poller.Engine.allCases)
  func aborted(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let server = try Server(await Listener(at: .loopback(port: 0), on: loop), echo)
    for _ in 0..<50 {
      let client = try Socket.connected(to: server.address, until: .after(soon))
      try client.set(.linger, .zero)
      try client.close()
    }
    let client = try server.connect()
    try client.socket.sendAll("x")
    #expect(try client.received() == bytes("x"))
    try client.socket.shutdown(.write)
    #expect(await server.stop() == nil)
    #expect(server.reasons.allSatisfy { $0 == .errno(.connectionReset) })
  }

  @Test(
    "without a free descriptor a server pauses, harms nobody, and goes on when there is one (trap 13)",
    arguments: [false, true])
  func shortage(handled: Bool) async {
    await #expect(processExitsWith: .success) { [handled] in
      let loop = try EventLoop()
      try loop.start()
      let listener = try await Listener(at: .loopback(port: 0), on: loop)
      let server = handled ? try Server(listener) { _ in EchoHandler() } : try Server(listener, echo)
      let first = try server.connect()
      try first.socket.sendAll("x")
      ensure(try first.received() == bytes("x"))
      let waiting = try (0..<5).map { _ in try Socket(.ipv4, .stream).release() }
      // None is free below 1, whatever the process's other threads open and close meanwhile.
      var limit = rlimit()
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      // The limit is written, and read, before the call returns.
      ensure(unsafe getrlimit(resource, &limit) == 0)
      let most = limit.rlim_cur
      limit.rlim_cur = 1
      // As above.
      ensure(unsafe setrlimit(resource, &limit) == 0)
      let clients = try waiting.map { descriptor in
        let socket = try Socket(adopting: descriptor)
        try socket.connect(to: server.address, until: .after(soon))
        return Held(socket)
      }
      ensure(await eventually { server.reasons.contains(.errno(.tooManyOpenFiles)) })
      // What is open goes on, and the process does not spin: 5, 10, 20, … ms.
      let start = clock()
      for number in 0..<20 {
        try first.socket.sendAll("\(number)")
        ensure(try first.received() == bytes("\(number)"))
        try await loop.sleep(until: .after(.milliseconds(10)))
      }
      ensure(server.reasons.count < 12, "\(server.reasons.count)")
      ensure(clock() - start < 150_000, "\(clock() - start)")
      limit.rlim_cur = most
      // As above.
      ensure(unsafe setrlimit(resource, &limit) == 0)
      for client in clients {
        try client.socket.sendAll("y")
        ensure(try client.received() == bytes("y"))
      }
      ensure(server.reasons.allSatisfy { $0 == .errno(.tooManyOpenFiles) })
      for client in clients + [first] { try client.socket.shutdown(.write) }
      ensure(await server.stop() == nil)
      loop.stop()
    }
  }

  @Test("10,000 connections come and go and leave nothing (trap 5)", arguments: Poller.Engine.allCases, [false, true])
  func tenThousand(_ engine: Poller.Engine, handled: Bool) async throws {
    let before = try openSockets()
    do {
      let group = try EventLoopGroup(count: 2, engine: engine)
      defer { group.stop() }
      // A name, since ports would run out.
      let listener = try await Listener(at: abstractName(), on: group.loops[0])
      let server =
        handled
        ? try Server(listener, across: group.loops) { _ in EchoHandler() }
        : try Server(listener, across: group.loops, echo)
      let address = server.address
      try await withThrowingTaskGroup { clients in
        for worker in 0..<20 {
          clients.addTask(executorPreference: group.loops[worker % 2]) {
            for number in 0..<500 {
              let client = try await Connection.connected(
                to: address, on: group.loops[worker % 2], until: .after(soon))
              try await client.sendAll("\(worker) \(number)", until: .after(soon))
              let answer = try await client.receive(upTo: 100, until: .after(soon))
              #expect(answer == bytes("\(worker) \(number)"))
              // Some end by themselves, and some are ended by the server's seeing it.
              if number % 2 == 0 { try client.shutdown(.write) }
              if number % 4 == 0 {
                let end = try await client.receive(upTo: 1, until: .after(soon))
                #expect(end.isEmpty)
              }
              client.close()
            }
          }
        }
        try await clients.waitForAll()
      }
      #expect(await server.stop() == nil)
      // All of them have gone, with the server and the loops still there.
      #expect(server.failures.current.isEmpty)
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("a server that is cancelled while it lets others have their turn takes no more")
  func drainDuringYield() async throws {
    let loop = try EventLoop()
    let socket = try Held(listening())
    let address = try socket.socket.localAddress
    let clients = try (0..<64).map { _ in Held(try Socket.connected(to: address, until: .after(soon))) }
    let taken = Shared(0)
    let isOver = Shared(false)
    struct Silent: StreamHandler {
      mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) {}
    }
    let task = Task {
      let listener = try await Listener(socket.socket.duplicate(), on: loop)
      try await listener.serve(limits: limits { $0.gracePeriod = nil }) { _ in
        taken.withLock { $0 += 1 }
        return Silent()
      }
    }
    let watcher = Task {
      _ = await task.result
      isOver.withLock { $0 = true }
    }
    let outcome = await onThread {
      let end = Deadline.after(soon)
      while taken.current < 64, !end.hasPassed { _ = try loop.runReady() }
      task.cancel()
      for client in clients { try client.socket.shutdown(.write) }
      while !isOver.current, !end.hasPassed { _ = try loop.runReady() }
      return isOver.current
    }.result
    #expect(try outcome.get())
    loop.stop()
    _ = try? loop.runReady()
    await watcher.value
  }

  @Test("a listener that fails ends the server, after the grace period", arguments: [false, true])
  func listenerFails(withHandlers: Bool) async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let listeners = [
      try await Listener(at: .loopback(port: 0), on: loop), try await Listener(at: .loopback(port: 0), on: loop),
    ]
    let limits = limits { $0.gracePeriod = .milliseconds(50) }
    let outcome = Task {
      await failure {
        if withHandlers {
          try await Listener.serve(listeners, limits: limits) { _ in EchoHandler() }
        } else {
          try await Listener.serve(listeners, limits: limits, echo)
        }
      }
    }
    let client = Held(try Socket.connected(to: listeners[1].localAddress, until: .after(soon)))
    try client.socket.sendAll("x")
    #expect(try client.received() == bytes("x"))
    // Who shuts a listener down has it refuse every accept from then on.
    try listeners[0].withSocket { socket throws(SocketError) in try socket.shutdown(.both) }
    #expect(try client.received() == [])
    #expect(await outcome.value?.errno == .invalidArgument)
  }

  @Test("a second server of one listener hears that it is busy, and the first goes on")
  func secondServer() async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let listener = try await Listener(at: .loopback(port: 0), on: loop)
    let server = try Server(listener, echo)
    let first = try server.connect()
    try first.socket.sendAll("x")
    #expect(try first.received() == bytes("x"))
    let second = try Server(listener, echo)
    #expect(await second.outcome?.reason == .busy)
    let other = try server.connect()
    try other.socket.sendAll("y")
    #expect(try other.received() == bytes("y"))
    #expect(await server.stop() == nil)
  }

  @Test("a server where somebody else accepts hears that it is busy, and leaves that alone")
  func serverBesideAccept() async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let listener = try await Listener(at: .loopback(port: 0), on: loop)
    let accepting = Task(executorPreference: loop) { try await listener.accept().peerAddress }
    // What is given to the loop later runs later: by now that waits.
    await Task(executorPreference: loop) {}.value
    let server = try Server(listener, echo)
    #expect(await server.outcome?.reason == .busy)
    let client = try server.connect()
    let (accepted, local) = (try await accepting.value, try client.socket.localAddress)
    #expect(accepted == local)
    // It can be served from here on.
    let next = try Server(listener, echo)
    let other = try next.connect()
    try other.socket.sendAll("x")
    #expect(try other.received() == bytes("x"))
    #expect(await next.stop() == nil)
  }

  @Test("a server whose listener's loop has ended is still ended by its grace period")
  func graceWithoutLoop() async throws {
    let group = try EventLoopGroup(count: 2)
    defer { group.stop() }
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: group.loops[0]),
      limits: limits { $0.gracePeriod = .milliseconds(50) }, across: [group.loops[1]], echo)
    let client = try server.connect()
    try client.socket.sendAll("x")
    #expect(try client.received() == bytes("x"))
    group.loops[0].stop()
    while !group.loops[0].isStopped { await Task.yield() }
    server.cancel()
    #expect(try client.received() == [])
    #expect(await server.outcome?.reason == .loopClosed)
  }
}
