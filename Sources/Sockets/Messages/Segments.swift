internal import CSockets

/// Datagrams that the kernel, or the device, cuts out of one send: UDP_SEGMENT. See `udp(7)`.
enum Segmentation {
  /// The most datagrams that Linux cuts out of one send, before 6.7: 64.
  static var maximumCount: Int { 64 }
  /// The most bytes that one send can have over either version of IP.
  static var maximumBytes: Int { 65_487 }

  /// Whether an errno says that the datagrams have to be sent one by one: the device cannot (EIO), the kernel cannot or
  /// does not know how (EINVAL), or a segment is larger than the link takes whole (EMSGSIZE).
  static func isRefusal(_ errno: Errno) -> Bool {
    errno == .ioError || errno == .invalidArgument || errno == .messageTooLong
  }
}

extension Socket {
  /// Sends bytes as datagrams of one size, the last of which may be smaller, with as few system calls as it takes: the
  /// kernel cuts them apart. Where it or the device cannot, or the socket is not a UDP one, they are sent one by one.
  /// Corresponds to `sendmsg(2)` with UDP_SEGMENT.
  ///
  /// - Parameters:
  ///   - bytes: What to send; none is nothing to send.
  ///   - size: How many bytes each datagram has, 1 to 65,507.
  ///   - address: Whom to send to; nil for the peer.
  ///   - deadline: When to give up.
  ///   - retryOnInterrupt: Whether to go on after a signal.
  /// - Throws: `SocketError` as ``send(_:to:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_,_)``, with the number of
  ///   bytes that went before in ``SocketError/bytesTransferred``, and with EINVAL (a size below 1).
  public borrowing func sendSegments(
    _ bytes: Span<UInt8>, of size: Int, to address: SocketAddress? = nil, until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    let target = address?.kernelForm ?? cs_address()
    // The most that one call can have, in whole segments.
    let most = size > 0 ? max(min(Segmentation.maximumCount, Segmentation.maximumBytes / size), 1) * size : 0
    var done = 0
    do throws(SocketError) {
      guard size > 0 else { throw SocketError(.send, .errno(.invalidArgument)) }
      var cutsHere = if bytes.count <= size { true } else { try get(.protocol) != .udp }
      while done < bytes.count {
        let rest = bytes.extracting(done...)
        if cutsHere {
          try sendSeparately(rest, of: size, to: address, deadline, retryOnInterrupt)
          return
        }
        let part = rest.extracting(first: min(most, rest.count))
        let sent = sendOnce(part, segmentSize: UInt16(clamping: size), to: target, deadline.messageFlags)
        if sent >= 0 {
          done += sent
        } else if Segmentation.isRefusal(Errno(rawValue: Int32(truncatingIfNeeded: -sent))) {
          cutsHere = true
        } else {
          try recover(from: sent, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
        }
      }
    } catch {
      let failure = error.after(bytes: done + error.bytesTransferred)
      throw address.map(failure.done(to:)) ?? failure
    }
  }

  /// One send, which the kernel is to cut.
  private borrowing func sendOnce(
    _ bytes: Span<UInt8>, segmentSize: UInt16, to target: cs_address, _ flags: Int32
  ) -> Int {
    // Words, so that the header in it is aligned; a message of two bytes takes three.
    var control = [4 of UInt64](repeating: 0)
    var size = segmentSize
    var words = control.mutableSpan
    // There is room for the message, and everything lives as long as the call.
    return unsafe words.withUnsafeMutableBytes { control in
      let length = unsafe cs_control_put(control.baseAddress!, 0, CS_IPPROTO_UDP, CS_UDP_SEGMENT, &size, 2)
      return unsafe bytes.withUnsafeBufferPointer { bytes in
        var vector = unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        return unsafe cs_sendmsg(descriptor, &vector, 1, control.baseAddress, length, target, flags)
      }
    }
  }

  /// Sends datagrams of one size one by one. The error says how many bytes went before.
  borrowing func sendSeparately(
    _ bytes: Span<UInt8>, of size: Int, to address: SocketAddress?, _ deadline: Deadline, _ retryOnInterrupt: Bool
  ) throws(SocketError) {
    let target = address?.kernelForm
    var done = 0
    while done < bytes.count {
      let datagram = bytes.extracting(done..<min(done + size, bytes.count))
      do throws(SocketError) {
        let sent =
          if let target {
            cs_sendto(descriptor, datagram, deadline.messageFlags, target)
          } else {
            cs_send(descriptor, datagram, deadline.messageFlags)
          }
        if sent >= 0 {
          done += datagram.count
        } else {
          try recover(from: sent, sendingTo: address, until: deadline, retryOnInterrupt: retryOnInterrupt)
        }
      } catch {
        throw error.after(bytes: done)
      }
    }
  }
}
