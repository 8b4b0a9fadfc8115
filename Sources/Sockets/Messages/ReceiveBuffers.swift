public import CSockets

/// Buffers that are filled one after the other by one receive: `readv`, where no buffer can go before it is filled. A
/// buffer that does not live as long as this value, or that is used meanwhile, does not compile.
///
/// ```swift
/// var parts = ReceiveBuffers<2>()
/// parts.append(header.mutableSpan)
/// parts.append(body.mutableSpan)
/// let count = try socket.receive(into: &parts)
/// ```
///
/// It is safe: its pointers are into spans that the compiler keeps alive, and from everyone else, for as long as it
/// lives.
@safe @frozen public struct ReceiveBuffers<let capacity: Int>: ~Copyable, ~Escapable {
  @usableFromInline var vectors: InlineArray<capacity, iovec>
  @usableFromInline var end = 0

  /// No buffers yet, with room for `capacity` of them. The kernel takes 1,024 at once (IOV_MAX; more are EMSGSIZE).
  @inlinable @_lifetime(immortal)
  public init() {
    unsafe vectors = InlineArray(repeating: iovec())
  }

  /// Adds a buffer. More than there is room for are a programming error and end the process.
  @inlinable @_lifetime(self: copy self, copy bytes)
  public mutating func append(_ bytes: consuming MutableSpan<UInt8>) {
    precondition(end < capacity, "more buffers than there is room for")
    // The pointer stays valid, and nobody else uses it: this value depends on the span's lifetime.
    unsafe bytes.withUnsafeMutableBufferPointer {
      unsafe vectors[end] = iovec(iov_base: UnsafeMutableRawPointer($0.baseAddress), iov_len: $0.count)
    }
    end += 1
  }

  /// How many bytes there is room for.
  public var byteCount: Int {
    var sum = 0
    for index in 0..<end { unsafe sum += vectors[index].iov_len }
    return sum
  }
}

extension Socket {
  /// Receives into several buffers, each of which is filled before the next, and says how many bytes came; otherwise as
  /// ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``. Corresponds to `recvmsg(2)`.
  ///
  /// - Throws: `SocketError` as that, and with EMSGSIZE (more than 1,024 buffers).
  @inlinable
  public borrowing func receive<let capacity: Int>(
    into buffers: inout ReceiveBuffers<capacity>, flags: ReceiveFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    guard buffers.byteCount > 0 else { return 0 }
    while true {
      // The vectors and what they point to live as long as the argument, which nobody else uses.
      let received = unsafe buffers.vectors.span.withUnsafeBufferPointer { vectors in
        unsafe cs_recv_vectors(descriptor, vectors.baseAddress, buffers.end, flags.rawValue | deadline.messageFlags)
      }
      if received >= 0 { return received }
      try recover(from: received, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }
}
