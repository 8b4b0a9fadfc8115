internal import CSockets

/// A message that was received: how much of it, from whom, and whether something is missing.
public struct ReceivedMessage: Hashable, Sendable {
  /// How many bytes are in the buffer; 0 also at the end of a stream.
  public let count: Int
  /// Whether the message had more bytes than fitted; the rest is lost.
  public let isTruncated: Bool
  /// Whether there was more control data than fitted; the rest is lost, and descriptors in it are closed.
  public let isControlTruncated: Bool
  /// Who sent it; ``UnixAddress/unnamed`` where that is not known.
  public let sender: SocketAddress
}

extension Socket {
  /// Sends some of the bytes, or a whole datagram, with control data beside them. Corresponds to `sendmsg(2)`.
  ///
  /// Descriptors cross a stream with at least one byte.
  ///
  /// - Parameters:
  ///   - bytes: What to send.
  ///   - control: What goes beside it.
  ///   - address: Whom to send it to; nil for the peer.
  ///   - flags: How this send differs from others.
  ///   - deadline: When to give up.
  ///   - retryOnInterrupt: Whether to go on after a signal.
  /// - Throws: `SocketError` as ``send(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``, and with EBADF (a
  ///   descriptor in the control data is not open), EPERM (credentials that are not true), ETOOMANYREFS (too many
  ///   descriptors are on their way).
  public borrowing func send(
    _ bytes: Span<UInt8>, control: borrowing ControlBuffer, to address: SocketAddress? = nil, flags: SendFlags = [],
    until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    let target = address?.kernelForm ?? cs_address()
    while true {
      // The bytes and the control data live as long as the call, which only reads them.
      let sent = unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe control.withContents { control in
          var vector = unsafe iovec(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
          return unsafe cs_sendmsg(
            descriptor, &vector, 1, control.baseAddress, control.count, target, flags.rawValue | deadline.messageFlags)
        }
      }
      if sent >= 0 { return sent }
      try recover(from: sent, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }

  /// Receives a message, or some bytes of a stream, with what came beside them. Corresponds to `recvmsg(2)`.
  ///
  /// What the control buffer had before is gone. A buffer without room receives a message too, and loses its bytes.
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``.
  public borrowing func receiveMessage(
    into buffer: inout MutableSpan<UInt8>, control: inout ControlBuffer, flags: ReceiveFlags = [],
    until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> ReceivedMessage {
    control.removeAll()
    while true {
      // The callee writes no more than the buffer and the control storage have.
      let message = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
        unsafe control.withStorage { storage in
          var vector = unsafe iovec(iov_base: UnsafeMutableRawPointer(bytes.baseAddress), iov_len: bytes.count)
          return unsafe cs_recvmsg(
            descriptor, &vector, 1, storage.baseAddress, storage.count, flags.rawValue | deadline.messageFlags)
        }
      }
      guard message.result < 0 else {
        control.received(message.control)
        return ReceivedMessage(
          count: message.result, isTruncated: message.flags & CS_MSG_TRUNC != 0,
          isControlTruncated: message.flags & CS_MSG_CTRUNC != 0, sender: SocketAddress(message.sender))
      }
      try recover(from: message.result, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }
}
