public import CSockets

/// Options of TCP sockets (IPPROTO_TCP), sorted by the system's name. See `tcp(7)`.
extension SocketOption {
  /// TCP_CONGESTION: the name of the congestion control, such as "cubic"; one that is not allowed takes CAP_NET_ADMIN.
  @inlinable public static var congestionControl: SocketOption<StringOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_CONGESTION)
  }
  /// TCP_CORK: whether only full segments are sent, until it is turned off or 200 ms have passed.
  @inlinable public static var cork: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_TCP, CS_TCP_CORK) }
  /// TCP_DEFER_ACCEPT: how long a listener waits for a client's first bytes before it hands out the connection, in
  /// whole seconds; the kernel rounds to its retransmissions. Zero is off.
  @inlinable public static var deferAccept: SocketOption<SecondsOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_DEFER_ACCEPT)
  }
  /// TCP_FASTOPEN: how many connections may wait at a listener that sent data with their first packet; 0 is off.
  @inlinable public static var fastOpen: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_FASTOPEN)
  }
  /// TCP_FASTOPEN_CONNECT: whether connect waits for the first send, to go with it.
  @inlinable public static var fastOpenConnect: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_FASTOPEN_CONNECT)
  }
  /// TCP_INFO: what the kernel knows of the connection. Only on Linux.
  @inlinable public static var info: SocketOption<TCPInfoOption, ReadOnly> { .init(CS_IPPROTO_TCP, CS_TCP_INFO) }
  /// TCP_KEEPCNT: how many probes are not answered before the connection is given up, 1 to 127.
  @inlinable public static var keepAliveCount: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_KEEPCNT)
  }
  /// TCP_KEEPIDLE: how long a connection is idle before it is probed, in whole seconds, 1 to 32,767.
  @inlinable public static var keepAliveIdle: SocketOption<SecondsOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_KEEPIDLE)
  }
  /// TCP_KEEPINTVL: the time between probes, in whole seconds, 1 to 32,767.
  @inlinable public static var keepAliveInterval: SocketOption<SecondsOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_KEEPINTVL)
  }
  /// TCP_LINGER2: how long a closed connection waits for the peer's end, in whole seconds; below zero is not at all.
  @inlinable public static var finishTimeout: SocketOption<SecondsOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_LINGER2)
  }
  /// TCP_MAXSEG: the largest segment, in bytes; before the connection is made, the largest to ask for.
  @inlinable public static var maximumSegmentSize: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, TCP_MAXSEG)
  }
  /// TCP_NODELAY: whether small writes are sent at once, not held back to be sent together.
  @inlinable public static var noDelay: SocketOption<FlagOption, ReadWrite> { .init(CS_IPPROTO_TCP, TCP_NODELAY) }
  /// TCP_NOTSENT_LOWAT: with fewer bytes than this not sent yet the socket is writable.
  @inlinable public static var notSentLowWaterMark: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_NOTSENT_LOWAT)
  }
  /// TCP_QUICKACK: whether acknowledgements are sent at once; the kernel turns it on and off by itself later.
  @inlinable public static var quickAcknowledgements: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_QUICKACK)
  }
  /// TCP_SYNCNT: how often connect asks again before it gives up, 1 to 255.
  @inlinable public static var synRetries: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_SYNCNT)
  }
  /// TCP_THIN_LINEAR_TIMEOUTS: whether a stream with little under way retransmits at even intervals.
  @inlinable public static var thinLinearTimeouts: SocketOption<FlagOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_THIN_LINEAR_TIMEOUTS)
  }
  /// TCP_ULP: the name of the protocol that the kernel runs on top, such as "tls"; empty for none.
  @inlinable public static var upperLayerProtocol: SocketOption<StringOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_ULP)
  }
  /// TCP_USER_TIMEOUT: how long what was sent may stay unacknowledged before the connection is given up, in whole
  /// milliseconds; zero for the system's choice.
  @inlinable public static var userTimeout: SocketOption<MillisecondsOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_USER_TIMEOUT)
  }
  /// TCP_WINDOW_CLAMP: the largest window to offer, in bytes.
  @inlinable public static var windowClamp: SocketOption<IntegerOption, ReadWrite> {
    .init(CS_IPPROTO_TCP, CS_TCP_WINDOW_CLAMP)
  }
}
