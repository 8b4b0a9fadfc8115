internal import CSockets
internal import Sockets
internal import Synchronization

/// What a loop knows of one socket, or of one call that sleeps.
///
/// It stays where it is in memory for as long as the loop lives, so that a pointer to it is good for as long as somebody
/// has the loop. Only the loop's thread touches it, but for ``state`` and ``lastActivity``.
@safe struct Slot: ~Copyable {
  /// Who uses the socket, and whether it may be used; see ``SlotState``.
  let state = Atomic<UInt64>(0)
  /// When a byte moved last, in a deadline's nanoseconds. Only kept where ``idleTimeout`` asks for it.
  let lastActivity = Atomic<Int64>(0)
  var reader: Waiter
  var writer: Waiter
  /// Looks whether nothing has moved for too long.
  var idleness: Timer
  /// How long nothing may move, in nanoseconds; 0 for ever.
  var idleTimeout: Int64 = 0
  /// How long a call that receives may wait, and one that sends.
  var readTimeout: Int64 = 0
  var writeTimeout: Int64 = 0
  /// Whether there is any of the latter two: 0 if not.
  var timeouts: Int64 { readTimeout | writeTimeout }
  /// The task whose cancellation somebody else passes on, so that its calls need not look after it themselves.
  /// Its address, to be compared; it lives for as long as it is set.
  var scope: UnsafeRawPointer?
  /// What is told of events instead of tasks.
  var sink: EventSink?
  /// A hang-up or an error has been seen, or urgent data, which a receive stops at: less than was asked for is not all
  /// that there is.
  var isSticky = false

  init(index: UInt32) {
    reader = Waiter(Timer(slot: index, purpose: .reader))
    writer = Waiter(Timer(slot: index, purpose: .writer))
    idleness = Timer(slot: index, purpose: .idleness)
  }
}

extension UnsafeMutablePointer<Slot> {
  /// The place of the calls of one direction.
  @inline(__always)
  func waiter(_ direction: Direction) -> UnsafeMutablePointer<Waiter> {
    // A slot stays where it is, and its parts with it.
    switch direction {
    case .read: unsafe withUnsafeMutablePointer(to: &pointee.reader) { unsafe $0 }
    case .write: unsafe withUnsafeMutablePointer(to: &pointee.writer) { unsafe $0 }
    }
  }

  /// Whether somebody else passes on the cancellation of the task that this is.
  @inline(__always)
  var isInScope: Bool {
    // Compared, and never followed.
    unsafe pointee.scope != nil && pointee.scope == cs_current_task()
  }
}

/// What a call does with a socket.
enum Direction: UInt8, Sendable {
  /// It receives, or accepts.
  case read
  /// It sends, or connects.
  case write
}

/// Why a suspended call goes on.
enum Wake: UInt8, Sendable {
  /// What it waited for has come.
  case ready
  /// The deadline has passed.
  case timedOut
  /// Its task was cancelled.
  case cancelled
  /// The socket has been closed.
  case closed
  /// The loop has been stopped.
  case loopClosed

  /// What a call throws for it.
  var reason: SocketError.Reason {
    switch self {
    case .ready: .errno(.wouldBlock)
    case .timedOut: .timedOut
    case .cancelled: .cancelled
    case .closed: .closed
    case .loopClosed: .loopClosed
    }
  }
}

/// One direction of a socket: whether it is ready, and the call that waits until it is.
@safe struct Waiter {
  /// Set while a call is suspended.
  var continuation: UnsafeContinuation<Wake, Never>?
  /// Which call that is: no number is used twice, so that a cancellation that comes late finds another. 0 where its
  /// task's cancellation comes through the slot's scope.
  var ticket: UInt64 = 0
  /// When it gives up.
  var timer: Timer
  /// Whether a call is worth trying. With edge triggering nothing is reported twice, so it is kept until a call has
  /// used up what there was.
  var isReady = false

  init(_ timer: Timer) {
    self.timer = timer
  }
}

/// What is told of a socket's events on the loop's thread, with no task.
class EventSink {
  /// The socket has something to say.
  func ready(_ readiness: Readiness) {}
  /// It is over: nothing has moved for too long, or somebody wants it closed.
  func end(_ wake: Wake) {}
}

/// The slots of a loop, in blocks, so that none ever moves.
@safe struct Slots: ~Copyable {
  private static var blockSize: Int { 256 }
  private var blocks: [UnsafeMutablePointer<Slot>] = unsafe []
  private var free: [UInt32] = []

  deinit {
    for index in unsafe blocks.indices {
      // Initialised by grow.
      unsafe blocks[index].deinitialize(count: Self.blockSize)
      unsafe blocks[index].deallocate()
    }
  }

  /// A slot for a socket, as good as new.
  mutating func take() -> UInt32 {
    if free.isEmpty { grow() }
    return free.removeLast()
  }

  /// Gives a slot back. Nobody may wait in it. What was reported for this socket is for nobody from here on.
  mutating func giveBack(_ index: UInt32) {
    // The slot is nobody's.
    let slot = unsafe self[index]
    let generation = unsafe slot.pointee.state.load(ordering: .relaxed) >> 32
    unsafe slot.pointee.state.store(((generation + 1) & 0xffff_ffff) << 32, ordering: .releasing)
    unsafe slot.pointee.reader.isReady = false
    unsafe slot.pointee.writer.isReady = false
    unsafe slot.pointee.isSticky = false
    unsafe slot.pointee.idleTimeout = 0
    unsafe slot.pointee.readTimeout = 0
    unsafe slot.pointee.writeTimeout = 0
    unsafe slot.pointee.scope = nil
    unsafe slot.pointee.sink = nil
    free.append(index)
  }

  subscript(index: UInt32) -> UnsafeMutablePointer<Slot> {
    // Within a block, since an index comes from take.
    unsafe blocks[Int(index) / Self.blockSize] + Int(index) % Self.blockSize
  }

  /// What a poller reports for a socket: the slot, and who has it. 0 is for no socket.
  func token(_ index: UInt32) -> UInt64 {
    // The upper half of the state is the generation.
    unsafe self[index].pointee.state.load(ordering: .relaxed) & ~0xffff_ffff | UInt64(index + 1)
  }

  /// The slot that a report is for, or nil where that socket is gone.
  func slot(_ token: UInt64) -> UnsafeMutablePointer<Slot>? {
    let number = UInt32(truncatingIfNeeded: token)
    guard number > 0 else { return nil }
    let slot = unsafe self[number - 1]
    // Only this thread changes the generation.
    return unsafe slot.pointee.state.load(ordering: .relaxed) >> 32 == token >> 32 ? slot : nil
  }

  /// How many there are, taken or not.
  var count: UInt32 { unsafe UInt32(blocks.count * Self.blockSize) }

  private mutating func grow() {
    let first = unsafe UInt32(blocks.count * Self.blockSize)
    let end = first + UInt32(Self.blockSize)
    let block = UnsafeMutablePointer<Slot>.allocate(capacity: Self.blockSize)
    // Each of them once.
    for index in first..<end { unsafe (block + Int(index - first)).initialize(to: Slot(index: index)) }
    unsafe blocks.append(block)
    free.append(contentsOf: (first..<end).reversed())
  }
}
