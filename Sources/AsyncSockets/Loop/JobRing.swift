/// The jobs that wait for the loop's thread, first come, first served. Only that thread touches them.
@safe struct JobRing: ~Copyable {
  /// As many as a power of two, so that a position is found by masking.
  private var capacity = 1024
  private var jobs: UnsafeMutablePointer<UnownedJob>
  /// Counts of jobs that were put in and taken out, ever.
  private var head = 0
  private var tail = 0

  init() {
    unsafe jobs = .allocate(capacity: capacity)
  }

  deinit {
    // The jobs are references that nobody owns: nothing is left to be done for them.
    unsafe jobs.deallocate()
  }

  var count: Int { tail &- head }
  var isEmpty: Bool { tail == head }

  @inline(__always)
  mutating func append(_ job: UnownedJob) {
    if count == capacity { grow() }
    // The place is within what was allocated, and was taken out before it comes round again.
    unsafe (jobs + (tail & (capacity &- 1))).initialize(to: job)
    tail &+= 1
  }

  @inline(__always)
  mutating func popFirst() -> UnownedJob? {
    guard head != tail else { return nil }
    // One that was put in, and is taken out once.
    let job = unsafe (jobs + (head & (capacity &- 1))).move()
    head &+= 1
    return job
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: 2 * capacity)
    for position in head..<tail {
      // Each place of the new one is another, and each job moves once.
      unsafe (larger + (position & (2 * capacity - 1))).initialize(to: (jobs + (position & (capacity - 1))).move())
    }
    unsafe jobs.deallocate()
    unsafe jobs = larger
    capacity *= 2
  }
}
