internal import Sockets
internal import Synchronization

/// What a loop is made of that its thread alone touches. It is behind a pointer, since to reach it through a class's
/// properties costs a check of exclusive access each time.
@safe struct LoopState: ~Copyable {
  var poller: Poller
  var timers = Timers()
  var slots = Slots()
  var buffers = LentBuffers()
  /// When the last wait ended. Only looked up where something depends on it.
  var moment = Deadline.now
  /// Who is to be called again though nothing has been reported, since it has not used up what was.
  var again: [EventSink] = []
  /// How many sockets may not be idle for too long.
  var idleWatches = 0
  /// How many calls a task may yet make before others have their turn.
  var budget = 0
  /// Whether calls are refused that would suspend.
  var isClosing = false
  private var lastTicket: UInt64 = 0

  init(_ poller: consuming Poller) {
    self.poller = poller
  }

  /// Waits until something is ready or the deadline passes, or less; says how much is.
  mutating func poll(until deadline: Deadline) throws(SocketError) -> Int {
    let count = poller.waitInPlace(until: deadline)
    if count < 0, count != -Int(Errno.interrupted.rawValue) {
      throw SocketError(.wait, .errno(Errno(rawValue: Int32(-count))))
    }
    if idleWatches > 0 || timers.next != .never { moment = .current }
    return max(count, 0)
  }

  /// A number for a call that is about to suspend.
  mutating func nextTicket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  /// Keeps a call that is suspended, until it is woken.
  @inline(__always)
  mutating func park(
    _ waiter: UnsafeMutablePointer<Waiter>, _ continuation: UnsafeContinuation<Wake, Never>, _ ticket: UInt64,
    until deadline: Deadline
  ) {
    // The waiter is a slot's, which stays where it is.
    unsafe waiter.pointee.continuation = continuation
    unsafe waiter.pointee.ticket = ticket
    if deadline != .never { unsafe timers.insert(&waiter.pointee.timer, deadline) }
  }

  /// Lets a suspended call go on; nothing where none is.
  @inline(__always)
  mutating func wake(_ waiter: UnsafeMutablePointer<Waiter>, _ wake: Wake) {
    // As above; a continuation is taken out before it is resumed, once.
    guard let continuation = unsafe waiter.pointee.continuation else { return }
    unsafe waiter.pointee.continuation = nil
    unsafe timers.remove(&waiter.pointee.timer)
    unsafe continuation.resume(returning: wake)
  }

  /// Lets everyone go on who waits in a slot; returns who has to be told besides, once this has returned.
  mutating func wakeAll(_ slot: UnsafeMutablePointer<Slot>, _ wake: Wake) -> EventSink? {
    // A slot stays where it is.
    unsafe self.wake(&slot.pointee.reader, wake)
    unsafe self.wake(&slot.pointee.writer, wake)
    return unsafe slot.pointee.sink
  }

  /// Refuses the calls that come, and lets those go on that are suspended, because the server has ended the connection;
  /// returns who has to be told besides.
  mutating func cancel(_ slot: UnsafeMutablePointer<Slot>) -> EventSink? {
    // As above.
    _ = unsafe slot.shared.pointee.state.bitwiseOr(SlotState.cancelled, ordering: .relaxed)
    return unsafe wakeAll(slot, .cancelled)
  }

  /// Deals with what is due; returns somebody who has to be told that nothing has moved for too long, and then there
  /// may be more.
  mutating func wakeExpired() -> EventSink? {
    while let timer = unsafe timers.popDue(at: moment) {
      // A timer's slot stays where it is.
      let slot = unsafe slots[timer.pointee.slot]
      switch unsafe timer.pointee.purpose {
      case .reader: unsafe wake(&slot.pointee.reader, .timedOut)
      case .writer: unsafe wake(&slot.pointee.writer, .timedOut)
      case .idleness: if let sink = unsafe checkIdleness(slot) { return sink }
      }
    }
    return nil
  }

  /// Has a socket ended when nothing moves for so long.
  mutating func watchIdleness(_ slot: UnsafeMutablePointer<Slot>, _ timeout: Int64) {
    // The slot stays where it is, and nobody watches it yet.
    unsafe slot.pointee.idleTimeout = timeout
    moment = .current
    unsafe slot.shared.pointee.lastActivity.store(moment.nanoseconds, ordering: .relaxed)
    unsafe timers.insert(&slot.pointee.idleness, moment.advanced(by: .nanoseconds(timeout)))
    idleWatches += 1
  }

  /// The timer is not set anew whenever a byte moves, but when it is due and finds that one has.
  private mutating func checkIdleness(_ slot: UnsafeMutablePointer<Slot>) -> EventSink? {
    // As above.
    let last = unsafe Deadline(nanoseconds: slot.shared.pointee.lastActivity.load(ordering: .relaxed))
    let due = unsafe last.advanced(by: .nanoseconds(slot.pointee.idleTimeout))
    if due > moment {
      unsafe timers.insert(&slot.pointee.idleness, due)
      return nil
    }
    _ = unsafe slot.shared.pointee.state.bitwiseOr(SlotState.idle, ordering: .relaxed)
    return unsafe wakeAll(slot, .timedOut)
  }

  /// Lets those go on who wait for what has been found; returns who has to be told instead, once this has returned.
  @inline(__always)
  mutating func take(_ event: Poller.Event) -> EventSink? {
    // Whose socket is gone, nobody asks.
    guard let slot = unsafe slots.slot(event.token) else { return nil }
    let readiness = event.readiness
    if !readiness.isDisjoint(with: [.readClosed, .hangUp, .error, .urgent]) { unsafe slot.pointee.isSticky = true }
    if let sink = unsafe slot.pointee.sink { return sink }
    if readiness.canReceive || readiness.contains(.urgent) {
      unsafe slot.pointee.reader.isReady = true
      unsafe wake(&slot.pointee.reader, .ready)
    }
    if readiness.canSend {
      unsafe slot.pointee.writer.isReady = true
      unsafe wake(&slot.pointee.writer, .ready)
    }
    return nil
  }

  /// A slot for a socket that is watched from here on.
  mutating func add(_ socket: borrowing Socket) throws(SocketError) -> UInt32 {
    let index = slots.take()
    do throws(SocketError) {
      try poller.add(
        socket, for: [.read, .write, .urgent], token: slots.token(index), trigger: .edge)
    } catch {
      slots.giveBack(index)
      throw error
    }
    return index
  }

  /// Has a socket reported again when it becomes ready, after a call that found it was not.
  @inline(__always)
  mutating func rearm(_ descriptor: Int32, _ direction: Direction) {
    // Only poll has to be told.
    guard poller.engine != .epoll else { return }
    Socket.lending(descriptor) { poller.rearm($0, for: direction.interest) }
  }

  /// Gives the slot of a socket back that nobody uses any more, and watches it no more.
  mutating func forget(_ token: UInt64, _ socket: borrowing Socket) {
    // It was added, and nobody else closes it.
    try? poller.remove(socket)
    guard let slot = unsafe slots.slot(token) else { return }
    if unsafe slot.pointee.idleTimeout > 0 {
      // The timer is the slot's own.
      unsafe timers.remove(&slot.pointee.idleness)
      idleWatches -= 1
    }
    slots.giveBack(UInt32(truncatingIfNeeded: token) - 1)
  }
}
