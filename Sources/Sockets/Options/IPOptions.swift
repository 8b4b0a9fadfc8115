public import CSockets

/// Options of IPv4 sockets (IPPROTO_IP), sorted by the system's name. See `ip(7)`.
extension SocketOption {
  /// IP_ADD_MEMBERSHIP: receive what is sent to a multicast group.
  @inlinable public static var joinGroup: SocketOption<IPv4MembershipOption, WriteOnly> {
    .init(CS_IPPROTO_IP, IP_ADD_MEMBERSHIP)
  }
  /// MCAST_JOIN_SOURCE_GROUP: receive what one source sends to a multicast group, of either version of IP.
  @inlinable public static var joinSourceGroup: SocketOption<SourceMembershipOption, WriteOnly> {
    .init(CS_IPPROTO_IP, CS_MCAST_JOIN_SOURCE_GROUP)
  }
  /// MCAST_LEAVE_SOURCE_GROUP: receive no more of what one source sends to a multicast group, of either version of IP.
  @inlinable public static var leaveSourceGroup: SocketOption<SourceMembershipOption, WriteOnly> {
    .init(CS_IPPROTO_IP, CS_MCAST_LEAVE_SOURCE_GROUP)
  }
  /// IP_BIND_ADDRESS_NO_PORT: whether a bind to port 0 leaves the choice of the port to connect, which has more to
  /// choose from.
  @inlinable public static var bindAddressNoPort: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_BIND_ADDRESS_NO_PORT)
  }
  /// IP_DROP_MEMBERSHIP: receive no more of what is sent to a multicast group.
  @inlinable public static var leaveGroup: SocketOption<IPv4MembershipOption, WriteOnly> {
    .init(CS_IPPROTO_IP, IP_DROP_MEMBERSHIP)
  }
  /// IP_FREEBIND: whether to bind to an address that this machine does not have (yet).
  @inlinable public static var freeBind: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_IP, CS_IP_FREEBIND) }
  /// IP_HDRINCL: whether what is sent on a raw socket begins with the IP header.
  @inlinable public static var headerIncluded: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_IP, IP_HDRINCL) }
  /// IP_LOCAL_PORT_RANGE: from which range the kernel chooses ports; nil for the system's own. Linux 6.3.
  @inlinable public static var localPortRange: SocketOption<PortRangeOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_LOCAL_PORT_RANGE)
  }
  /// IP_MTU: the path MTU that is known for a connected socket, in bytes.
  @inlinable public static var mtu: SocketOption<IntegerOption, ReadOnly> { .init(CS_IPPROTO_IP, CS_IP_MTU) }
  /// IP_MTU_DISCOVER: whether packets may be fragmented.
  @inlinable public static var mtuDiscovery: SocketOption<NumberOption<MTUDiscovery>, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_MTU_DISCOVER)
  }
  /// IP_MULTICAST_ALL: whether to receive what any socket of this machine has joined, which is the default.
  @inlinable public static var multicastAll: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_MULTICAST_ALL)
  }
  /// IP_MULTICAST_IF: the address of the interface that multicast is sent from; 0.0.0.0 for the system's choice.
  @inlinable public static var multicastInterface: SocketOption<IPv4AddressOption, ReadWrite> {
    .init(CS_IPPROTO_IP, IP_MULTICAST_IF)
  }
  /// IP_MULTICAST_IF: the same by the interface's index, which cannot be read back.
  @inlinable public static var multicastInterfaceIndex: SocketOption<MulticastInterfaceIndexOption, WriteOnly> {
    .init(CS_IPPROTO_IP, IP_MULTICAST_IF)
  }
  /// IP_MULTICAST_LOOP: whether multicast that is sent comes back to this machine's own members.
  @inlinable public static var multicastLoopback: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, IP_MULTICAST_LOOP)
  }
  /// IP_MULTICAST_TTL: how many hops multicast goes, 0 to 255; 1 is the default. -1 sets that.
  @inlinable public static var multicastHops: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_IP, IP_MULTICAST_TTL)
  }
  /// IP_PKTINFO: whether each datagram comes with its destination address and interface.
  @inlinable public static var packetInfo: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_IP, CS_IP_PKTINFO) }
  /// IP_RECVERR: whether ICMP errors are queued, to be received with their details.
  @inlinable public static var receiveErrors: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_RECVERR)
  }
  /// IP_RECVORIGDSTADDR: whether each datagram comes with the destination it had before it was redirected.
  @inlinable public static var receiveOriginalDestination: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_RECVORIGDSTADDR)
  }
  /// IP_RECVTOS: whether each datagram comes with its type of service, in which ECN is.
  @inlinable public static var receiveTypeOfService: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_RECVTOS)
  }
  /// IP_RECVTTL: whether each datagram comes with its time to live.
  @inlinable public static var receiveTimeToLive: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_RECVTTL)
  }
  /// IP_TOS: the type of service, 0 to 255: six bits of DSCP, two of ECN.
  @inlinable public static var typeOfService: SocketOption<IntegerOption, ReadWrite> { .init(CS_IPPROTO_IP, IP_TOS) }
  /// IP_TRANSPARENT: whether to bind to any address and take what is redirected; takes CAP_NET_ADMIN.
  @inlinable public static var transparent: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_IP, CS_IP_TRANSPARENT)
  }
  /// IP_TTL: how many hops a packet goes, 1 to 255. -1 sets the default.
  @inlinable public static var timeToLive: SocketOption<IntegerOption, ReadWrite> { .init(CS_IPPROTO_IP, IP_TTL) }
  /// SO_ORIGINAL_DST: where a connection was going before it was redirected here; ENOENT where it was not.
  @inlinable public static var originalDestination: SocketOption<AddressOption, ReadOnly> {
    .init(CS_IPPROTO_IP, CS_SO_ORIGINAL_DST)
  }
}
