public import CSockets

/// Options of IPv6 sockets (IPPROTO_IPV6), sorted by name. See `ipv6(7)`.
extension SocketOption {
  /// IPV6_V6ONLY: whether the socket takes IPv6 only. Every socket made here has it set one way or the other.
  @inlinable public static var v6Only: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_IPV6, IPV6_V6ONLY) }
}
