internal import Sockets

/// What a loop is made of that its thread alone touches. It is behind a pointer, since to reach it through a class's
/// properties costs a check of exclusive access each time.
struct LoopState: ~Copyable {
  var poller: Poller
  var events: [Poller.Event] = []
  var timers = Timers()
  var slots = Slots()
  /// Whether calls are refused that would suspend.
  var isClosing = false
  private var lastTicket: UInt64 = 0

  init(_ poller: consuming Poller) {
    self.poller = poller
  }

  /// Waits until something is ready or the deadline passes, and notes what.
  mutating func poll(until deadline: Deadline) throws(SocketError) {
    try poller.wait(into: &events, until: deadline)
  }

  /// A number for a call that is about to suspend.
  mutating func nextTicket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  /// Keeps a call that is suspended, until it is woken.
  mutating func park(
    _ waiter: UnsafeMutablePointer<Waiter>, _ continuation: UnsafeContinuation<Wake, Never>, _ ticket: UInt64,
    until deadline: Deadline
  ) {
    // The waiter is a slot's, which stays where it is.
    unsafe waiter.pointee.continuation = continuation
    unsafe waiter.pointee.ticket = ticket
    guard deadline != .never else { return }
    unsafe waiter.pointee.deadline = deadline
    unsafe timers.insert(waiter)
  }

  /// Lets a suspended call go on; nothing where none is.
  mutating func wake(_ waiter: UnsafeMutablePointer<Waiter>, _ wake: Wake) {
    // As above; a continuation is taken out before it is resumed, once.
    guard let continuation = unsafe waiter.pointee.continuation else { return }
    unsafe waiter.pointee.continuation = nil
    unsafe timers.remove(waiter)
    unsafe continuation.resume(returning: wake)
  }

  /// Lets the calls go on whose deadline has passed.
  mutating func wakeExpired() {
    guard timers.next != .never else { return }
    let moment = Deadline.current
    while let waiter = unsafe timers.popExpired(at: moment) { unsafe wake(waiter, .timedOut) }
  }

  /// Lets the calls go on that waited for what has been found.
  mutating func wake(_ event: Poller.Event) {
    // Whose socket is gone, nobody asks.
    guard let slot = unsafe slots.slot(event.token) else { return }
    unsafe slot.pointee.readiness.formUnion(event.readiness)
    if event.readiness.canReceive { unsafe wake(&slot.pointee.reader, .ready) }
    if event.readiness.canSend { unsafe wake(&slot.pointee.writer, .ready) }
  }

  /// Lets every suspended call go on, and refuses others from here on.
  mutating func close() {
    isClosing = true
    for index in 0..<slots.count {
      // A slot stays where it is.
      let slot = unsafe slots[index]
      unsafe wake(&slot.pointee.reader, .closed)
      unsafe wake(&slot.pointee.writer, .closed)
    }
  }
}
