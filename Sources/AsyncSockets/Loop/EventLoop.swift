internal import CSockets
public import Sockets
internal import Synchronization

/// A thread that runs tasks, and wakes them when their sockets are ready or their time has come.
///
/// ```swift
/// let loop = try EventLoop()
/// try loop.start()
/// let connection = try await Connection.connected(to: Endpoint("example.com:7"), on: loop)
/// ```
///
/// It is a task executor: a task with a preference for it (`Task(executorPreference: loop)`) runs on its thread, where
/// its calls cost least. The calls of its sockets can be made from any other task too.
@safe public final class EventLoop: TaskExecutor {
  /// For the loop's thread alone, but for its address.
  nonisolated(unsafe) let state: UnsafeMutablePointer<LoopState>
  /// Apart from the rest: to wake a call adds to it.
  private nonisolated(unsafe) let jobs: UnsafeMutablePointer<JobRing>
  /// What comes from other threads.
  private let inbox = Mutex(Inbox())
  private let isStopping = Atomic(false)
  private let hasEnded = Atomic(false)
  /// A byte through it ends the wait of the loop's thread.
  private let alarm: SocketPair
  /// How long to look for events before the thread sleeps, in nanoseconds.
  private let busyPoll: Int64

  /// Readable when a timer is due, for a host that waits for the loop.
  private let timer = Mutex<Socket?>(nil)

  private static var alarmToken: UInt64 { 0 }
  private static var timerToken: UInt64 { .max }
  /// How many calls a task may make one after the other before others have their turn.
  private static var callsPerTurn: Int { 64 }

  /// A loop that no thread runs yet.
  ///
  /// - Parameters:
  ///   - engine: The system call that it waits with.
  ///   - busyPoll: How long to ask for events again and again before the thread goes to sleep. To be woken takes many
  ///     times longer than to find something that is there: a connection that is alone with the loop is answered
  ///     sooner, for up to that much processor time each time the loop runs out of work. Zero sleeps at once.
  /// - Throws: `SocketError` with EMFILE or ENFILE (no descriptors are free), ENOSYS (no epoll on this system).
  public init(engine: Poller.Engine = .epoll, busyPoll: Duration = .zero) throws(SocketError) {
    let alarm = try Socket.pair()
    var poller = try Poller(engine: engine)
    try poller.add(alarm.first, for: .read, token: Self.alarmToken)
    self.alarm = alarm
    self.busyPoll = max(busyPoll.nanosecondsRoundedUp, 0)
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

  /// Whether the loop has been stopped, and takes no more work.
  public var isStopped: Bool { hasEnded.load(ordering: .acquiring) }
}

/// Running.
extension EventLoop {
  /// Runs the loop on the calling thread until ``stop()``. Then calls that are suspended go on with
  /// ``Sockets/SocketError/Reason/loopClosed``, and what their tasks have left to do is done before this returns; what
  /// comes later is run by the global executor.
  ///
  /// - Throws: `SocketError` with EALREADY (it is running, or has run), or ENOMEM (the system cannot wait).
  public func run() throws(SocketError) {
    guard inbox.withLock({ $0.begin() }) else { throw SocketError(.wait, .errno(.alreadyConnecting)) }
    // Only compared, to know the thread by.
    let outer = unsafe cs_set_current_loop(state)
    defer { _ = unsafe cs_set_current_loop(outer) }
    let outcome = Result { () throws(SocketError) in
      while !isStopping.load(ordering: .acquiring) {
        runJobs()
        try handleEvents(until: .never)
      }
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

  /// Runs the jobs that are there, and not those that they bring: what is ready has its turn between them.
  private func runJobs() {
    let executor = unsafe asUnownedTaskExecutor()
    // The ring is this thread's own, and not held on to while a job runs, which adds to it.
    for _ in 0..<(unsafe jobs.pointee.count) {
      guard let job = unsafe jobs.pointee.popFirst() else { return }
      unsafe state.pointee.budget = Self.callsPerTurn
      unsafe job.runSynchronously(on: executor)
    }
  }

  /// Waits until there is something to do, no longer than until the deadline, and lets those go on who waited for it.
  private func handleEvents(until deadline: Deadline) throws(SocketError) {
    let count = try wait(until: deadline)
    // This thread's own. Nobody is told anything while the state is being used.
    let state = unsafe state
    for index in 0..<count {
      let event = unsafe state.pointee.poller.event(at: index)
      if event.token == Self.alarmToken {
        takeInbox()
      } else if event.token == Self.timerToken {
        // It is set anew before the host waits again.
      } else if let sink = unsafe state.pointee.take(event) {
        sink.ready(event.readiness)
      }
    }
    while let sink = unsafe state.pointee.wakeExpired() { sink.end(.timedOut) }
    callThoseLeft()
  }

  /// Calls those again who have not used up what was reported, each once.
  private func callThoseLeft() {
    // As above.
    guard unsafe !state.pointee.again.isEmpty else { return }
    let again = unsafe state.pointee.again
    unsafe state.pointee.again = []
    for sink in again { sink.ready([]) }
  }

  /// Has somebody called again when others have had their turn.
  func callAgain(_ sink: EventSink) {
    // As above.
    unsafe state.pointee.again.append(sink)
  }

  private func wait(until deadline: Deadline) throws(SocketError) -> Int {
    // As above.
    guard unsafe jobs.pointee.isEmpty && state.pointee.again.isEmpty else {
      return try unsafe state.pointee.poll(until: .now)
    }
    let deadline = unsafe min(deadline, state.pointee.timers.next)
    if busyPoll > 0 {
      let end = min(deadline, .after(.nanoseconds(busyPoll)))
      repeat {
        let count = try unsafe state.pointee.poll(until: .now)
        guard count == 0 else { return count }
      } while !end.hasPassed && !isStopping.load(ordering: .relaxed)
    }
    return try unsafe state.pointee.poll(until: deadline)
  }

  /// Takes what other threads have left.
  private func takeInbox() {
    silence()
    let (arrived, orders) = inbox.withLock { $0.takeAll() }
    for index in arrived.indices { unsafe jobs.pointee.append(arrived[index]) }
    for order in orders { carryOut(order) }
  }

  private func carryOut(_ order: Inbox.Order) {
    // Slots stay where they are for as long as the loop lives, and the state is this thread's own.
    switch order {
    case .cancelCall(let waiter, let ticket):
      if unsafe waiter.pointee.ticket == ticket { unsafe state.pointee.wake(waiter, .cancelled) }
    case .wakeClosed(let token):
      guard let slot = unsafe state.pointee.slots.slot(token) else { return }
      unsafe state.pointee.wakeAll(slot, .closed)?.end(.closed)
    case .wake(let token):
      wake(token)
    case .retire(let token, let descriptor):
      retire(token, descriptor)
    case .interrupt(let token):
      // A server's call has no ticket. Another server's, which has kept this one out, just goes on.
      guard let slot = unsafe state.pointee.slots.slot(token), unsafe slot.pointee.reader.ticket == 0 else { return }
      unsafe state.pointee.wake(&slot.pointee.reader, .cancelled)
    case .run(let body):
      body()
    }
  }

  /// Lets everyone know that it is over, and does what they have left to do.
  private func finish() {
    // As above.
    unsafe state.pointee.isClosing = true
    for index in 0..<(unsafe state.pointee.slots.count) {
      unsafe state.pointee.wakeAll(state.pointee.slots[index], .loopClosed)?.end(.loopClosed)
    }
    // Not for ever: a task that never waits for anything, or tries again whatever it is told, is the global executor's
    // from here on.
    for _ in 0..<10_000 {
      runJobs()
      takeInbox()
      if unsafe jobs.pointee.isEmpty, inbox.withLock({ $0.isEmpty }) { break }
    }
    // What has come at the last moment is not lost.
    inbox.withLock { $0.end() }
    takeInbox()
    hasEnded.store(true, ordering: .releasing)
    while let job = unsafe jobs.pointee.popFirst() { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
  }
}

/// Running inside somebody else's loop, which waits for many things, and for this as for one of them.
extension EventLoop {
  /// A descriptor to wait for: when it is readable, ``runReady()`` has something to do, be it events, timers, or tasks
  /// that other threads have given it. It stays the loop's own: do not close it, read from it or write to it.
  ///
  /// - Throws: `SocketError` with ENOSYS (the engine is poll, which has none, or the system has no such timers), EMFILE
  ///   or ENFILE (no descriptor is free).
  public var waitDescriptor: Int32 {
    get throws(SocketError) {
      // It never changes.
      guard let descriptor = unsafe state.pointee.poller.descriptor else {
        throw SocketError(.wait, .errno(.noSuchCall))
      }
      try addTimer()
      return descriptor
    }
  }

  /// When ``runReady()`` has something to do even though nothing has become ready: ``Sockets/Deadline/now`` where that
  /// is so already, ``Sockets/Deadline/never`` where nothing depends on time. For a host that has no use for
  /// ``waitDescriptor``; to be asked on the thread that calls ``runReady()``.
  public var nextDeadline: Deadline {
    // This thread's own for now.
    unsafe jobs.pointee.isEmpty && state.pointee.again.isEmpty ? state.pointee.timers.next : .now
  }

  /// Does what there is to do, and does not wait for more. While it runs, the calling thread is the loop's own.
  ///
  /// ```swift
  /// let descriptor = try loop.waitDescriptor
  /// while try loop.runReady() { host.wait(for: descriptor) }
  /// ```
  ///
  /// A loop that is not wanted any more is stopped, and run once again: a call that is suspended in it keeps its
  /// connection and the loop alive until it goes on, which it then does with ``Sockets/SocketError/Reason/loopClosed``.
  ///
  /// - Returns: Whether the loop goes on: false after ``stop()``.
  /// - Throws: `SocketError` with EALREADY (it is being run, by another thread or by the caller of the task that calls
  ///   this), or ENOMEM (the system cannot wait).
  public func runReady() throws(SocketError) -> Bool {
    guard !isStopped else { return false }
    guard inbox.withLock({ $0.beginTurn() }) else { throw SocketError(.wait, .errno(.alreadyConnecting)) }
    defer { inbox.withLock { $0.endTurn() } }
    // Only compared, to know the thread by.
    let outer = unsafe cs_set_current_loop(state)
    defer { _ = unsafe cs_set_current_loop(outer) }
    guard !isStopping.load(ordering: .acquiring) else {
      finish()
      return false
    }
    try handleEvents(until: .now)
    runJobs()
    prepareHost()
    return true
  }

  /// Has the descriptor become readable when there is more to do.
  private func prepareHost() {
    let next = nextDeadline
    if next == .now { return ring() }
    timer.withLock { timer in
      guard let descriptor = timer?.descriptor else { return }
      // It is a timer, and a moment that the clock can have; 0 would be none.
      _ = cs_timer_set(descriptor, next == .never ? 0 : max(next.nanoseconds, 1))
    }
  }

  private func addTimer() throws(SocketError) {
    try timer.withLock { timer throws(SocketError) in
      if timer?.descriptor != nil { return }
      // Not a socket, but one that nobody calls: it is only closed.
      let new = Socket(owning: try SocketError.check(.wait, cs_timer_create()))
      try unsafe state.pointee.poller.add(new, for: .read, token: Self.timerToken)
      timer = consume new
      // The next turn sets it.
      ring()
    }
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

  /// Has the loop's thread do something; false where it does nothing any more.
  @discardableResult
  func give(_ order: Inbox.Order) -> Bool {
    guard let mustRing = inbox.withLock({ $0.add(order) }) else { return false }
    if mustRing { ring() }
    return true
  }

  /// Has the loop's thread do something, at once where this is it; this thread, where the loop does nothing any more.
  func perform(_ body: @escaping @Sendable () -> Void) {
    guard !isCurrent, give(.run(body)) else { return body() }
  }

  /// Wakes the loop's thread.
  private func ring() {
    for _ in 0..<1000 {
      do throws(SocketError) {
        _ = try alarm.second.send([1 as UInt8].span, until: .now)
        return
      } catch {
        // A pipe that is full has rung already. Nobody rings again for what is in the inbox, so that a shortage, which
        // passes, is waited for.
        if error.errno == .wouldBlock { return }
        Deadline.after(.milliseconds(1)).pause()
      }
    }
  }

  private func silence() {
    var bytes = [64 of UInt8](repeating: 0)
    var span = bytes.mutableSpan
    while (try? alarm.first.receive(into: &span, until: .now)) ?? 0 == span.count {}
  }

  /// Closes a descriptor that nobody uses any more. On the loop's thread, or when that is gone.
  func retire(_ token: UInt64, _ descriptor: Int32) {
    let socket = Socket(owning: descriptor)
    // The state is this thread's own.
    if isCurrent { unsafe state.pointee.forget(token, socket) }
    // To close it may mean to wait until what was sent has been acknowledged, as somebody has asked for: not here.
    if ((try? socket.get(.linger)) ?? nil) ?? .zero > .zero { closeOnThread(socket.release()) }
  }

  private func closeOnThread(_ descriptor: Int32) {
    // A number, not an address, and never 0.
    let context = unsafe UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
    let result = unsafe cs_thread_start(
      64 * 1024, { context in _ = Socket(owning: Int32(Int(bitPattern: context) - 1)) }, context!)
    if result < 0 { _ = Socket(owning: descriptor) }
  }
}
