internal import Sockets

/// What other threads have for a loop's.
struct Inbox: @unchecked Sendable {
  private var jobs: [UnownedJob] = []
  private var orders: [Order] = []
  private var phase = Phase.new

  private enum Phase { case new, running, embedded, over }

  /// Something that only the loop's thread can do.
  @safe enum Order: @unchecked Sendable {
    /// Let a call go on whose task has been cancelled. The waiter is a slot's, which stays where it is.
    case cancelCall(UnsafeMutablePointer<Waiter>, ticket: UInt64)
    /// Let those go on who wait for a socket that has been closed.
    case wakeClosed(token: UInt64)
    /// Let the one go on that waits in a slot of its own.
    case wake(token: UInt64)
    /// Close a descriptor that nobody uses any more.
    case retire(token: UInt64, descriptor: Int32)
    /// Let a server's call go on that takes connections; not one that anybody else has made.
    case interrupt(token: UInt64)
    /// Anything else.
    case run(@Sendable () -> Void)
  }

  /// Whether nothing has come.
  var isEmpty: Bool { jobs.isEmpty && orders.isEmpty }

  /// Whether a thread may begin to run the loop.
  mutating func begin() -> Bool {
    guard phase == .new else { return false }
    phase = .running
    return true
  }

  /// Whether a thread may run it for a while, which no other one does.
  mutating func beginTurn() -> Bool {
    guard phase == .new || phase == .embedded else { return false }
    phase = .running
    return true
  }

  /// That while is over.
  mutating func endTurn() {
    if phase == .running { phase = .embedded }
  }

  /// From here on nobody takes anything, but for once more.
  mutating func end() {
    phase = .over
  }

  /// Puts a job in; whether somebody has to be woken for it, or nil where nobody takes it.
  mutating func add(_ job: UnownedJob) -> Bool? {
    guard phase != .over else { return nil }
    defer { jobs.append(job) }
    return isEmpty
  }

  /// The same for an order.
  mutating func add(_ order: Order) -> Bool? {
    guard phase != .over else { return nil }
    defer { orders.append(order) }
    return isEmpty
  }

  mutating func takeAll() -> (jobs: [UnownedJob], orders: [Order]) {
    defer { (jobs, orders) = ([], []) }
    return (jobs, orders)
  }
}
