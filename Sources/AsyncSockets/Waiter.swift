internal import Sockets

/// Why a suspended call goes on.
enum Wake: UInt8, Sendable {
  /// What it waited for has come.
  case ready
  /// The deadline has passed.
  case timedOut
  /// Its task was cancelled.
  case cancelled
  /// The loop has been closed, or the socket.
  case closed
}

/// A call that is suspended, or a place for one. It stays where it is in memory, since the timers and a cancellation
/// point to it; only the loop's thread touches it.
@safe struct Waiter {
  /// Set while a call is suspended.
  var continuation: UnsafeContinuation<Wake, Never>?
  /// Which call that is: no number is used twice, so that a cancellation that comes late finds another.
  var ticket: UInt64 = 0
  /// When it gives up.
  var deadline = Deadline.never
  /// Where it stands among the timers, or -1.
  var timerIndex = -1
}

/// The deadlines of suspended calls, as a heap: the cost of one grows with the logarithm of how many there are, and
/// those that wait without a deadline cost nothing.
@safe struct Timers: ~Copyable {
  private var heap: [UnsafeMutablePointer<Waiter>] = unsafe []

  /// The next moment at which a call gives up.
  var next: Deadline { unsafe heap.isEmpty ? .never : unsafe heap[0].pointee.deadline }

  mutating func insert(_ waiter: UnsafeMutablePointer<Waiter>) {
    unsafe heap.append(waiter)
    // Whoever inserts a waiter keeps it where it is until it is removed.
    unsafe waiter.pointee.timerIndex = heap.count - 1
    unsafe siftUp(heap.count - 1)
  }

  mutating func remove(_ waiter: UnsafeMutablePointer<Waiter>) {
    // As above.
    let index = unsafe waiter.pointee.timerIndex
    guard index >= 0 else { return }
    unsafe waiter.pointee.timerIndex = -1
    let last = unsafe heap.removeLast()
    guard unsafe index < heap.count else { return }
    unsafe place(last, at: index)
    siftUp(index)
    siftDown(index)
  }

  /// Takes out a call whose time has come.
  mutating func popExpired(at moment: Deadline) -> UnsafeMutablePointer<Waiter>? {
    guard let first = unsafe heap.first, unsafe first.pointee.deadline <= moment else { return nil }
    unsafe remove(first)
    return unsafe first
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    unsafe heap[left].pointee.deadline < heap[right].pointee.deadline
  }

  private mutating func place(_ waiter: UnsafeMutablePointer<Waiter>, at index: Int) {
    unsafe heap[index] = waiter
    unsafe waiter.pointee.timerIndex = index
  }

  private mutating func swapAt(_ left: Int, _ right: Int) {
    let (first, second) = unsafe (heap[left], heap[right])
    unsafe place(second, at: left)
    unsafe place(first, at: right)
  }

  private mutating func siftUp(_ start: Int) {
    var index = start
    while index > 0, isBefore(index, (index - 1) / 2) {
      swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where unsafe child < heap.count && isBefore(child, least) {
        least = child
      }
      guard least != index else { return }
      swapAt(index, least)
      index = least
    }
  }
}
