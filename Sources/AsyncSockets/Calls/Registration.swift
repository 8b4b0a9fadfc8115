internal import CSockets
internal import Sockets
internal import Synchronization

/// A socket that a loop watches, and the calls that are made on it: one at a time that receives and one that sends, from
/// any thread, until it is closed.
///
/// On the loop's thread a call is made when the loop has seen that it is worth it, and suspended until then. On another
/// thread it is made at once, and the loop is asked to wait only where that was too early.
@safe @usableFromInline struct Registration: ~Copyable, Sendable {
  let loop: EventLoop
  let descriptor: Int32
  let endsShort: Bool
  let token: UInt64
  // Good for as long as the loop lives, which this refers to.
  nonisolated(unsafe) let slot: UnsafeMutablePointer<Slot>
  /// The loop's, for its thread alone.
  nonisolated(unsafe) let state: UnsafeMutablePointer<LoopState>

  /// Whether a receive that returns less than was asked for has returned all that there was: not so for a Unix stream,
  /// where a receive stops at descriptors that were sent, and not for datagrams.
  static func endsShort(_ socket: borrowing Socket) throws(SocketError) -> Bool {
    let (type, family) = try (socket.get(.type), socket.get(.family))
    return type == .stream && family != .unix
  }

  private init(_ socket: consuming Socket, _ loop: EventLoop, _ place: Place, endsShort: Bool) {
    self.loop = loop
    unsafe state = loop.state
    self.endsShort = endsShort
    token = place.token
    unsafe slot = place.slot
    descriptor = socket.release()
  }

  /// Watches a socket. On the loop's thread.
  ///
  /// - Parameters:
  ///   - socket: The socket, which on failure is closed.
  ///   - loop: Who watches it.
  ///   - endsShort: What ``endsShort(_:)`` says of it.
  static func watching(
    _ socket: consuming Socket, on loop: EventLoop, endsShort: Bool
  ) throws(SocketError) -> Registration {
    let place = try Place(socket, on: loop)
    return Registration(socket, loop, place, endsShort: endsShort)
  }

  /// Watches a socket, from any thread.
  static func watching(_ socket: consuming Socket, on loop: EventLoop) async throws(SocketError) -> Registration {
    let endsShort = try endsShort(socket)
    let descriptor = socket.descriptor
    let place = try await loop.onLoop { () async throws(SocketError) in
      try Socket.lending(descriptor) { socket throws(SocketError) in try Place(socket, on: loop) }
    }
    return Registration(socket, loop, place, endsShort: endsShort)
  }

  /// Where a loop keeps what it knows of a socket.
  @safe private struct Place: @unchecked Sendable {
    let token: UInt64
    // Good for as long as the loop lives.
    let slot: UnsafeMutablePointer<Slot>

    init(_ socket: borrowing Socket, on loop: EventLoop) throws(SocketError) {
      // The state is this thread's own.
      guard loop.isCurrent, unsafe !loop.state.pointee.isClosing else { throw SocketError(.poller, .loopClosed) }
      let index = try unsafe loop.state.pointee.add(socket)
      unsafe token = loop.state.pointee.slots.token(index)
      unsafe slot = loop.state.pointee.slots[index]
      // A send is worth trying at once; nothing has come yet, as far as is known.
      unsafe slot.pointee.writer.isReady = true
    }
  }

  deinit {
    close()
  }
}

/// Beginning and ending.
extension Registration {
  /// Closes the socket once nobody uses it any more. Calls that wait for it go on with
  /// ``Sockets/SocketError/Reason/closed``.
  func close() {
    // The slot is good, and tells by its generation whether it is still this socket's.
    var state = unsafe slot.shared.pointee.state.load(ordering: .relaxed)
    while true {
      guard state >> 32 == token >> 32, state & SlotState.closed == 0 else { return }
      let (exchanged, found) = unsafe slot.shared.pointee.state.weakCompareExchange(
        expected: state, desired: state | SlotState.closed, ordering: .acquiringAndReleasing)
      if exchanged { break }
      state = found
    }
    if SlotState.isOver(state | SlotState.closed) { return retire() }
    // As above; the state is this thread's own where it is the loop's.
    if loop.isCurrent {
      unsafe loop.state.pointee.wakeAll(slot, .closed)?.end(.closed)
    } else {
      loop.give(.wakeClosed(token: token))
    }
  }

  /// Reports whether it has been closed.
  var isClosed: Bool {
    // As above.
    let state = unsafe slot.shared.pointee.state.load(ordering: .relaxed)
    return state >> 32 != token >> 32 || state & SlotState.closed != 0
  }

  private func retire() {
    if loop.isCurrent { return loop.retire(token, descriptor) }
    let isTaken = loop.give(.retire(token: token, descriptor: descriptor))
    // With the loop gone nobody else has the descriptor.
    if !isTaken { loop.retire(token, descriptor) }
  }

  /// Begins a use of the socket.
  @inline(__always)
  private func begin(_ use: UInt64, _ operation: SocketError.Operation) throws(SocketError) {
    // As above.
    var state = unsafe slot.shared.pointee.state.load(ordering: .relaxed)
    while true {
      guard state >> 32 == token >> 32 else { throw SocketError(operation, .closed) }
      if let reason = SlotState.refusal(state) { throw SocketError(operation, reason) }
      // Uses that are counted may be many.
      if use != SlotState.user, state & use != 0 { throw SocketError(operation, .busy) }
      let (exchanged, found) = unsafe slot.shared.pointee.state.weakCompareExchange(
        expected: state, desired: state + use, ordering: .acquiring)
      if exchanged { return }
      state = found
    }
  }

  /// Ends a use of the socket; whoever is the last to do so closes it, if it is to be closed.
  @inline(__always)
  private func end(_ use: UInt64) {
    // The use that is ended keeps the slot this socket's until here.
    let left = unsafe slot.shared.pointee.state.wrappingSubtract(use, ordering: .acquiringAndReleasing).newValue
    if SlotState.isOver(left) { retire() }
  }

  /// Lends the socket to a function that does not wait.
  @inline(__always)
  func lend<R: ~Copyable>(
    _ operation: SocketError.Operation, _ body: (borrowing Socket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try begin(SlotState.user, operation)
    defer { end(SlotState.user) }
    return try Socket.lending(descriptor, body)
  }
}

/// Calls.
extension Registration {
  /// Whether this is the loop's thread, on which the slot and the state may be touched.
  @inline(__always)
  private var isOnLoop: Bool {
    // Compared, and never followed.
    unsafe cs_current_loop() == UnsafeMutableRawPointer(state)
  }

  /// Makes a call again and again until it does not throw EAGAIN, waiting in between, no longer than until a deadline.
  ///
  /// - Parameters:
  ///   - direction: What the call waits for. One call at a time may wait for each.
  ///   - operation: What an error is said to have happened to.
  ///   - deadline: When to give up.
  ///   - attempt: The system call, which must not wait.
  @inline(__always)
  func call<R: ~Copyable>(
    _ direction: Direction, _ operation: SocketError.Operation, until deadline: Deadline,
    _ attempt: (borrowing Socket) throws(SocketError) -> R
  ) async throws(SocketError) -> R {
    try begin(direction.use, operation)
    defer { end(direction.use) }
    defer { if direction == .aside { expectMore() } }
    if isTurnOver { await Task.yield() }
    while true {
      if let value = try attemptOnce(direction, deadline, attempt) { return value }
      let wake: Wake
      if deadline == .never, isSimple(direction) {
        // Resumed once, by whoever takes it out of the waiter, which is a slot's and stays where it is.
        wake = await unsafe withContinuation { continuation in
          unsafe slot.waiter(direction).pointee.continuation = continuation
          unsafe slot.waiter(direction).pointee.ticket = 0
        }
      } else {
        wake = await wait(direction, until: deadline)
      }
      if wake != .ready { throw SocketError(operation, wake.reason) }
    }
  }

  /// Makes the system call if it is worth trying; nil where there is nothing to be had. Not inlined: what it needs only
  /// while it runs would be kept for as long as the call waits.
  @inline(never)
  private func attemptOnce<R: ~Copyable>(
    _ direction: Direction, _ deadline: Deadline, _ attempt: (borrowing Socket) throws(SocketError) -> R
  ) throws(SocketError) -> R? {
    // Asked again after each wait: the loop may have been stopped meanwhile.
    let isOnLoop = isOnLoop
    // On the loop it is known whether there is anything to be had; where the time is over it is tried all the same.
    guard unsafe !isOnLoop || slot.waiter(direction).pointee.isReady || deadline.hasPassed else { return nil }
    do throws(SocketError) {
      let value = try Socket.lending(descriptor, attempt)
      noteActivity()
      return value
    } catch {
      guard deadline != .now else { throw error }
      switch error.reason {
      case .errno(.wouldBlock): if isOnLoop { setNotReady(direction) }
      // What it goes on with is there: it lets others have their turn.
      case .busy: break
      default: throw error
      }
      return nil
    }
  }

  /// Has a call that moves many bytes, one system call after the other, let others have their turn in the middle of it.
  ///
  /// - Parameters:
  ///   - bytes: How many the last one has moved.
  ///   - operation: What the call is.
  ///   - deadline: When it gives up; one that tries once has no turns.
  /// - Throws: `SocketError` with ``Sockets/SocketError/Reason/busy``, to be thrown on.
  func letOthers(
    after bytes: Int, _ operation: SocketError.Operation, until deadline: Deadline
  ) throws(SocketError) {
    guard deadline != .now, isOnLoop else { return }
    // The state is this thread's own. So much takes about as long as a call without any.
    unsafe state.pointee.budget &-= bytes / 16_384
    if isTurnOver { throw SocketError(operation, .busy) }
  }

  /// Makes a call once; nil where it throws EAGAIN.
  @inline(__always)
  func callNow<R>(
    _ direction: Direction, _ operation: SocketError.Operation,
    _ attempt: (borrowing Socket) throws(SocketError) -> R
  ) throws(SocketError) -> R? {
    try begin(direction.use, operation)
    defer { end(direction.use) }
    do throws(SocketError) {
      let value = try Socket.lending(descriptor, attempt)
      noteActivity()
      return value
    } catch {
      guard error.errno == .wouldBlock else { throw error }
      if isOnLoop { setNotReady(direction) }
      return nil
    }
  }

  /// A buffer to receive into.
  @inline(__always)
  func lentBuffer() -> LentBuffer {
    // The loop's, which this refers to.
    unsafe LentBuffer(of: state)
  }

  /// Whether a call on the loop's thread waits, and has nothing to look after while it does: no time limit, no end that
  /// is near, no cancellation that does not come through the slot.
  @inline(__always)
  private func isSimple(_ direction: Direction) -> Bool {
    // On its own thread.
    unsafe isOnLoop && !slot.waiter(direction).pointee.isReady && slot.isServedHere && slot.pointee.timeouts == 0
      && !state.pointee.isClosing && SlotState.wake(slot.shared.pointee.state.load(ordering: .relaxed)) == nil
  }

  /// Notes that a receive has returned less than was asked for, which in a stream is all that there was.
  @inline(__always)
  func receivedLess() {
    if endsShort { receivedAll() }
  }

  /// Notes that all has been received that there was, unless an end or an error is behind it.
  @inline(__always)
  func receivedAll() {
    // On the loop's thread the slot is this thread's own.
    if isOnLoop, unsafe !slot.pointee.isSticky { setNotReady(.read) }
  }

  /// Has the next receive try.
  private func expectMore() {
    // As above, and still this socket's.
    if isOnLoop { unsafe slot.pointee.reader.isReady = true }
  }

  @inline(__always)
  private func setNotReady(_ direction: Direction) {
    // As above.
    unsafe slot.waiter(direction).pointee.isReady = false
    unsafe state.pointee.rearm(descriptor, direction)
  }

  @inline(__always)
  func noteActivity() {
    // Set before anyone makes a call.
    if unsafe slot.pointee.idleTimeout > 0 { noteMoment() }
  }

  @inline(never)
  private func noteMoment() {
    // The moment is the loop's own.
    let moment = unsafe isOnLoop ? state.pointee.moment : .current
    unsafe slot.shared.pointee.lastActivity.store(moment.nanoseconds, ordering: .relaxed)
  }

  /// Whether the task has made so many calls one after the other that others should have their turn.
  @inline(__always)
  private var isTurnOver: Bool {
    guard isOnLoop else { return false }
    // The state is this thread's own.
    unsafe state.pointee.budget &-= 1
    return unsafe state.pointee.budget < 0
  }

  /// Waits until a call is worth trying again.
  @inline(never)
  private func wait(_ direction: Direction, until deadline: Deadline) async -> Wake {
    guard !deadline.hasPassed else { return .timedOut }
    var deadline = deadline
    // Set before anyone makes a call.
    let timeout = unsafe direction == .write ? slot.pointee.writeTimeout : slot.pointee.readTimeout
    if timeout > 0 { deadline = min(deadline, .after(.nanoseconds(timeout))) }
    if isOnLoop {
      guard unsafe !slot.waiter(direction).pointee.isReady else {
        await Task.yield()
        return unsafe SlotState.wake(slot.shared.pointee.state.load(ordering: .relaxed)) ?? .ready
      }
      return await unsafe loop.suspend(slot, direction, until: deadline)
    }
    let (loop, descriptor, until) = (loop, descriptor, deadline)
    // The use that is under way keeps the slot this socket's.
    nonisolated(unsafe) let slot = unsafe slot
    return await loop.onLoop { await unsafe Self.waitOnLoop(loop, descriptor, slot, direction, until: until) }
  }

  /// Waits on behalf of a call that another thread has made. What the loop has heard may be what that call has used up,
  /// or may have come since: only to look tells.
  private static func waitOnLoop(
    _ loop: EventLoop, _ descriptor: Int32, _ slot: UnsafeMutablePointer<Slot>, _ direction: Direction,
    until deadline: Deadline
  ) async -> Wake {
    guard loop.isCurrent else { return .loopClosed }
    // On its own thread.
    let hasHeard = unsafe slot.waiter(direction).pointee.isReady
    unsafe slot.waiter(direction).pointee.isReady = false
    unsafe loop.state.pointee.rearm(descriptor, direction)
    let found = Socket.lending(descriptor) { socket in
      (try? socket.wait(for: direction.interest, until: .now)) ?? .error
    }
    let isFound = direction.isFound(in: found)
    if found == .error || direction == .aside && !isFound {
      // In the queue of errors it shows until somebody reads it. What is news has been heard of, or is going to be.
      if hasHeard { return .ready }
    } else if isFound {
      unsafe slot.waiter(direction).pointee.isReady = true
      return .ready
    }
    return await unsafe loop.suspend(slot, direction, until: deadline)
  }

  /// Waits until a send is worth trying.
  func waitForRoom(until deadline: Deadline) async throws(SocketError) {
    try await call(.write, .send, until: deadline) { socket throws(SocketError) in
      let found = try socket.wait(for: .write, until: .now)
      guard found.canSend else { throw SocketError(.send, .errno(.wouldBlock)) }
    }
  }
}
