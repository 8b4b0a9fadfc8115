import AsyncSockets
import Glibc
import Sockets
import Synchronization
import Testing

/// Long enough for anything that happens at all.
let soon = Duration.seconds(10)

/// Runs a test on a loop with a thread of its own, which ends with it.
func withLoop<R: Sendable>(
  _ engine: Poller.Engine = .epoll, _ body: @escaping @concurrent @Sendable (EventLoop) async throws -> R
) async throws -> R {
  let loop = try EventLoop(engine: engine)
  try loop.start()
  defer { loop.stop() }
  return try await withTaskExecutorPreference(loop) { try await body(loop) }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func withLock<R: Sendable>(_ body: @Sendable (inout sending Value) -> sending R) -> R { value.withLock(body) }
  var current: Value { value.withLock { $0 } }
}

/// Why a call failed, or nil where it did not.
func reason(_ body: () async throws(SocketError) -> Void) async -> SocketError.Reason? {
  do throws(SocketError) {
    try await body()
    return nil
  } catch {
    return error.reason
  }
}

/// Work that several tasks do one after the other.
private actor Desk {
  /// Keeps the thread until the condition holds.
  func occupy(until isDone: () -> Bool) {
    while !isDone() { sched_yield() }
  }

  /// Sleeps, and says how that ended.
  func sleep(on loop: EventLoop) async -> SocketError.Reason? {
    await failure { try await loop.sleep(until: .after(.milliseconds(1))) }?.reason
  }
}

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
  @Test("tasks with a preference for it run on its thread, and their children too", arguments: Poller.Engine.allCases)
  func thread(_ engine: Poller.Engine) async throws {
    try await withLoop(engine) { loop in
      #expect(loop.isCurrent)
      await withTaskGroup { group in
        for _ in 0..<100 {
          group.addTask {
            for _ in 0..<10 {
              #expect(loop.isCurrent)
              await Task.yield()
            }
          }
        }
      }
    }
    let loop = try EventLoop()
    #expect(!loop.isCurrent)
  }

  @Test(
    "calls that sleep go on when it is time, from any thread, and on the loop in the order of their deadlines",
    arguments: Poller.Engine.allCases)
  func sleep(_ engine: Poller.Engine) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    let order = Shared<[Int]>([])
    let start = Deadline.after(.milliseconds(20))
    try await withThrowingTaskGroup { group in
      for number in (0..<10).shuffled() {
        group.addTask(executorPreference: number % 2 == 0 ? loop : nil) {
          let deadline = start.advanced(by: .milliseconds(10 * number))
          try await loop.sleep(until: deadline)
          #expect(deadline.hasPassed)
          order.withLock { $0.append(number) }
        }
      }
      try await group.waitForAll()
    }
    // What goes on elsewhere may be overtaken on its way there.
    #expect(order.current.filter { $0 % 2 == 0 } == [0, 2, 4, 6, 8])
    #expect(order.current.sorted() == Array(0..<10))
  }

  @Test("thousands of timers come in order, and those that are cancelled do not")
  func manyTimers() async throws {
    let passed = Shared(0)
    let cancelled = Shared(0)
    try await withLoop { loop in
      await withTaskGroup { group in
        for number in 0..<5000 {
          group.addTask {
            let deadline = Deadline.after(number % 2 == 0 ? .milliseconds(number % 50) : .seconds(1000))
            let reason = await reason { () throws(SocketError) in try await loop.sleep(until: deadline) }
            if reason == nil { passed.withLock { $0 += 1 } }
            if reason == .cancelled { cancelled.withLock { $0 += 1 } }
          }
        }
        // Half of them, and then the others.
        while passed.current < 2500 { await Task.yield() }
        group.cancelAll()
      }
    }
    #expect(passed.current == 2500 && cancelled.current == 2500)
  }

  @Test("a cancellation that races with the deadline ends a call once, thousands of times")
  func cancellationRace() async throws {
    try await withLoop { loop in
      for _ in 0..<3000 {
        let task = Task {
          await reason { () throws(SocketError) in try await loop.sleep(until: Deadline.after(.microseconds(50))) }
        }
        await Task.detached { task.cancel() }.value
        let outcome = await task.value
        #expect(outcome == nil || outcome == .cancelled)
      }
    }
  }

  @Test("a task that is cancelled already does not sleep")
  func cancelledBefore() async throws {
    try await withLoop { loop in
      let task = Task {
        // The task is this one.
        unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
        return await reason { () throws(SocketError) in try await loop.sleep(until: .never) }
      }
      #expect(await task.value == .cancelled)
    }
  }

  @Test("a loop that stops wakes what sleeps, and refuses more; its tasks still end")
  func stop() async throws {
    let loop = try EventLoop()
    try loop.start()
    let begun = Shared(0)
    let reasons = await withTaskGroup { group in
      for _ in 0..<20 {
        group.addTask(executorPreference: loop) {
          begun.withLock { $0 += 1 }
          let first = await reason { () throws(SocketError) in try await loop.sleep(until: .never) }
          let second = await reason { () throws(SocketError) in try await loop.sleep(until: .never) }
          return [first, second]
        }
      }
      while begun.current < 20 { await Task.yield() }
      loop.stop()
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(reasons == Array(repeating: .loopClosed, count: 40))
    // Long after.
    let value = await Task(executorPreference: loop) {
      await reason { () throws(SocketError) in try await loop.sleep(until: .never) }
    }.value
    #expect(value == .loopClosed)
    var thrown: SocketError?
    do throws(SocketError) { try loop.run() } catch { thrown = error }
    #expect(thrown?.errno == .alreadyConnecting)
  }

  @Test("a loop ends although a task asks it again and again")
  func insistence() async throws {
    let loop = try EventLoop()
    try loop.start()
    let tries = Shared(0)
    let task = Task {
      while !loop.isStopped {
        _ = await reason { () throws(SocketError) in try await loop.sleep(until: .never) }
        tries.withLock { $0 += 1 }
      }
    }
    while tries.current == 0 {
      loop.stop()
      await Task.yield()
    }
    await task.value
    #expect(loop.isStopped)
  }

  @Test("jobs from many threads at once all run, none of them twice")
  func fromOtherThreads() async throws {
    let count = Shared(0)
    try await withLoop { loop in
      await withTaskGroup { group in
        for _ in 0..<8 {
          group.addTask(executorPreference: globalConcurrentExecutor) {
            for _ in 0..<2000 {
              await Task(executorPreference: loop) {
                #expect(loop.isCurrent)
                count.withLock { $0 += 1 }
              }.value
            }
          }
        }
      }
    }
    #expect(count.current == 16_000)
  }

  @Test("a loop that is not used any more leaves nothing")
  func leaves() async throws {
    weak var left: EventLoop?
    do {
      let loop = try EventLoop()
      try loop.start()
      left = loop
      await withTaskExecutorPreference(loop) {}
      loop.stop()
    }
    let deadline = Deadline.after(soon)
    while left != nil, !deadline.hasPassed { await Task.yield() }
    #expect(left == nil)
  }

  @Test("a task without a preference that an actor runs on the loop's thread sleeps like any other")
  func actorOnLoop() async throws {
    try await withLoop(.epoll, onLoop: false) { loop in
      for _ in 0..<50 {
        let desk = Desk()
        let (isOccupied, isQueued) = (Shared(false), Shared(false))
        async let sleeper = {
          while !isOccupied.current { await Task.yield() }
          isQueued.withLock { $0 = true }
          return await desk.sleep(on: loop)
        }()
        await withTaskExecutorPreference(loop) {
          await desk.occupy {
            isOccupied.withLock { $0 = true }
            guard isQueued.current else { return false }
            usleep(2000)
            return true
          }
        }
        #expect(await sleeper == nil)
      }
    }
  }

  @Test(
    "a task that begins at once, on the loop's thread or off it, waits like any other", arguments: [true, false],
    [true, false])
  func immediate(onLoop: Bool, prefers: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      for _ in 0..<20 {
        let sleeping = Task.immediate(executorPreference: prefers ? loop : nil) {
          await failure { try await loop.sleep(until: .after(.milliseconds(1))) }?.reason
        }
        #expect(await sleeping.value == nil)
        let joining = Task.immediate(executorPreference: prefers ? loop : nil) {
          await failure { _ = try await Kind.unix.joined(on: loop) }?.reason
        }
        #expect(await joining.value == nil)
        let receiving = Task.immediate(executorPreference: prefers ? loop : nil) {
          await failure { _ = try await connection.receive(upTo: 9, until: .after(soon)) }?.reason
        }
        try peer.socket.sendAll("x")
        #expect(await receiving.value == nil)
      }
    }
  }

  @Test("a loop that has ended may be asked to sleep, by many at once")
  func sleepAfterEnd() async throws {
    let loop = try EventLoop()
    try loop.start()
    loop.stop()
    while !loop.isStopped { await Task.yield() }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<20_000 {
            let reason = await failure { try await loop.sleep(until: .now) }?.reason
            if reason != .loopClosed { Issue.record("\(String(describing: reason))") }
          }
        }
      }
    }
  }
}
