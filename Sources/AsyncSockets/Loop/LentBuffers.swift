internal import Sockets

/// Buffers that are lent to whoever receives, for as long as what came is being looked at: an idle connection has none.
@safe struct LentBuffers: ~Copyable {
  /// The size of each, in bytes.
  static var size: Int { 65_536 }
  /// How many are kept that nobody uses.
  private static var kept: Int { 4 }
  private var free: [UnsafeMutablePointer<UInt8>] = unsafe []

  deinit {
    // Allocated by take, and of bytes that need nothing done.
    for index in unsafe free.indices { unsafe free[index].deallocate() }
  }

  mutating func take() -> UnsafeMutablePointer<UInt8> {
    unsafe free.popLast() ?? .allocate(capacity: Self.size)
  }

  mutating func giveBack(_ buffer: UnsafeMutablePointer<UInt8>) {
    // Whoever took it does not use it any more.
    guard unsafe free.count < Self.kept else { return unsafe buffer.deallocate() }
    unsafe free.append(buffer)
  }
}

/// One of them, and what has been received into it. It goes back at the end of this value's life.
@safe struct LentBuffer: ~Copyable {
  private let loop: EventLoop
  private let base: UnsafeMutablePointer<UInt8>
  /// How many bytes of it are filled.
  private(set) var count = 0

  /// A buffer of the loop's on its thread, and one of its own on another.
  init(of loop: EventLoop) {
    self.loop = loop
    // The state is this thread's own.
    unsafe base = loop.isCurrent ? loop.state.pointee.buffers.take() : .allocate(capacity: LentBuffers.size)
  }

  deinit {
    // Nobody has a span of it any more, since those depend on this value.
    guard loop.isCurrent else { return unsafe base.deallocate() }
    unsafe loop.state.pointee.buffers.giveBack(base)
  }

  /// What has been received.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self) get {
      // Filled so far, and this value's own.
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Has a function fill it from the front, and say how much it has filled.
  @inline(__always)
  mutating func fill(_ body: (inout MutableSpan<UInt8>) throws(SocketError) -> Int) throws(SocketError) {
    // Allocated with this size, and this value's own.
    var span = unsafe MutableSpan(_unsafeStart: base, count: LentBuffers.size)
    count = min(try body(&span), LentBuffers.size)
  }
}
