public import CSockets

/// Options of UDP sockets (IPPROTO_UDP), sorted by the system's name. See `udp(7)`.
extension SocketOption {
  /// UDP_CORK: whether what is sent is gathered into one datagram, until it is turned off.
  @inlinable public static var datagramCork: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_UDP, CS_UDP_CORK) }
  /// UDP_GRO: whether datagrams of one sender may come as one, with their size beside it.
  @inlinable public static var receiveSegments: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_UDP, CS_UDP_GRO)
  }
  /// UDP_SEGMENT: into datagrams of what size the kernel cuts what is sent; 0 is off.
  @inlinable public static var segmentSize: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_UDP, CS_UDP_SEGMENT)
  }
}
