internal import CSockets
public import Sockets
internal import Synchronization

/// A thread that runs tasks, and wakes them when their sockets are ready or their time has come.
///
/// ```swift
/// let loop = try EventLoop()
/// try loop.start()
/// await withTaskExecutorPreference(loop) { … }
/// loop.stop()
/// ```
///
/// It is a task executor: a task with a preference for it runs on its thread.
@safe public final class EventLoop: TaskExecutor {
  /// For the loop's thread alone, but for its address.
  nonisolated(unsafe) let state: UnsafeMutablePointer<LoopState>
  /// Apart from the rest: to wake a call adds to it.
  private nonisolated(unsafe) let jobs: UnsafeMutablePointer<JobRing>
  /// What comes from other threads.
  private let inbox = Mutex(Inbox())
  private let isStopping = Atomic(false)
  /// A byte through it ends the wait of the loop's thread.
  private let alarm: SocketPair

  private static var alarmToken: UInt64 { 0 }

  /// A loop that no thread runs yet.
  ///
  /// - Parameter engine: The system call that it waits with.
  /// - Throws: `SocketError` with EMFILE or ENFILE (no descriptors are free), ENOSYS (no epoll on this system).
  public init(engine: Poller.Engine = .epoll) throws(SocketError) {
    let alarm = try Socket.pair()
    var poller = try Poller(engine: engine)
    try poller.add(alarm.first, for: .read, token: Self.alarmToken)
    self.alarm = alarm
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: LoopState(poller))
    unsafe jobs = .allocate(capacity: 1)
    unsafe jobs.initialize(to: JobRing())
  }

  deinit {
    // The thread that runs the loop refers to it, so that nobody does any more.
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
    unsafe jobs.deinitialize(count: 1)
    unsafe jobs.deallocate()
  }

  /// Whether the calling thread is the loop's own.
  public var isCurrent: Bool {
    // Compared, and never followed.
    unsafe cs_current_loop() == UnsafeMutableRawPointer(state)
  }
}

/// Running.
extension EventLoop {
  /// Runs the loop on the calling thread until ``stop()``. Then calls that are suspended go on with
  /// ``SocketError/Reason/loopClosed``, and what their tasks have left to do is done before this returns; what comes
  /// later is run by the global executor.
  ///
  /// - Throws: `SocketError` with EALREADY (it is running, or has run), or ENOMEM (the system cannot wait).
  public func run() throws(SocketError) {
    guard inbox.withLock({ $0.begin() }) else { throw SocketError(.wait, .errno(.alreadyConnecting)) }
    // Only compared, to know the thread by.
    let outer = unsafe cs_set_current_loop(state)
    defer { _ = unsafe cs_set_current_loop(outer) }
    let outcome = Result { () throws(SocketError) in
      while !isStopping.load(ordering: .acquiring) { try turn() }
    }
    finish()
    try outcome.get()
  }

  /// Runs the loop on a thread of its own until ``stop()``.
  ///
  /// - Throws: `SocketError` with EAGAIN (the system has no more threads).
  public func start() throws(SocketError) {
    // Taken over by the thread.
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    let result = unsafe cs_thread_start(
      Self.stackSize,
      { context in
        let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
        // Only a system without memory ends it so, and the tasks hear of it.
        try? loop.run()
      }, context)
    guard result < 0 else { return }
    unsafe Unmanaged<EventLoop>.fromOpaque(context).release()
    try SocketError.check(.wait, result)
  }

  /// As the runtime's own threads have.
  private static var stackSize: Int { 512 * 1024 }

  /// Ends ``run()``, from any thread, as often as one likes.
  public func stop() {
    isStopping.store(true, ordering: .releasing)
    ring()
  }

  /// Does what there is to do, then waits for more.
  private func turn() throws(SocketError) {
    runJobs()
    // This thread's own, and nobody refers to it across these calls.
    try unsafe state.pointee.poll(until: jobs.pointee.isEmpty ? state.pointee.timers.next : .now)
    for index in unsafe state.pointee.events.indices {
      let event = unsafe state.pointee.events[index]
      if event.token == Self.alarmToken { takeInbox() } else { unsafe state.pointee.wake(event) }
    }
    unsafe state.pointee.wakeExpired()
  }

  /// Runs the jobs that are there, and not those that they bring: what is ready has its turn between them.
  private func runJobs() {
    let executor = unsafe asUnownedTaskExecutor()
    // The ring is this thread's own, and not held on to while a job runs, which adds to it.
    for _ in 0..<(unsafe jobs.pointee.count) {
      guard let job = unsafe jobs.pointee.popFirst() else { return }
      unsafe job.runSynchronously(on: executor)
    }
  }

  /// Takes what other threads have left.
  private func takeInbox() {
    silence()
    let (arrived, cancellations) = inbox.withLock { $0.takeAll() }
    for index in arrived.indices { unsafe jobs.pointee.append(arrived[index]) }
    // Slots stay where they are for as long as the loop lives.
    for index in cancellations.indices {
      let cancellation = cancellations[index]
      if unsafe cancellation.waiter.pointee.ticket == cancellation.ticket {
        unsafe state.pointee.wake(cancellation.waiter, .cancelled)
      }
    }
  }

  /// Lets everyone know that it is over, and does what they have left to do.
  private func finish() {
    unsafe state.pointee.close()
    repeat {
      while unsafe !jobs.pointee.isEmpty { runJobs() }
      takeInbox()
    } while unsafe !jobs.pointee.isEmpty || !inbox.withLock({ $0.end() })
  }
}

/// What other threads have for the loop's.
private struct Inbox: @unchecked Sendable {
  private var jobs: [UnownedJob] = []
  private var cancellations: [Cancellation] = []
  private var phase = Phase.new

  private enum Phase { case new, running, over }

  /// A call whose task has been cancelled.
  @safe struct Cancellation: @unchecked Sendable {
    // A slot's, which stays where it is for as long as the loop lives.
    let waiter: UnsafeMutablePointer<Waiter>
    let ticket: UInt64
  }

  private var isEmpty: Bool { jobs.isEmpty && cancellations.isEmpty }

  /// Whether a thread may begin to run the loop.
  mutating func begin() -> Bool {
    guard phase == .new else { return false }
    phase = .running
    return true
  }

  /// Whether nothing is left: from here on nobody takes anything.
  mutating func end() -> Bool {
    if isEmpty { phase = .over }
    return isEmpty
  }

  /// Puts a job in; whether somebody has to be woken for it, or nil where nobody takes it.
  mutating func add(_ job: UnownedJob) -> Bool? {
    guard phase != .over else { return nil }
    defer { jobs.append(job) }
    return isEmpty
  }

  /// The same for a cancellation.
  mutating func add(_ cancellation: Cancellation) -> Bool? {
    guard phase != .over else { return nil }
    defer { cancellations.append(cancellation) }
    return isEmpty
  }

  mutating func takeAll() -> (jobs: [UnownedJob], cancellations: [Cancellation]) {
    defer { (jobs, cancellations) = ([], []) }
    return (jobs, cancellations)
  }
}

/// Between threads.
extension EventLoop {
  /// Puts a task's next step in line.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // The ring is this thread's own where the thread is the loop's.
    if isCurrent { return unsafe jobs.pointee.append(job) }
    guard let mustRing = inbox.withLock({ $0.add(job) }) else {
      // A task must be run by somebody, if only to hear that the loop is gone.
      return globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }
    if mustRing { ring() }
  }

  /// Lets a suspended call go on, if it is still the same, because its task has been cancelled.
  private func cancel(_ cancellation: Inbox.Cancellation) {
    if inbox.withLock({ $0.add(cancellation) }) == true { ring() }
  }

  /// Wakes the loop's thread.
  private func ring() {
    // A pipe that is full has rung already.
    _ = try? alarm.second.send([1 as UInt8].span, until: .now)
  }

  private func silence() {
    var bytes = [64 of UInt8](repeating: 0)
    var span = bytes.mutableSpan
    while (try? alarm.first.receive(into: &span, until: .now)) ?? 0 == span.count {}
  }
}

/// Waiting.
extension EventLoop {
  /// Suspends the calling task until its time has come, at no cost to anything else on the loop.
  ///
  /// - Throws: `SocketError` with ``SocketError/Reason/cancelled`` or ``SocketError/Reason/loopClosed``.
  public func sleep(until deadline: Deadline) async throws(SocketError) {
    let wake = await onLoop {
      let index = unsafe self.state.pointee.slots.take()
      // The slot is this call's own until it is given back.
      defer { unsafe self.state.pointee.slots.giveBack(index) }
      return await unsafe self.suspend(&self.state.pointee.slots[index].pointee.reader, until: deadline)
    }
    switch wake {
    case .ready, .timedOut: return
    case .cancelled: throw SocketError(.wait, .cancelled)
    case .closed: throw SocketError(.wait, .loopClosed)
    }
  }

  /// Does something on the loop's thread, there already or not. (A function that is not `@concurrent` would begin where
  /// its caller is.)
  private func onLoop<R: Sendable>(_ body: @escaping @concurrent @Sendable () async -> R) async -> R {
    if isCurrent { return await body() }
    return await withTaskExecutorPreference(self) { await body() }
  }

  /// Suspends a call that runs on the loop's thread, until it is woken.
  func suspend(_ waiter: UnsafeMutablePointer<Waiter>, until deadline: Deadline) async -> Wake {
    // On its own thread; after the end of the loop another one runs what is left.
    guard isCurrent, unsafe !state.pointee.isClosing else { return .closed }
    let ticket = unsafe state.pointee.nextTicket()
    let cancellation = unsafe Inbox.Cancellation(waiter: waiter, ticket: ticket)
    return await withTaskCancellationHandler {
      // Resumed once, by whoever takes it out of the waiter.
      await unsafe withUnsafeContinuation { continuation in
        unsafe state.pointee.park(waiter, continuation, ticket, until: deadline)
      }
    } onCancel: {
      cancel(cancellation)
    }
  }
}
