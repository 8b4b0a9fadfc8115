/// Bytes that never change, and that several owners can share: what the kernel may read for a while after a send has
/// returned.
///
/// It is safe: its pointer is to memory of its own, which it frees at the end of its life and lends as a span.
@safe public final class SharedBytes: Sendable {
  /// How many there are.
  public let count: Int
  // Written by init alone.
  private nonisolated(unsafe) let base: UnsafeMutablePointer<UInt8>

  /// As many bytes as a function appends, `capacity` at most.
  public init(capacity: Int, initializingWith initialize: (inout OutputSpan<UInt8>) -> Void) {
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 1))
    // The memory is nobody else's, and as large as is said.
    var output = unsafe OutputSpan(
      buffer: UnsafeMutableBufferPointer(start: base, count: max(capacity, 0)), initializedCount: 0)
    initialize(&output)
    // Those that were appended stay.
    unsafe count = output.finalize(for: UnsafeMutableBufferPointer(start: base, count: max(capacity, 0)))
    unsafe self.base = base
  }

  /// A copy of bytes.
  public convenience init(copying bytes: Span<UInt8>) {
    self.init(capacity: bytes.count) { output in output.append(bytes) }
  }

  deinit {
    // Allocated by init, of a type that needs nothing done.
    unsafe base.deallocate()
  }

  /// The bytes.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) get {
      // Initialised by init, and there for as long as the object is.
      let bytes = unsafe Span(_unsafeStart: UnsafePointer(base), count: count)
      return unsafe _overrideLifetime(bytes, borrowing: self)
    }
  }
}
