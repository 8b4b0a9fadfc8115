public import CSockets

/// Receiving.
///
/// A call with no room to receive into returns 0 without asking the kernel: that is not the end of the stream.
extension Socket {
  /// Receives into the front of a buffer what there is, at least one byte, and says how many. 0 is the end of the
  /// stream, or an empty datagram. Corresponds to `recv(2)`.
  ///
  /// A datagram that is larger than the buffer is cut; ``receiveDatagram(into:until:retryOnInterrupt:)`` says so.
  ///
  /// - Throws: `SocketError` with ECONNRESET (the peer is gone), ECONNREFUSED (a datagram came back), ENOTCONN (no
  ///   peer), EAGAIN (nothing is there, with ``Deadline/now``), ``SocketError/Reason/timedOut``.
  @inlinable
  public borrowing func receive(
    into buffer: inout MutableSpan<UInt8>, flags: ReceiveFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    try receive(into: &buffer, from: 0, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }

  /// Appends to a buffer what there is, and says how many bytes that was; otherwise as
  /// ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``.
  @inlinable
  public borrowing func receive(
    into buffer: inout OutputSpan<UInt8>, flags: ReceiveFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    guard buffer.freeCapacity > 0 else { return 0 }
    while true {
      // The callee writes into the free part alone, and what it wrote is counted.
      let received = unsafe buffer.withUnsafeMutableBufferPointer { bytes, count in
        let received = unsafe cs_recv(
          descriptor, bytes.baseAddress.map { unsafe $0 + count }, bytes.count - count,
          flags.rawValue | deadline.messageFlags)
        if received > 0 { count += received }
        return received
      }
      if received >= 0 { return received }
      try recover(from: received, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }

  /// Receives at most so many bytes into a new array, which is empty at the end of the stream.
  ///
  /// - Parameters:
  ///   - count: From 0; more than 16 MiB is taken for that.
  ///   - deadline: When to give up.
  ///   - retryOnInterrupt: Whether to go on after a signal.
  /// - Throws: `SocketError` as ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``.
  public borrowing func receive(
    upTo count: Int, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> [UInt8] {
    var bytes: [UInt8] = []
    try bytes.append(addingCapacity: min(max(count, 0), 1 << 24)) { output throws(SocketError) in
      _ = try receive(into: &output, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
    return bytes
  }

  /// Fills the whole of a buffer, in as many calls as it takes.
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``, and with
  ///   ``SocketError/Reason/endOfStream``; ``SocketError/bytesTransferred`` says how much of the buffer is filled then.
  @inlinable
  public borrowing func receiveExactly(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    var done = 0
    while done < buffer.count {
      do throws(SocketError) {
        let received = try receive(
          into: &buffer, from: done, flags: [], until: deadline, retryOnInterrupt: retryOnInterrupt)
        guard received > 0 else { throw SocketError(.receive, .endOfStream) }
        done += received
      } catch {
        throw error.after(bytes: done)
      }
    }
  }

  /// Receives as ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)`` and leaves the bytes where
  /// they are, to be received again. Corresponds to `recv(2)` with MSG_PEEK.
  ///
  /// - Throws: `SocketError` as that.
  public borrowing func peek(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    try receive(into: &buffer, from: 0, flags: .peek, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }

  /// Receives behind the first bytes of a buffer.
  @inlinable @inline(__always)
  package borrowing func receive(
    into buffer: inout MutableSpan<UInt8>, from offset: Int, flags: ReceiveFlags, until deadline: Deadline,
    retryOnInterrupt: Bool
  ) throws(SocketError) -> Int {
    guard offset < buffer.count else { return 0 }
    while true {
      // The offset is within the span, and the callee writes no more bytes than follow it.
      let received = unsafe buffer.withUnsafeMutableBufferPointer {
        unsafe cs_recv(
          descriptor, $0.baseAddress.map { unsafe $0 + offset }, $0.count - offset,
          flags.rawValue | deadline.messageFlags)
      }
      if received >= 0 { return received }
      try recover(from: received, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }
}

/// A datagram that was received: how much of it, and from whom.
@frozen public struct Datagram: Hashable, Sendable {
  /// How many bytes of it are in the buffer; 0 for an empty datagram.
  public let count: Int
  /// How many bytes it had. More than ``count`` where the buffer was too small: the rest is lost.
  public let length: Int
  /// Whether some of it is lost.
  public let isTruncated: Bool
  /// Who sent it; ``UnixAddress/unnamed`` for a Unix socket without a name, which cannot be answered.
  public let sender: SocketAddress
}

extension Socket {
  /// Receives one datagram, or one packet of a sequenced-packet socket. Corresponds to `recvmsg(2)` with MSG_TRUNC.
  ///
  /// A buffer without room receives a datagram too, and loses all of it. A count of 0 from a sequenced-packet socket is
  /// an empty packet or the end. It is not for streams, which have no datagrams: a TCP socket throws EOPNOTSUPP, and
  /// what there was to receive is lost. (On systems other than Linux the true length of a datagram that was cut is not
  /// known, and ``Datagram/length`` is what fitted.)
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``, and with
  ///   EOPNOTSUPP for a TCP socket.
  public borrowing func receiveDatagram(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Datagram {
    while true {
      // The callee writes no more bytes than the span has.
      let received = unsafe buffer.withUnsafeMutableBufferPointer {
        unsafe cs_recvfrom(descriptor, $0.baseAddress, $0.count, deadline.messageFlags)
      }
      guard received.result < 0 else {
        // Only a connection leaves the sender out, and a Unix socket without a name.
        if received.sender.length == 0, try get(.type) == .stream {
          throw SocketError(.receive, .errno(.notSupported))
        }
        return Datagram(
          count: min(received.result, buffer.count), length: received.result, isTruncated: received.truncated != 0,
          sender: SocketAddress(inlining: received.sender))
      }
      try recover(from: received.result, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }
}
