internal import CSockets

/// What can come, or go, beside the bytes of a message. See `cmsg(3)`. (Descriptors do so too; they are owned, and
/// ``ControlBuffer`` has them.)
public enum ControlMessage: Hashable, Sendable {
  /// SCM_CREDENTIALS: the sender's process, vouched for by the kernel. Received with ``SocketOption/passCredentials``;
  /// sent, it has to be true unless a privilege allows otherwise.
  case credentials(PeerProcess)
  /// IP_PKTINFO, IPV6_PKTINFO: the address that a datagram was sent to and the interface it came by; sent, the address
  /// to send from and the interface to send by (an unspecified address or 0 for the system's choice).
  case packetInfo(IPAddress, interfaceIndex: UInt32)
  /// IP_TTL, IPV6_HOPLIMIT: how many hops are left; sent, of a packet of this version of IP.
  case hopLimit(Int, isIPv6: Bool)
  /// IP_TOS, IPV6_TCLASS: the type of service, in whose last two bits ECN is; sent, of a packet of this version of IP.
  case typeOfService(UInt8, isIPv6: Bool)
  /// SCM_TIMESTAMP, SCM_TIMESTAMPNS: when a datagram arrived, since 1970.
  case timestamp(Duration)
  /// SCM_TIMESTAMPING: the kernel's time and the device's, since 1970; nil where there is none.
  case timestamping(software: Duration?, hardware: Duration?)
  /// UDP_GRO: of what size the datagrams were that came as one; UDP_SEGMENT: into datagrams of what size to cut.
  case segmentSize(Int)
  /// SO_RXQ_OVFL: how many datagrams the socket has dropped so far.
  case dropped(UInt32)
  /// IP_ORIGDSTADDR: where a datagram was going before it was redirected.
  case originalDestination(SocketAddress)
  /// IP_RECVERR, IPV6_RECVERR: an error from the queue of errors.
  case error(QueuedError)
  /// Any other, byte for byte.
  case other(level: Int32, type: Int32, bytes: [UInt8])
}

/// An error that came back for something that was sent. See IP_RECVERR in `ip(7)`.
public struct QueuedError: Hashable, Sendable {
  /// What it means for the sender, such as ECONNREFUSED.
  public let errno: Errno
  /// Who found it: 1 this machine, 2 ICMP, 3 ICMPv6, 4 a timestamp, 5 a completed MSG_ZEROCOPY.
  public let origin: UInt8
  /// The type of the ICMP message.
  public let type: UInt8
  /// The code of the ICMP message.
  public let code: UInt8
  /// What more there is: for EMSGSIZE the path's MTU.
  public let info: UInt32
  /// Yet more.
  public let data: UInt32
  /// The host that sent the ICMP message, where there is one.
  public let offender: SocketAddress?
}

extension ControlMessage {
  /// Reads what the kernel wrote: what does not have the length that its type has is kept as it is.
  init(level: Int32, type: Int32, _ bytes: Span<UInt8>) {
    self = Self.known(level, type, bytes) ?? .other(level: level, type: type, bytes: [UInt8](copying: bytes))
  }

  private static func known(_ level: Int32, _ type: Int32, _ bytes: Span<UInt8>) -> ControlMessage? {
    switch (level, type) {
    case (SOL_SOCKET, CS_SCM_CREDENTIALS) where bytes.count == 12:
      .credentials(
        PeerProcess(
          processID: Int32(bitPattern: bytes.word(at: 0)), userID: bytes.word(at: 4), groupID: bytes.word(at: 8)))
    case (CS_IPPROTO_IP, CS_IP_PKTINFO) where bytes.count == 12:
      .packetInfo(.ipv4(IPv4Address(bits: UInt32(bigEndian: bytes.word(at: 8)))), interfaceIndex: bytes.word(at: 0))
    case (CS_IPPROTO_IPV6, CS_IPV6_PKTINFO) where bytes.count == 20:
      .packetInfo(.ipv6(IPv6Address(bytes.extracting(first: 16))), interfaceIndex: bytes.word(at: 16))
    case (CS_IPPROTO_IP, IP_TTL) where bytes.count == 4:
      .hopLimit(Int(Int32(bitPattern: bytes.word(at: 0))), isIPv6: false)
    case (CS_IPPROTO_IPV6, CS_IPV6_HOPLIMIT) where bytes.count == 4:
      .hopLimit(Int(Int32(bitPattern: bytes.word(at: 0))), isIPv6: true)
    case (CS_IPPROTO_IP, IP_TOS) where bytes.count == 1:
      .typeOfService(bytes[0], isIPv6: false)
    case (CS_IPPROTO_IPV6, CS_IPV6_TCLASS) where bytes.count == 4:
      .typeOfService(UInt8(truncatingIfNeeded: bytes.word(at: 0)), isIPv6: true)
    case (SOL_SOCKET, CS_SO_TIMESTAMP) where bytes.count == 16:
      .timestamp(
        .seconds(Int64(bitPattern: bytes.longWord(at: 0))) + .microseconds(Int64(bitPattern: bytes.longWord(at: 8))))
    case (SOL_SOCKET, CS_SO_TIMESTAMPNS) where bytes.count == 16:
      .timestamp(bytes.time(at: 0) ?? .zero)
    case (SOL_SOCKET, CS_SO_TIMESTAMPING) where bytes.count == 48:
      .timestamping(software: bytes.time(at: 0), hardware: bytes.time(at: 32))
    case (CS_IPPROTO_UDP, CS_UDP_GRO) where bytes.count == 4:
      .segmentSize(Int(bytes.word(at: 0)))
    case (SOL_SOCKET, CS_SO_RXQ_OVFL) where bytes.count == 4:
      .dropped(bytes.word(at: 0))
    case (CS_IPPROTO_IP, CS_IP_ORIGDSTADDR) where bytes.count >= 16:
      .originalDestination(SocketAddress(kernelBytes: bytes))
    case (CS_IPPROTO_IP, CS_IP_RECVERR) where bytes.count >= 16,
      (CS_IPPROTO_IPV6, CS_IPV6_RECVERR) where bytes.count >= 16:
      .error(QueuedError(bytes))
    default:
      nil
    }
  }

  /// Gives the message's level, type and bytes to a function.
  func encode(_ write: (Int32, Int32, Span<UInt8>) -> Void) {
    switch self {
    case .credentials(let process):
      write(
        SOL_SOCKET, CS_SCM_CREDENTIALS,
        words(UInt32(bitPattern: process.processID), process.userID, process.groupID).span)
    case .packetInfo(.ipv4(let address), let index):
      // The address to send from is the second of the three.
      write(CS_IPPROTO_IP, CS_IP_PKTINFO, words(index, address.bits.bigEndian, 0).span)
    case .packetInfo(.ipv6(let address), let index):
      let octets = address.octets
      write(CS_IPPROTO_IPV6, CS_IPV6_PKTINFO, ((0..<16).map { octets[$0] } + words(index)).span)
    case .hopLimit(let hops, let isIPv6):
      let word = words(UInt32(bitPattern: Int32(truncatingIfNeeded: hops)))
      if isIPv6 { write(CS_IPPROTO_IPV6, CS_IPV6_HOPLIMIT, word.span) } else { write(CS_IPPROTO_IP, IP_TTL, word.span) }
    case .typeOfService(let service, let isIPv6):
      let word = words(UInt32(service))
      if isIPv6 { write(CS_IPPROTO_IPV6, CS_IPV6_TCLASS, word.span) } else { write(CS_IPPROTO_IP, IP_TOS, word.span) }
    case .segmentSize(let size):
      let size = UInt16(clamping: size)
      let bytes = [UInt8](
        size.littleEndian == size ? [UInt8(size & 0xff), UInt8(size >> 8)] : [UInt8(size >> 8), UInt8(size & 0xff)])
      write(CS_IPPROTO_UDP, CS_UDP_SEGMENT, bytes.span)
    case .other(let level, let type, let bytes):
      write(level, type, bytes.span)
    case .timestamp, .timestamping, .dropped, .originalDestination, .error:
      // Only ever received: nothing to send.
      break
    }
  }

  /// Numbers as the kernel has them.
  private func words(_ words: UInt32...) -> [UInt8] {
    // The array's storage is all initialised bytes.
    unsafe words.withUnsafeBytes { unsafe Array($0) }
  }
}

extension QueuedError {
  /// SO_EE_ORIGIN_ZEROCOPY: the kernel is done with some sends, ``info`` to ``data``.
  static var zeroCopyOrigin: UInt8 { 5 }
  /// SO_EE_CODE_ZEROCOPY_COPIED: it has copied them.
  static var zeroCopyCopied: UInt8 { 1 }

  /// From a `struct sock_extended_err` and the address behind it.
  fileprivate init(_ bytes: Span<UInt8>) {
    errno = Errno(rawValue: Int32(bitPattern: bytes.word(at: 0)))
    (origin, type, code) = (bytes[4], bytes[5], bytes[6])
    (info, data) = (bytes.word(at: 8), bytes.word(at: 12))
    let address = SocketAddress(kernelBytes: bytes.extracting(droppingFirst: 16))
    // No offender has no family.
    offender = address == .unix(.unnamed) ? nil : address
  }
}

extension SocketAddress {
  /// From the kernel's bytes.
  fileprivate init(kernelBytes bytes: Span<UInt8>) {
    var address = cs_address()
    let count = min(bytes.count, MemoryLayout.size(ofValue: address.as))
    // Not beyond the end of either.
    unsafe withUnsafeMutableBytes(of: &address.as) { target in
      for index in 0..<count { unsafe target[index] = bytes[index] }
    }
    address.length = socklen_t(count)
    self.init(address)
  }
}

extension IPv6Address {
  /// From sixteen bytes in the order in which they are sent.
  fileprivate init(_ bytes: Span<UInt8>) {
    var bits: UInt128 = 0
    for index in bytes.indices { bits = bits << 8 | UInt128(bytes[index]) }
    self.init(bits: bits)
  }
}

extension Span<UInt8> {
  /// A number as the kernel has it.
  func word(at offset: Int) -> UInt32 {
    // The span checks its bounds; four bytes of any value are a number.
    let bytes = extracting(offset..<offset + 4)
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }
  }

  /// A number as the kernel has it.
  fileprivate func longWord(at offset: Int) -> UInt64 {
    // The span checks its bounds; eight bytes of any value are a number.
    let bytes = extracting(offset..<offset + 8)
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt64.self) }
  }

  /// A `struct timespec`, or nil for zero.
  fileprivate func time(at offset: Int) -> Duration? {
    let seconds = Int64(bitPattern: longWord(at: offset))
    let nanoseconds = Int64(bitPattern: longWord(at: offset + 8))
    return seconds == 0 && nanoseconds == 0 ? nil : .seconds(seconds) + .nanoseconds(nanoseconds)
  }
}
