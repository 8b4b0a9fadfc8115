import AsyncSockets
import Sockets
import Testing

/// Tells what happens to it.
private struct Witness: StreamHandler {
  let log: Shared<[String]>
  var farewell = false

  mutating func connected(_ output: inout StreamOutput) {
    log.withLock { $0.append("connected") }
    output.send("hello ")
  }
  mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) {
    let text = String(decoding: [UInt8](unsafeOf: bytes), as: UTF8.self)
    log.withLock { $0.append(text) }
    output.send(bytes)
  }
  mutating func ended(_ output: inout StreamOutput) {
    log.withLock { $0.append("ended") }
    if farewell { output.send(" bye") }
  }
  mutating func closed(_ error: SocketError?) {
    log.withLock { $0.append(error.map { "\($0.reason)" } ?? "closed") }
  }
}

/// Answers anything with a lot.
private struct Loud: StreamHandler {
  let answer: [UInt8]
  var closes = false
  mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) {
    output.send(answer.span)
    if closes { output.close() }
  }
}

@Suite(.timeLimit(.minutes(2))) struct StreamHandlerTests {
  @Test("it greets, answers, hears of the end, and is closed once", arguments: Poller.Engine.allCases, Kind.allCases)
  func order(_ engine: Poller.Engine, _ kind: Kind) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let log = Shared<[String]>([])
    let address = kind == .tcp ? SocketAddress.loopback(port: 0) : try abstractName()
    let server = try Server(await Listener(at: address, on: loop)) { _ in Witness(log: log, farewell: true) }
    let client = try server.connect()
    #expect(try client.received() == bytes("hello "))
    try client.socket.sendAll("one")
    #expect(try client.received() == bytes("one"))
    // Data and the end together (trap 28).
    try client.socket.sendAll("two")
    try client.socket.shutdown(.write)
    #expect(try client.receivedAll() == bytes("two bye"))
    #expect(await server.stop() == nil)
    #expect(log.current == ["connected", "one", "two", "ended", "closed"])
    #expect(server.failures.current.isEmpty)
  }

  @Test(
    "megabytes go both ways, however slowly the peer reads (trap 33)", arguments: Poller.Engine.allCases, Kind.allCases)
  func megabytes(_ engine: Poller.Engine, _ kind: Kind) async throws {
    let large = pattern(6_000_000)
    let group = try EventLoopGroup(count: 2, engine: engine)
    defer { group.stop() }
    let address = kind == .tcp ? SocketAddress.loopback(port: 0) : try abstractName()
    let server = try Server(await Listener(at: address, on: group.loops[0]), across: group.loops) { _ in EchoHandler() }
    let workers = try (0..<4).map { number in
      let client = try server.connect()
      let writer = onThread {
        try client.socket.sendAll(large, until: .after(soon))
        try client.socket.shutdown(.write)
      }
      let reader = onThread {
        var all: [UInt8] = []
        while case let more = try client.received(number % 2 == 0 ? 1 << 20 : 10_000), !more.isEmpty { all += more }
        return all == large
      }
      return (writer, reader)
    }
    for (writer, reader) in workers {
      try await writer.value
      #expect(try await reader.value)
    }
    #expect(await server.stop() == nil)
    #expect(server.failures.current.isEmpty)
  }

  @Test(
    "a peer that never reads is read no further, and ends with the server (trap 33)", arguments: Poller.Engine.allCases)
  func backpressure(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.gracePeriod = .milliseconds(50) }
    ) { _ in EchoHandler() }
    let (client, other) = (try server.connect(), try server.connect())
    let large = pattern(64_000_000)
    // It takes no more than the buffers of two sockets hold, and never all.
    let sent = socketFailure { try client.socket.sendAll(large, until: .after(.milliseconds(500))) }
    #expect(sent?.reason == .timedOut)
    // Nobody else is held up.
    try other.socket.sendAll("x")
    #expect(try other.received() == bytes("x"))
    #expect(await server.stop() == nil)
    #expect(server.reasons == [.cancelled, .cancelled])
  }

  @Test("one that answers with more than may be kept is closed (trap 33)", arguments: Poller.Engine.allCases)
  func bufferFull(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let answer = pattern(16_000_000)
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.bufferedBytes = 100_000 }
    ) { _ in Loud(answer: answer) }
    let client = try server.connect()
    try client.socket.sendAll("x")
    let outcome = await eventually { server.reasons == [.bufferFull] }
    #expect(outcome)
    _ = await server.stop()
    #expect(server.reasons == [.bufferFull])
  }

  @Test("close comes after what was sent", arguments: Poller.Engine.allCases, Kind.allCases)
  func close(_ engine: Poller.Engine, _ kind: Kind) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let answer = pattern(9_000_000)
    let address = kind == .tcp ? SocketAddress.loopback(port: 0) : try abstractName()
    let server = try Server(
      await Listener(at: address, on: loop), limits: limits { $0.bufferedBytes = 10_000_000 }
    ) { _ in Loud(answer: answer, closes: true) }
    let client = try server.connect()
    try client.socket.sendAll("x")
    let isWhole = try client.receivedAll() == answer
    #expect(isWhole)
    #expect(await server.stop() == nil)
    #expect(server.failures.current.isEmpty)
  }

  @Test("one that closes at once, before anything has come")
  func closeAtOnce() async throws {
    struct Short: StreamHandler {
      mutating func connected(_ output: inout StreamOutput) {
        output.send("busy")
        output.close()
      }
      mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) { Issue.record("it is closing") }
    }
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let server = try Server(await Listener(at: .loopback(port: 0), on: loop)) { _ in Short() }
    for _ in 0..<100 { #expect(try server.connect().receivedAll() == bytes("busy")) }
    #expect(await server.stop() == nil)
  }

  @Test("a reset is an error of that connection alone (trap 29)", arguments: Poller.Engine.allCases)
  func reset(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let log = Shared<[String]>([])
    let server = try Server(await Listener(at: .loopback(port: 0), on: loop)) { _ in Witness(log: log) }
    let other = try server.connect()
    #expect(try other.received() == bytes("hello "))
    do {
      let client = try server.connect()
      #expect(try client.received() == bytes("hello "))
      try client.socket.set(.linger, .zero)
    }
    let outcome = await eventually { server.reasons == [.errno(.connectionReset)] }
    #expect(outcome)
    try other.socket.sendAll("fine")
    #expect(try other.received() == bytes("fine"))
    try other.socket.shutdown(.write)
    #expect(await server.stop() == nil)
    #expect(
      log.current == [
        "connected", "connected", "\(SocketError.Reason.errno(.connectionReset))", "fine", "ended", "closed",
      ])
  }

  @Test("one on which nothing moves is ended, and one that is used is not", arguments: Poller.Engine.allCases)
  func idleTimeout(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.idleTimeout = .milliseconds(400) }
    ) { _ in EchoHandler() }
    let (idle, used) = (try server.connect(), try server.connect())
    for number in 0..<30 {
      try used.socket.sendAll("\(number)")
      #expect(try used.received() == bytes("\(number)"))
      try await loop.sleep(until: .after(.milliseconds(20)))
    }
    #expect(try idle.received() == [])
    #expect(try used.received() == [])
    #expect(await server.stop() == nil)
    #expect(server.reasons == [.timedOut, .timedOut])
  }

  @Test("what waits in the backlog when the grace period is over is taken and ended", arguments: [0, 2])
  func graceIsOver(_ count: Int) async throws {
    let group = try EventLoopGroup(count: max(count, 1))
    defer { group.stop() }
    let listener = try await Listener(at: .loopback(port: 0), on: group.loops[0])
    let address = try listener.localAddress
    let clients = try (0..<500).map { _ in try Held(Socket.connected(to: address, until: .after(soon))) }
    let log = Shared<[String]>([])
    let server = try Server(
      listener, limits: limits { $0.gracePeriod = .zero }, across: count > 0 ? group.loops : []
    ) { _ in Witness(log: log) }
    // It would wait for those for ever that have begun too late to be found.
    let bound = Task {
      try await Task.sleep(for: soon)
      group.stop()
    }
    server.cancel()
    #expect(await server.outcome == nil)
    bound.cancel()
    // One whose greeting is not read by then is reset for it.
    for client in clients { _ = try? client.receivedAll() }
    #expect(log.current.count { $0 == "cancelled" } == clients.count)
  }

  @Test(
    "a cancelled server lets them end, and ends them after the grace period (trap 5)",
    arguments: Poller.Engine.allCases, [0, 2])
  func grace(_ engine: Poller.Engine, _ count: Int) async throws {
    let before = try openSockets()
    do {
      let group = try EventLoopGroup(count: max(count, 1), engine: engine)
      defer { group.stop() }
      let log = Shared<[String]>([])
      let server = try Server(
        await Listener(at: .loopback(port: 0), on: group.loops[0]),
        limits: limits { $0.gracePeriod = .milliseconds(300) }, across: count > 0 ? group.loops : []
      ) { _ in Witness(log: log) }
      let clients = try (0..<4).map { _ in try server.connect() }
      for client in clients { #expect(try client.received() == bytes("hello ")) }
      let start = ContinuousClock.now
      server.cancel()
      try clients[0].socket.sendAll("still")
      #expect(try clients[0].received() == bytes("still"))
      try clients[0].socket.shutdown(.write)
      for client in clients { #expect(try client.received() == []) }
      #expect(await server.outcome == nil)
      let duration = ContinuousClock.now - start
      #expect(duration >= .milliseconds(290) && duration < .seconds(5))
      #expect(server.reasons == [.cancelled, .cancelled, .cancelled])
      #expect(log.current.count { $0 == "closed" } == 1 && log.current.count { $0 == "cancelled" } == 3)
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("a loop that stops closes them, and leaves nothing open (trap 5)", arguments: Poller.Engine.allCases, [1, 3])
  func loopStopped(_ engine: Poller.Engine, _ count: Int) async throws {
    let before = try openSockets()
    do {
      let group = try EventLoopGroup(count: count, engine: engine)
      let log = Shared<[String]>([])
      let server = try Server(
        await Listener(at: .loopback(port: 0), on: group.loops[0]), across: count > 1 ? group.loops : []
      ) { _ in Witness(log: log) }
      let clients = try (0..<20).map { _ in try server.connect() }
      for client in clients { #expect(try client.received() == bytes("hello ")) }
      group.stop()
      #expect(await server.outcome?.reason == .loopClosed)
      for client in clients { #expect(try client.received() == []) }
      #expect(log.current.count { $0 == "loopClosed" } == 20)
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("no more are open than may be", arguments: Poller.Engine.allCases)
  func connections(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let server = try Server(
      await Listener(at: .loopback(port: 0), on: loop), limits: limits { $0.connections = 2 }
    ) { _ in EchoHandler() }
    let clients = try (0..<6).map { _ in try server.connect() }
    for client in clients { try client.socket.sendAll("x") }
    for client in clients[..<2] { #expect(try client.received() == bytes("x")) }
    #expect(
      socketFailure { _ = try clients[2].socket.receive(upTo: 1, until: .after(.milliseconds(20))) }?.reason
        == .timedOut)
    for number in 2..<6 {
      try clients[number - 2].socket.shutdown(.write)
      #expect(try clients[number].received() == bytes("x"))
    }
    for client in clients[4...] { try client.socket.shutdown(.write) }
    #expect(await server.stop() == nil)
  }

  @Test("a close that SO_LINGER makes wait holds up nobody (trap 27)")
  func linger() async throws {
    struct Lingering: StreamHandler {
      let answer: [UInt8]
      mutating func connected(_ output: inout StreamOutput) {
        try? output.withSocket { socket throws(SocketError) in
          try socket.set(.linger, .seconds(5))
          try socket.set(.sendBufferSize, 1 << 20)
        }
        output.send(answer.span)
        output.close()
      }
      mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) {}
    }
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let answer = pattern(500_000)
    let server = try Server(await Listener(at: .loopback(port: 0), on: loop)) { _ in Lingering(answer: answer) }
    let socket = try Socket(.ipv4, .stream)
    try socket.set(.receiveBufferSize, 4096)
    try socket.connect(to: server.address, until: .after(soon))
    let client = Held(socket)
    let outcome = await eventually { (try? client.socket.receiveQueueSize) ?? 0 > 0 }
    #expect(outcome)
    let duration = try await elapsed {
      for _ in 0..<10 { try await loop.sleep(until: .after(.milliseconds(5))) }
    }
    #expect(duration < .seconds(2))
    // To end it does not take until all has come.
    try client.socket.set(.linger, .zero)
    #expect(await server.stop() == nil)
  }
}
