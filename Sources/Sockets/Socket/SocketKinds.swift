internal import CSockets

/// The family of a socket's addresses: PF_ and AF_ numbers. See `socket(2)`.
@frozen public struct AddressFamily: RawRepresentable, Hashable, Sendable {
  /// The number, as the system defines it.
  public let rawValue: Int32

  /// The family of this number.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// AF_INET. See `ip(7)`.
  public static var ipv4: AddressFamily { AddressFamily(rawValue: AF_INET) }
  /// AF_INET6. See `ipv6(7)`.
  public static var ipv6: AddressFamily { AddressFamily(rawValue: AF_INET6) }
  /// AF_UNIX. See `unix(7)`.
  public static var unix: AddressFamily { AddressFamily(rawValue: AF_UNIX) }
  /// AF_VSOCK. See `vsock(7)`.
  public static var vsock: AddressFamily { AddressFamily(rawValue: CS_AF_VSOCK) }
}

/// How a socket moves bytes: SOCK_ numbers. See `socket(2)`.
@frozen public struct SocketType: RawRepresentable, Hashable, Sendable {
  /// The number, as the system defines it.
  public let rawValue: Int32

  /// The type of this number.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// SOCK_STREAM: bytes in order, without boundaries between them.
  public static var stream: SocketType { SocketType(rawValue: CS_SOCK_STREAM) }
  /// SOCK_DGRAM: messages, each of which may be lost, or come twice, or out of order (not so between Unix sockets).
  public static var datagram: SocketType { SocketType(rawValue: CS_SOCK_DGRAM) }
  /// SOCK_SEQPACKET: messages in order over a connection.
  public static var sequencedPacket: SocketType { SocketType(rawValue: CS_SOCK_SEQPACKET) }
  /// SOCK_RAW: a protocol's own packets, headers included; needs a privilege.
  public static var raw: SocketType { SocketType(rawValue: CS_SOCK_RAW) }
}

/// The protocol within a family: IPPROTO_ numbers. See `socket(2)` and `protocols(5)`.
@frozen public struct SocketProtocol: RawRepresentable, Hashable, Sendable {
  /// The number, as the system defines it.
  public let rawValue: Int32

  /// The protocol of this number.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// 0: the one that goes with the family and type.
  public static var automatic: SocketProtocol { SocketProtocol(rawValue: 0) }
  /// IPPROTO_ICMP: with ``SocketType/raw``, or with ``SocketType/datagram`` for echo requests alone. See `icmp(7)`.
  public static var icmp: SocketProtocol { SocketProtocol(rawValue: CS_IPPROTO_ICMP) }
  /// IPPROTO_ICMPV6: the same for IPv6. See RFC 3542.
  public static var icmpv6: SocketProtocol { SocketProtocol(rawValue: CS_IPPROTO_ICMPV6) }
  /// IPPROTO_MPTCP: TCP over several paths at once (RFC 8684), or over one with a peer that has TCP alone. Linux 5.6.
  public static var mptcp: SocketProtocol { SocketProtocol(rawValue: CS_IPPROTO_MPTCP) }
  /// IPPROTO_TCP. See `tcp(7)`.
  public static var tcp: SocketProtocol { SocketProtocol(rawValue: CS_IPPROTO_TCP) }
  /// IPPROTO_UDP. See `udp(7)`.
  public static var udp: SocketProtocol { SocketProtocol(rawValue: CS_IPPROTO_UDP) }
}
