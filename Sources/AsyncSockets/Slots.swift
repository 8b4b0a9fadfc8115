internal import Sockets

/// What a loop knows of one socket. It stays where it is in memory for as long as the loop lives; only the loop's thread
/// touches it.
struct Slot {
  var reader = Waiter()
  var writer = Waiter()
  /// What has been reported and not used up yet. With edge triggering nothing is reported twice.
  var readiness: Readiness = []
  /// How often the slot has been given to a socket: what was reported for an earlier one is for nobody.
  var generation: UInt32 = 0
}

/// The slots of a loop, in blocks, so that none ever moves.
@safe struct Slots: ~Copyable {
  private static var blockSize: Int { 256 }
  private var blocks: [UnsafeMutablePointer<Slot>] = unsafe []
  private var free: [UInt32] = []

  deinit {
    // Allocated by grow, and of a type that needs nothing done.
    for index in unsafe blocks.indices { unsafe blocks[index].deallocate() }
  }

  /// A slot for a socket, as good as new.
  mutating func take() -> UInt32 {
    if free.isEmpty { grow() }
    return free.removeLast()
  }

  /// Gives a slot back. Nobody may wait in it.
  mutating func giveBack(_ index: UInt32) {
    let slot = unsafe self[index]
    unsafe slot.pointee.generation &+= 1
    unsafe slot.pointee.readiness = []
    free.append(index)
  }

  subscript(index: UInt32) -> UnsafeMutablePointer<Slot> {
    // Within a block, since an index comes from take.
    unsafe blocks[Int(index) / Self.blockSize] + Int(index) % Self.blockSize
  }

  /// What a poller reports for a socket: the slot, and who has it. 0 is for no socket.
  func token(_ index: UInt32) -> UInt64 {
    unsafe UInt64(self[index].pointee.generation) << 32 | UInt64(index + 1)
  }

  /// The slot that a report is for, or nil where that socket is gone.
  func slot(_ token: UInt64) -> UnsafeMutablePointer<Slot>? {
    let number = UInt32(truncatingIfNeeded: token)
    guard number > 0 else { return nil }
    let slot = unsafe self[number - 1]
    return unsafe slot.pointee.generation == UInt32(truncatingIfNeeded: token >> 32) ? slot : nil
  }

  /// How many there are, taken or not.
  var count: UInt32 { unsafe UInt32(blocks.count * Self.blockSize) }

  private mutating func grow() {
    let first = unsafe UInt32(blocks.count * Self.blockSize)
    let block = UnsafeMutablePointer<Slot>.allocate(capacity: Self.blockSize)
    unsafe block.initialize(repeating: Slot(), count: Self.blockSize)
    unsafe blocks.append(block)
    free.append(contentsOf: (first..<first + UInt32(Self.blockSize)).reversed())
  }
}
