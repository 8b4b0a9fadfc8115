import AsyncSockets
import Foundation
import Glibc
import Sockets
import Synchronization
import Testing

/// What a host that waits with poll(2) does for a loop.
private struct Host {
  let loop: EventLoop
  /// How often it was woken.
  private(set) var turns = 0

  init(_ loop: EventLoop) { self.loop = loop }

  /// Goes on until the condition holds or the loop has ended; returns whether it goes on, or nil where nothing came.
  mutating func run(usingDescriptor: Bool, until isDone: () -> Bool) throws -> Bool? {
    let end = Deadline.after(soon)
    let descriptor = usingDescriptor ? try loop.waitDescriptor : -1
    while try loop.runReady() {
      turns += 1
      if isDone() { return true }
      guard !end.hasPassed else { return nil }
      if usingDescriptor {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // One, that lives as long as the call.
        guard unsafe poll(&waited, 1, 5000) > 0 else { return nil }
      } else {
        // Events come at any time: looked for as often as a host that cannot wait for them would.
        let left = loop.nextDeadline.timeLeft ?? .milliseconds(1)
        // No descriptors at all.
        _ = poll(nil, 0, left > .zero ? 1 : 0)
      }
    }
    return false
  }
}

@Suite(.timeLimit(.minutes(1))) struct EmbeddingTests {
  /// With poll there is no descriptor to wait for.
  private static let ways: [(Poller.Engine, Bool)] = [(.epoll, true), (.epoll, false), (.poll, false)]

  @Test("timers, tasks from other threads, and sockets go on while the host runs it", arguments: ways)
  func host(_ engine: Poller.Engine, usingDescriptor: Bool) throws {
    let loop = try EventLoop(engine: engine)
    var host = Host(loop)
    let thread = pthread_self()
    let done = Shared(0)
    let listener = try listening()
    let address = try listener.localAddress
    let socket = try Held(listener.duplicate())
    for number in 1...5 {
      Task(executorPreference: loop) {
        try await loop.sleep(until: .after(.milliseconds(10 * number)))
        #expect(loop.isCurrent && pthread_equal(thread, pthread_self()) != 0)
        done.withLock { $0 += 1 }
      }
    }
    Task.detached {
      for _ in 0..<100 { await Task(executorPreference: loop) { #expect(loop.isCurrent) }.value }
      done.withLock { $0 += 1 }
    }
    Task(executorPreference: loop) {
      let server = try await Listener(socket.socket.duplicate(), on: loop)
      let connection = try await server.accept(until: .after(soon))
      try await echo(connection)
      done.withLock { $0 += 1 }
    }
    Task(executorPreference: loop) {
      let client = try await Connection.connected(to: address, on: loop, until: .after(soon))
      for number in 0..<100 {
        try await client.sendAll("\(number)")
        #expect(try await client.receive(upTo: 9, until: .after(soon)) == bytes("\(number)"))
      }
      client.close()
      done.withLock { $0 += 1 }
    }
    #expect(try host.run(usingDescriptor: usingDescriptor) { done.current == 8 } == true)
    #expect(loop.nextDeadline == .never)
    // It is ended by another thread, and its tasks with it.
    let ended = Shared<SocketError.Reason?>(nil)
    Task(executorPreference: loop) {
      Task.detached { loop.stop() }
      let reason = await failure { try await loop.sleep(until: .never) }?.reason
      ended.withLock { $0 = reason }
    }
    #expect(try host.run(usingDescriptor: usingDescriptor) { false } == false)
    #expect(ended.current == .loopClosed)
    #expect(loop.isStopped && !loop.isCurrent)
    #expect(try !loop.runReady())
    #expect(socketFailure { try loop.run() }?.errno == .alreadyConnecting)
  }

  @Test("a loop with nothing to do does not wake its host")
  func quiet() throws {
    let loop = try EventLoop()
    var host = Host(loop)
    let isDone = Shared(false)
    Task(executorPreference: loop) {
      try await loop.sleep(until: .after(.milliseconds(300)))
      isDone.withLock { $0 = true }
    }
    #expect(try host.run(usingDescriptor: true) { isDone.current } == true)
    #expect(host.turns < 20)
    // Nothing is left that would wake it.
    var waited = pollfd(fd: try loop.waitDescriptor, events: Int16(POLLIN), revents: 0)
    _ = try loop.runReady()
    // One, that lives as long as the call.
    #expect(unsafe poll(&waited, 1, 20) == 0)
    #expect(loop.nextDeadline == .never)
    loop.stop()
    // As above.
    #expect(unsafe poll(&waited, 1, 1000) == 1)
    #expect(try !loop.runReady())
  }

  @Test("nextDeadline is when the next timer is due")
  func nextDeadline() throws {
    let loop = try EventLoop(engine: .poll)
    #expect(loop.nextDeadline == .never)
    #expect(socketFailure { _ = try loop.waitDescriptor }?.errno == .noSuchCall)
    let deadline = Deadline.after(.seconds(100))
    let task = Task(executorPreference: loop) {
      await failure { try await loop.sleep(until: deadline) }?.reason
    }
    var host = Host(loop)
    #expect(try host.run(usingDescriptor: false) { loop.nextDeadline == deadline } == true)
    task.cancel()
    #expect(try host.run(usingDescriptor: false) { loop.nextDeadline == .never } == true)
  }

  @Test("a loop is run by one thread at a time")
  func twice() async throws {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    await withTaskExecutorPreference(loop) {}
    #expect(socketFailure { _ = try loop.runReady() }?.errno == .alreadyConnecting)
    let embedded = try EventLoop()
    #expect(try embedded.runReady())
    #expect(socketFailure { try embedded.run() }?.errno == .alreadyConnecting)
  }

  @Test("a task of the loop's own cannot run the loop")
  func reentrant() async throws {
    let loop = try EventLoop()
    let outcome = Shared<Errno?>(nil)
    Task(executorPreference: loop) {
      let errno = socketFailure { _ = try loop.runReady() }?.errno
      outcome.withLock { $0 = errno }
    }
    for _ in 0..<3 { _ = try loop.runReady() }
    #expect(outcome.current == .alreadyConnecting)
  }

  @Test("another thread cannot run the loop meanwhile")
  func concurrent() async throws {
    let loop = try EventLoop()
    let outcome = Shared<Errno?>(nil)
    Task(executorPreference: loop) {
      let isDone = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        let errno = socketFailure { _ = try loop.runReady() }?.errno
        outcome.withLock { $0 = errno }
        isDone.signal()
      }
      Self.wait(for: isDone)
    }
    for _ in 0..<3 { _ = try loop.runReady() }
    #expect(outcome.current == .alreadyConnecting)
    #expect(try loop.runReady())
  }

  /// (A semaphore is not for a function that is async: here it is meant to hold the thread up.)
  private static func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }
}

@Suite(.timeLimit(.minutes(1))) struct BusyPollTests {
  @Test("a loop that polls answers, and sleeps when nothing comes", arguments: Poller.Engine.allCases)
  func sleeps(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine, busyPoll: .microseconds(200))
    try loop.start()
    defer { loop.stop() }
    let server = try Server(await Listener(at: .loopback(port: 0), on: loop), echo)
    let client = try server.connect()
    for number in 0..<200 {
      try client.socket.sendAll("\(number)")
      #expect(try client.received() == bytes("\(number)"))
    }
    let used = try await Task(executorPreference: loop) {
      try await processorTime(of: .milliseconds(300), on: loop)
    }.value
    // Once before it sleeps and once after, with time to spare for a machine that is busy.
    #expect(used < .milliseconds(50))
    try client.socket.sendAll("after")
    #expect(try client.received() == bytes("after"))
    try client.socket.shutdown(.write)
    #expect(await server.stop() == nil)
  }

  @Test("a loop that polls for long hears timers, tasks and its end in time")
  func polls() async throws {
    let loop = try EventLoop(busyPoll: .seconds(30))
    try loop.start()
    let duration = try await elapsed {
      try await loop.sleep(until: .after(.milliseconds(5)))
      for _ in 0..<100 { await Task(executorPreference: loop) { #expect(loop.isCurrent) }.value }
      let waiting = Task(executorPreference: loop) { await failure { try await loop.sleep(until: .never) }?.reason }
      loop.stop()
      #expect(await waiting.value == .loopClosed)
    }
    #expect(duration < .seconds(5))
  }
}
