internal import CSockets
internal import Sockets

/// Buffers that are lent to whoever receives, for as long as what came is being looked at: an idle connection has none.
@safe struct LentBuffers: ~Copyable {
  /// The size of each, in bytes.
  static var size: Int { 65_536 }
  /// The one that is nobody's: who comes while it is lent has one that is made for it.
  private var spare: UnsafeMutablePointer<UInt8>?

  deinit {
    // Allocated by take, and of bytes that need nothing done.
    unsafe spare?.deallocate()
  }

  @inline(__always)
  mutating func take() -> UnsafeMutablePointer<UInt8> {
    guard let buffer = unsafe spare.take() else { return .allocate(capacity: Self.size) }
    return unsafe buffer
  }

  @inline(__always)
  mutating func giveBack(_ buffer: UnsafeMutablePointer<UInt8>) {
    // Whoever took it does not use it any more.
    if unsafe spare == nil { unsafe spare = buffer } else { unsafe buffer.deallocate() }
  }
}

/// One of them, and what has been received into it. It goes back at the end of this value's life.
@safe struct LentBuffer: ~Copyable {
  private let state: UnsafeMutablePointer<LoopState>
  private let base: UnsafeMutablePointer<UInt8>
  /// How many bytes of it are filled.
  private(set) var count = 0

  /// A buffer of a loop's on its thread, and one of its own on another. The loop has to live for as long.
  @inline(__always)
  init(of state: UnsafeMutablePointer<LoopState>) {
    unsafe self.state = state
    // Touched on its own thread alone.
    unsafe base = Self.isOnLoop(state) ? state.pointee.buffers.take() : .allocate(capacity: LentBuffers.size)
  }

  @inline(__always)
  deinit {
    // Nobody has a span of it any more, since those depend on this value.
    guard unsafe Self.isOnLoop(state) else { return unsafe base.deallocate() }
    unsafe state.pointee.buffers.giveBack(base)
  }

  @inline(__always)
  private static func isOnLoop(_ state: UnsafeMutablePointer<LoopState>) -> Bool {
    // Compared, and never followed.
    unsafe cs_current_loop() == UnsafeMutableRawPointer(state)
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
