import AsyncSockets
import Glibc
import Sockets
import Testing

/// What is easily forgotten: nothing to do, times that are over, numbers at their ends.
@Suite(.timeLimit(.minutes(1))) struct EdgeTests {
  @Test("no room to receive into, and nothing to send, is no call that waits, on the loop either (trap 15)")
  func empty() async throws {
    try await withLoop { loop in
      let (connection, quiet) = try await Kind.unix.joined(on: loop)
      let received = await failure {
        var none: [UInt8] = []
        var span = none.mutableSpan
        try await connection.receiveExactly(into: &span, until: .after(.milliseconds(100)))
      }
      #expect(received == nil)
      // Where there is no room to send it neither.
      let (full, peer) = try await Kind.unix.joined(on: loop, sendBuffer: 8192)
      let large = await failure { try await full.sendAll(pattern(1_000_000), until: .after(.milliseconds(10))) }
      #expect(large?.reason == .timedOut)
      let sent = await failure {
        var nothing = SendBuffers<2>()
        try await full.sendAll(&nothing, until: .after(.milliseconds(100)))
      }
      #expect(sent == nil)
      _ = (peer, quiet)
    }
  }

  @Test("a deadline that has passed tries once, on the loop as off it", arguments: [true, false])
  func passed(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      try peer.socket.sendAll("x")
      #expect(try await connection.receive(upTo: 1, until: .after(.seconds(-1))) == bytes("x"))
    }
  }

  @Test("a host that asks for the descriptor after the first turn is still woken by timers")
  func lateDescriptor() throws {
    let loop = try EventLoop()
    let isDone = Shared(false)
    Task(executorPreference: loop) {
      try await loop.sleep(until: .after(.milliseconds(100)))
      isDone.withLock { $0 = true }
    }
    while loop.nextDeadline == .never || loop.nextDeadline == .now { _ = try loop.runReady() }
    var waited = pollfd(fd: try loop.waitDescriptor, events: Int16(POLLIN), revents: 0)
    // One, that lives as long as the call.
    #expect(unsafe poll(&waited, 1, 2000) == 1)
    while !isDone.current, try loop.runReady() {}
    loop.stop()
    _ = try loop.runReady()
  }

  @Test("lines may have no limit at all")
  func endlessLimit() async {
    await #expect(processExitsWith: .success) {
      try await withLoop { loop in
        let (connection, peer) = try await Kind.unix.joined(on: loop)
        try peer.socket.sendAll("no feed")
        try peer.socket.shutdown(.write)
        var lines = connection.lines(ofAtMost: .max).makeAsyncIterator()
        let line = try await lines.next()
        ensure(line == bytes("no feed"))
      }
    }
  }

  @Test("a server that is cancelled while descriptors are short ends as ever (trap 13)")
  func shortageAtEnd() async {
    await #expect(processExitsWith: .success) {
      let loop = try EventLoop()
      try loop.start()
      let listener = try await Listener(at: .loopback(port: 0), on: loop)
      let server = try Server(listener, echo)
      let client = try Socket(.ipv4, .stream)
      // None is free below 1, whatever the process's other threads open and close meanwhile.
      var limit = rlimit()
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      // The limit is written, and read, before the call returns.
      ensure(unsafe getrlimit(resource, &limit) == 0)
      limit.rlim_cur = 1
      // As above.
      ensure(unsafe setrlimit(resource, &limit) == 0)
      try client.connect(to: server.address, until: .after(soon))
      let isShort = await eventually { server.reasons.contains(.errno(.tooManyOpenFiles)) }
      ensure(isShort)
      let outcome = await server.stop()
      ensure(outcome == nil, "\(outcome!)")
      loop.stop()
    }
  }
}
