internal import Sockets

/// A moment at which something is due in a slot. It stays where it is, since the heap points to it.
struct Timer {
  /// What is due.
  enum Purpose: UInt8 {
    case reader, writer, idleness
  }

  var deadline = Deadline.never
  /// Where it stands in the heap, or -1.
  fileprivate var position: Int32 = -1
  let slot: UInt32
  let purpose: Purpose

  init(slot: UInt32, purpose: Purpose) {
    self.slot = slot
    self.purpose = purpose
  }
}

/// The timers that are set, as a heap with the next one on top: what one costs grows with the logarithm of how many
/// there are, and a call without a deadline costs nothing.
@safe struct Timers: ~Copyable {
  private var heap: [UnsafeMutablePointer<Timer>] = unsafe []

  /// When the next one is due.
  // Whoever sets a timer keeps it where it is until it is removed.
  var next: Deadline { unsafe heap.isEmpty ? .never : unsafe heap[0].pointee.deadline }

  /// Sets a timer that is not set.
  mutating func insert(_ timer: UnsafeMutablePointer<Timer>, _ deadline: Deadline) {
    // As above.
    unsafe timer.pointee.deadline = deadline
    unsafe heap.append(timer)
    unsafe siftUp(timer, from: heap.count - 1)
  }

  /// Takes a timer out; nothing where it is not set.
  mutating func remove(_ timer: UnsafeMutablePointer<Timer>) {
    // As above.
    let position = unsafe Int(timer.pointee.position)
    guard position >= 0 else { return }
    unsafe timer.pointee.position = -1
    let last = unsafe heap.removeLast()
    guard unsafe position < heap.count else { return }
    // The last one takes its place, and goes to where it belongs from there.
    if unsafe position > 0 && last.pointee.deadline < heap[(position - 1) / 2].pointee.deadline {
      unsafe siftUp(last, from: position)
    } else {
      unsafe siftDown(last, from: position)
    }
  }

  /// Takes out one that is due.
  mutating func popDue(at moment: Deadline) -> UnsafeMutablePointer<Timer>? {
    // As above.
    guard let first = unsafe heap.first, unsafe first.pointee.deadline <= moment else { return nil }
    unsafe remove(first)
    return unsafe first
  }

  /// Puts a timer at a place, or above it, whose timers move down.
  private mutating func siftUp(_ timer: UnsafeMutablePointer<Timer>, from place: Int) {
    var place = place
    while place > 0 {
      let parent = (place - 1) / 2
      // As above.
      guard unsafe timer.pointee.deadline < heap[parent].pointee.deadline else { break }
      unsafe set(heap[parent], at: place)
      place = parent
    }
    unsafe set(timer, at: place)
  }

  /// Puts a timer at a place, or below it, whose timers move up.
  private mutating func siftDown(_ timer: UnsafeMutablePointer<Timer>, from place: Int) {
    var place = place
    while true {
      var child = 2 * place + 1
      // As above.
      guard unsafe child < heap.count else { break }
      if unsafe child + 1 < heap.count && heap[child + 1].pointee.deadline < heap[child].pointee.deadline {
        child += 1
      }
      guard unsafe heap[child].pointee.deadline < timer.pointee.deadline else { break }
      unsafe set(heap[child], at: place)
      place = child
    }
    unsafe set(timer, at: place)
  }

  private mutating func set(_ timer: UnsafeMutablePointer<Timer>, at place: Int) {
    // As above.
    unsafe heap[place] = timer
    unsafe timer.pointee.position = Int32(truncatingIfNeeded: place)
  }
}
