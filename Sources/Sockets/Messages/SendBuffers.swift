public import CSockets

/// Buffers that are sent as one, without being copied together: `writev`, where no buffer can go before it is sent. A
/// buffer that does not live as long as this value, or that is changed before it is sent, does not compile.
///
/// ```swift
/// var message = SendBuffers<2>()
/// message.append(header.span)
/// message.append(body.span)
/// try socket.sendAll(&message)
/// ```
///
/// It is safe: its pointers are into spans that the compiler keeps alive and unchanged for as long as it lives.
@safe @frozen public struct SendBuffers<let capacity: Int>: ~Copyable, ~Escapable {
  @usableFromInline var vectors: InlineArray<capacity, iovec>
  /// The first that is not sent yet.
  @usableFromInline var start = 0
  @usableFromInline var end = 0

  /// No buffers yet, with room for `capacity` of them. The kernel takes 1,024 at once (IOV_MAX; more are EMSGSIZE).
  @inlinable @_lifetime(immortal)
  public init() {
    unsafe vectors = InlineArray(repeating: iovec())
  }

  /// Adds a buffer. More than there is room for are a programming error and end the process.
  @inlinable @_lifetime(self: copy self, copy bytes)
  public mutating func append(_ bytes: Span<UInt8>) {
    precondition(end < capacity, "more buffers than there is room for")
    // The pointer stays valid: this value depends on the span's lifetime. Nothing is written through it.
    unsafe bytes.withUnsafeBufferPointer {
      unsafe vectors[end] = iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
    }
    end += 1
  }

  /// How many bytes are left to send.
  public var byteCount: Int {
    var sum = 0
    for index in start..<end { unsafe sum += vectors[index].iov_len }
    return sum
  }

  /// Takes off what was sent.
  @usableFromInline @_lifetime(self: copy self)
  package mutating func removeFirst(_ bytes: Int) {
    var rest = bytes
    while start < end {
      let length = unsafe vectors[start].iov_len
      if rest < length {
        // Within the buffer that the vector describes.
        unsafe vectors[start].iov_base += rest
        unsafe vectors[start].iov_len -= rest
        return
      }
      rest -= length
      start += 1
    }
  }
}

extension Socket {
  /// Sends some of the bytes of several buffers, as many as the kernel takes at once, and says how many; otherwise as
  /// ``send(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``. A datagram is made of all of them. Corresponds to
  /// `sendmsg(2)`.
  ///
  /// - Throws: `SocketError` as that, and with EMSGSIZE (more than 1,024 buffers).
  @inlinable
  public borrowing func send<let capacity: Int>(
    _ buffers: borrowing SendBuffers<capacity>, flags: SendFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    while true {
      // The vectors and what they point to live as long as the argument.
      let sent = unsafe buffers.vectors.span.withUnsafeBufferPointer { vectors in
        unsafe cs_send_vectors(
          descriptor, vectors.baseAddress.map { unsafe $0 + buffers.start }, buffers.end - buffers.start,
          flags.rawValue | deadline.messageFlags)
      }
      if sent >= 0 { return sent }
      try recover(from: sent, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }

  /// Sends all of the bytes of several buffers, in as many calls as it takes, and leaves none; after a failure those
  /// that were not sent are left.
  ///
  /// - Throws: `SocketError` as ``send(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``, with the number of bytes
  ///   that went before in ``SocketError/bytesTransferred``.
  @inlinable
  public borrowing func sendAll<let capacity: Int>(
    _ buffers: inout SendBuffers<capacity>, flags: SendFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    var done = 0
    buffers.removeFirst(0)
    while buffers.start < buffers.end {
      do throws(SocketError) {
        let sent = try send(buffers, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
        buffers.removeFirst(sent)
        done += sent
      } catch {
        throw error.after(bytes: done)
      }
    }
  }
}
