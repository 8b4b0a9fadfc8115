internal import CSockets
internal import Sockets
internal import Synchronization

/// What a loop knows of one socket, or of one call that sleeps.
///
/// It stays where it is in memory for as long as the loop lives, so that a pointer to it is good for as long as somebody
/// has the loop. Only the loop's thread touches it; what others may touch is a ``SharedSlot``.
@safe struct Slot: ~Copyable {
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
  /// The server whose connection it is, and which ends it.
  var service: ObjectIdentifier?
  /// The task that serves it, whose calls need not look after their cancellation, since the server does. Its address, to
  /// be compared; it lives for as long as it is set.
  var task: UnsafeRawPointer?
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

/// What every thread may touch of a slot, in the memory right before it: a change of the slot is one of all of it, as
/// the language sees it, and so must not have this in it.
@safe struct SharedSlot: ~Copyable {
  /// Who uses the socket, and whether it may be used; see ``SlotState``.
  let state = Atomic<UInt64>(0)
  /// When a byte moved last, in a deadline's nanoseconds. Only kept where an idle timeout asks for it.
  let lastActivity = Atomic<Int64>(0)
}

extension UnsafeMutablePointer<Slot> {
  /// What every thread may touch.
  @inline(__always)
  var shared: UnsafeMutablePointer<SharedSlot> {
    // Where Slots has put it.
    unsafe (UnsafeMutableRawPointer(self) - MemoryLayout<SharedSlot>.stride).assumingMemoryBound(to: SharedSlot.self)
  }

  /// The place of the calls of one direction.
  @inline(__always)
  func waiter(_ direction: Direction) -> UnsafeMutablePointer<Waiter> {
    // A slot stays where it is, and its parts with it.
    switch direction {
    case .read, .aside: unsafe withUnsafeMutablePointer(to: &pointee.reader) { unsafe $0 }
    case .write: unsafe withUnsafeMutablePointer(to: &pointee.writer) { unsafe $0 }
    }
  }

  /// Whether this is the task that serves the socket for a server, which ends its calls.
  @inline(__always)
  var isServedHere: Bool {
    // Compared, and never followed.
    unsafe pointee.task != nil && pointee.task == cs_current_task()
  }
}

/// What a call does with a socket.
enum Direction: UInt8, Sendable {
  /// It receives, or accepts.
  case read
  /// It sends, or connects.
  case write
  /// It receives what is beside the stream: urgent data, or the queue of errors. It waits where a call that receives
  /// does, and what it finds used up says nothing of what such a call would find.
  case aside

  /// What takes the place of which there is one for each direction.
  var use: UInt64 { self == .write ? SlotState.writing : SlotState.reading }
  /// What is looked for. Errors always are.
  var interest: Interest {
    switch self {
    case .read: [.read, .urgent]
    case .write: .write
    case .aside: .urgent
    }
  }

  /// Whether what has been found is what is looked for.
  func isFound(in readiness: Readiness) -> Bool {
    switch self {
    case .read: readiness.canReceive
    case .write: readiness.canSend
    case .aside: readiness.contains(.urgent)
    }
  }
}

extension ReceiveFlags {
  /// How a call with these flags waits.
  var direction: Direction { isDisjoint(with: [.errorQueue, .outOfBand]) ? .read : .aside }
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
  /// Which call that is: no number is used twice, so that a cancellation that comes late finds another. 0 where a server
  /// ends it.
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
  /// How far it is from one slot to the next, with what each shares between them. Both are of words.
  private static var stride: Int { MemoryLayout<SharedSlot>.stride + MemoryLayout<Slot>.stride }
  private var blocks: [UnsafeMutableRawPointer] = unsafe []
  private var free: [UInt32] = []

  deinit {
    for index in 0..<count {
      // Initialised by grow. The atomics need nothing done.
      unsafe self[index].deinitialize(count: 1)
    }
    // Allocated by grow.
    for index in unsafe blocks.indices { unsafe blocks[index].deallocate() }
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
    let generation = unsafe slot.shared.pointee.state.load(ordering: .relaxed) >> 32
    unsafe slot.shared.pointee.state.store(((generation + 1) & 0xffff_ffff) << 32, ordering: .releasing)
    unsafe slot.pointee.reader.isReady = false
    unsafe slot.pointee.writer.isReady = false
    unsafe slot.pointee.isSticky = false
    unsafe slot.pointee.idleTimeout = 0
    unsafe slot.pointee.readTimeout = 0
    unsafe slot.pointee.writeTimeout = 0
    unsafe slot.pointee.service = nil
    unsafe slot.pointee.task = nil
    unsafe slot.pointee.sink = nil
    free.append(index)
  }

  subscript(index: UInt32) -> UnsafeMutablePointer<Slot> {
    // Within a block, since an index comes from take.
    let cell = unsafe blocks[Int(index) / Self.blockSize] + Int(index) % Self.blockSize * Self.stride
    return unsafe (cell + MemoryLayout<SharedSlot>.stride).assumingMemoryBound(to: Slot.self)
  }

  /// What a poller reports for a socket: the slot, and who has it. 0 is for no socket.
  func token(_ index: UInt32) -> UInt64 {
    // The upper half of the state is the generation.
    unsafe self[index].shared.pointee.state.load(ordering: .relaxed) & ~0xffff_ffff | UInt64(index + 1)
  }

  /// The slot that a report is for, or nil where that socket is gone.
  func slot(_ token: UInt64) -> UnsafeMutablePointer<Slot>? {
    let number = UInt32(truncatingIfNeeded: token)
    guard number > 0 else { return nil }
    let slot = unsafe self[number - 1]
    // Only this thread changes the generation.
    return unsafe slot.shared.pointee.state.load(ordering: .relaxed) >> 32 == token >> 32 ? slot : nil
  }

  /// How many there are, taken or not.
  var count: UInt32 { unsafe UInt32(blocks.count * Self.blockSize) }

  private mutating func grow() {
    let first = unsafe UInt32(blocks.count * Self.blockSize)
    let end = first + UInt32(Self.blockSize)
    unsafe blocks.append(
      .allocate(byteCount: Self.blockSize * Self.stride, alignment: MemoryLayout<SharedSlot>.alignment))
    for index in first..<end {
      // Each of them once.
      unsafe self[index].shared.initialize(to: SharedSlot())
      unsafe self[index].initialize(to: Slot(index: index))
    }
    free.append(contentsOf: (first..<end).reversed())
  }
}
