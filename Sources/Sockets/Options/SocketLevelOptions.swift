public import CSockets

/// Options of every socket (SOL_SOCKET), sorted by name. See `socket(7)`.
extension SocketOption {
  /// SO_ACCEPTCONN: whether the socket listens.
  @inlinable public static var acceptsConnections: SocketOption<FlagOption, ReadOnly> {
    .init(SOL_SOCKET, SO_ACCEPTCONN)
  }
  /// SO_BROADCAST: whether datagrams may be sent to a broadcast address.
  @inlinable public static var broadcast: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_BROADCAST) }
  /// SO_ERROR: the error that waits to be asked for, which clears it.
  @inlinable public static var error: SocketOption<PendingErrorOption, ReadOnly> { .init(SOL_SOCKET, SO_ERROR) }
  /// SO_DOMAIN: the address family. On systems other than Linux and FreeBSD it is ENOPROTOOPT.
  @inlinable public static var family: SocketOption<NumberOption<AddressFamily>, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_DOMAIN)
  }
  /// SO_KEEPALIVE: whether an idle connection is probed.
  @inlinable public static var keepAlive: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_KEEPALIVE) }
  /// SO_LINGER: how long closing waits for unsent bytes, in whole seconds. Zero ends the connection with a reset; nil, the
  /// default, sends them in the background.
  @inlinable public static var linger: SocketOption<LingerOption, ReadWrite> { .init(SOL_SOCKET, SO_LINGER) }
  /// SO_PROTOCOL: the protocol. On systems other than Linux and FreeBSD it is ENOPROTOOPT.
  @inlinable public static var `protocol`: SocketOption<NumberOption<SocketProtocol>, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_PROTOCOL)
  }
  /// SO_RCVBUF: bytes of receive buffer. Linux doubles what is set, for its own bookkeeping, and reading gives the double.
  @inlinable public static var receiveBufferSize: SocketOption<IntegerOption, ReadWrite> {
    .init(SOL_SOCKET, SO_RCVBUF)
  }
  /// SO_RCVTIMEO: how long a blocking receive or accept waits, to the microsecond, before it is EAGAIN; nil is for ever.
  /// A ``Deadline`` is usually what you want instead.
  @inlinable public static var receiveTimeout: SocketOption<TimeLimitOption, ReadWrite> {
    .init(SOL_SOCKET, SO_RCVTIMEO)
  }
  /// SO_REUSEADDR: whether to bind to a port whose former connections are still closing.
  @inlinable public static var reuseAddress: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_REUSEADDR) }
  /// SO_REUSEPORT: whether several sockets of one user may bind to the same port and share what arrives.
  @inlinable public static var reusePort: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_REUSEPORT) }
  /// SO_SNDBUF: bytes of send buffer. Linux doubles what is set, for its own bookkeeping, and reading gives the double.
  @inlinable public static var sendBufferSize: SocketOption<IntegerOption, ReadWrite> { .init(SOL_SOCKET, SO_SNDBUF) }
  /// SO_SNDTIMEO: how long a blocking send or connect waits, to the microsecond, before it is EAGAIN or EINPROGRESS; nil is
  /// for ever. A ``Deadline`` is usually what you want instead.
  @inlinable public static var sendTimeout: SocketOption<TimeLimitOption, ReadWrite> { .init(SOL_SOCKET, SO_SNDTIMEO) }
  /// SO_TYPE: the socket's type.
  @inlinable public static var type: SocketOption<NumberOption<SocketType>, ReadOnly> { .init(SOL_SOCKET, SO_TYPE) }
}
