public import CSockets

/// Options of TCP sockets (IPPROTO_TCP), sorted by name. See `tcp(7)`.
extension SocketOption {
  /// TCP_NODELAY: whether small writes are sent at once, not held back to be sent together.
  @inlinable public static var noDelay: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_TCP, TCP_NODELAY) }
}
