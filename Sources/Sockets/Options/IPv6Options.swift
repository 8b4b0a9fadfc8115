public import CSockets

/// Options of IPv6 sockets (IPPROTO_IPV6), sorted by the system's name. See `ipv6(7)`.
extension SocketOption {
  /// IPV6_AUTOFLOWLABEL: whether packets get a flow label of the kernel's choice.
  @inlinable public static var v6AutoFlowLabel: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_AUTOFLOWLABEL)
  }
  /// IPV6_DONTFRAG: whether a datagram larger than the MTU is EMSGSIZE instead of fragmented.
  @inlinable public static var v6DontFragment: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_DONTFRAG)
  }
  /// IPV6_FLOWINFO_SEND: whether the flow information of an address is sent, and kept.
  @inlinable public static var v6FlowInformationSend: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_FLOWINFO_SEND)
  }
  /// IPV6_FREEBIND: whether to bind to an address that this machine does not have (yet).
  @inlinable public static var v6FreeBind: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_FREEBIND)
  }
  /// IPV6_HDRINCL: whether what is sent on a raw socket begins with the IPv6 header.
  @inlinable public static var v6HeaderIncluded: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_HDRINCL)
  }
  /// IPV6_JOIN_GROUP: receive what is sent to a multicast group.
  @inlinable public static var v6JoinGroup: SocketOption<IPv6MembershipOption, WriteOnly> {
    .init(CS_IPPROTO_IPV6, IPV6_JOIN_GROUP)
  }
  /// IPV6_LEAVE_GROUP: receive no more of what is sent to a multicast group.
  @inlinable public static var v6LeaveGroup: SocketOption<IPv6MembershipOption, WriteOnly> {
    .init(CS_IPPROTO_IPV6, IPV6_LEAVE_GROUP)
  }
  /// IPV6_MTU: the path MTU that is known for a connected socket, in bytes, or a smaller one to keep to (from 1280).
  @inlinable public static var v6MTU: SocketOption<IntegerOption, ReadWrite> { .init(CS_IPPROTO_IPV6, CS_IPV6_MTU) }
  /// IPV6_MTU_DISCOVER: whether packets may be fragmented.
  @inlinable public static var v6MTUDiscovery: SocketOption<NumberOption<MTUDiscovery>, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_MTU_DISCOVER)
  }
  /// IPV6_MULTICAST_ALL: whether to receive what any socket of this machine has joined, which is the default.
  @inlinable public static var v6MulticastAll: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_MULTICAST_ALL)
  }
  /// IPV6_MULTICAST_HOPS: how many hops multicast goes, 0 to 255; 1 is the default. -1 sets that.
  @inlinable public static var v6MulticastHops: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, IPV6_MULTICAST_HOPS)
  }
  /// IPV6_MULTICAST_IF: the index of the interface that multicast is sent from; 0 for the system's choice.
  @inlinable public static var v6MulticastInterfaceIndex: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, IPV6_MULTICAST_IF)
  }
  /// IPV6_MULTICAST_LOOP: whether multicast that is sent comes back to this machine's own members.
  @inlinable public static var v6MulticastLoopback: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, IPV6_MULTICAST_LOOP)
  }
  /// IPV6_RECVERR: whether ICMPv6 errors are queued, to be received with their details.
  @inlinable public static var v6ReceiveErrors: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_RECVERR)
  }
  /// IPV6_RECVHOPLIMIT: whether each datagram comes with its hop limit.
  @inlinable public static var v6ReceiveHopLimit: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_RECVHOPLIMIT)
  }
  /// IPV6_RECVPKTINFO: whether each datagram comes with its destination address and interface.
  @inlinable public static var v6PacketInfo: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_RECVPKTINFO)
  }
  /// IPV6_RECVTCLASS: whether each datagram comes with its traffic class, in which ECN is.
  @inlinable public static var v6ReceiveTrafficClass: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_RECVTCLASS)
  }
  /// IPV6_TCLASS: the traffic class, 0 to 255: six bits of DSCP, two of ECN. -1 sets the default.
  @inlinable public static var v6TrafficClass: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_TCLASS)
  }
  /// IPV6_TRANSPARENT: whether to bind to any address and take what is redirected; takes CAP_NET_ADMIN.
  @inlinable public static var v6Transparent: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, CS_IPV6_TRANSPARENT)
  }
  /// IPV6_UNICAST_HOPS: how many hops a packet goes, 1 to 255. -1 sets the default.
  @inlinable public static var v6UnicastHops: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_IPV6, IPV6_UNICAST_HOPS)
  }
  /// IPV6_V6ONLY: whether the socket takes IPv6 only. Every socket made here has it set one way or the other.
  @inlinable public static var v6Only: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_IPV6, IPV6_V6ONLY) }
}
