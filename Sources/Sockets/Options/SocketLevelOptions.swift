public import CSockets

/// Options of every socket (SOL_SOCKET), sorted by the system's name. See `socket(7)`.
extension SocketOption {
  /// SO_ACCEPTCONN: whether the socket listens.
  @inlinable public static var acceptsConnections: SocketOption<FlagOption, ReadOnly> {
    .init(SOL_SOCKET, SO_ACCEPTCONN)
  }
  /// SO_ATTACH_FILTER: a classic BPF program that says how much of each packet is kept; nil takes it off again
  /// (SO_DETACH_FILTER).
  @inlinable public static var filter: SocketOption<FilterOption, WriteOnly> { .init(SOL_SOCKET, CS_SO_ATTACH_FILTER) }
  /// SO_ATTACH_REUSEPORT_CBPF: a classic BPF program that says which socket of a ``reusePort`` group gets a packet.
  @inlinable public static var reusePortFilter: SocketOption<FilterOption, WriteOnly> {
    .init(SOL_SOCKET, CS_SO_ATTACH_REUSEPORT_CBPF)
  }
  /// SO_BINDTODEVICE: the name of the only interface to use, 15 bytes at most; empty for any.
  @inlinable public static var device: SocketOption<StringOption, ReadWrite> { .init(SOL_SOCKET, CS_SO_BINDTODEVICE) }
  /// SO_BINDTOIFINDEX: the index of the only interface to use; 0 for any.
  @inlinable public static var interfaceIndex: SocketOption<IntegerOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_BINDTOIFINDEX)
  }
  /// SO_BROADCAST: whether datagrams may be sent to a broadcast address.
  @inlinable public static var broadcast: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_BROADCAST) }
  /// SO_BUSY_POLL: how long a blocking receive polls the device before it sleeps, in whole microseconds; zero is off.
  /// More than the system's default takes CAP_NET_ADMIN.
  @inlinable public static var busyPoll: SocketOption<MicrosecondsOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_BUSY_POLL)
  }
  /// SO_COOKIE: a number that no other socket of this machine has or will have until it restarts.
  @inlinable public static var cookie: SocketOption<UInt64Option, ReadOnly> { .init(SOL_SOCKET, CS_SO_COOKIE) }
  /// SO_DOMAIN: the address family. On systems other than Linux and FreeBSD it is ENOPROTOOPT.
  @inlinable public static var family: SocketOption<NumberOption<AddressFamily>, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_DOMAIN)
  }
  /// SO_DONTROUTE: whether to send to hosts on the same link only, past the routing table.
  @inlinable public static var dontRoute: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_DONTROUTE) }
  /// SO_ERROR: the error that waits to be asked for, which clears it.
  @inlinable public static var error: SocketOption<PendingErrorOption, ReadOnly> { .init(SOL_SOCKET, SO_ERROR) }
  /// SO_INCOMING_CPU: the processor that handled the last packet; set on a member of a ``reusePort`` group, the one
  /// whose packets it prefers. -1 before the first packet.
  @inlinable public static var incomingCPU: SocketOption<IntegerOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_INCOMING_CPU)
  }
  /// SO_INCOMING_NAPI_ID: the device queue that the last packet came through; 0 where there is none.
  @inlinable public static var incomingNAPI: SocketOption<IntegerOption, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_INCOMING_NAPI_ID)
  }
  /// SO_KEEPALIVE: whether an idle connection is probed.
  @inlinable public static var keepAlive: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_KEEPALIVE) }
  /// SO_LINGER: how long closing waits for unsent bytes, in whole seconds. Zero ends the connection with a reset; nil,
  /// the default, sends them in the background.
  @inlinable public static var linger: SocketOption<LingerOption, ReadWrite> { .init(SOL_SOCKET, SO_LINGER) }
  /// SO_LOCK_FILTER: whether the filter can no longer be changed. Once on, only a privileged process turns it off.
  @inlinable public static var lockFilter: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, CS_SO_LOCK_FILTER) }
  /// SO_MARK: a number for the routing and firewall rules; takes CAP_NET_ADMIN or CAP_NET_RAW.
  @inlinable public static var mark: SocketOption<IntegerOption, ReadWrite> { .init(SOL_SOCKET, CS_SO_MARK) }
  /// SO_MAX_PACING_RATE: the most bytes a second to send; the largest number is no limit.
  @inlinable public static var maximumPacingRate: SocketOption<UInt64Option, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_MAX_PACING_RATE)
  }
  /// SO_MEMINFO: how much memory the socket uses, and may.
  @inlinable public static var memoryInfo: SocketOption<MemoryInfoOption, ReadOnly> { .init(SOL_SOCKET, CS_SO_MEMINFO) }
  /// SO_OOBINLINE: whether urgent data stays in the stream.
  @inlinable public static var outOfBandInline: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_OOBINLINE) }
  /// SO_PASSCRED: whether each message on a Unix socket comes with its sender's credentials.
  @inlinable public static var passCredentials: SocketOption<FlagOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_PASSCRED)
  }
  /// SO_PEERCRED: the process at the other end of a Unix socket, as it was when it connected. ENOTCONN where there is
  /// none.
  @inlinable public static var peerProcess: SocketOption<PeerProcessOption, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_PEERCRED)
  }
  /// SO_PEERGROUPS: the supplementary groups of the process at the other end of a Unix socket.
  @inlinable public static var peerGroups: SocketOption<GroupsOption, ReadOnly> { .init(SOL_SOCKET, CS_SO_PEERGROUPS) }
  /// SO_PEERSEC: the security context of the process at the other end; ENOPROTOOPT where no security module has one.
  @inlinable public static var peerSecurityContext: SocketOption<StringOption, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_PEERSEC)
  }
  /// SO_PRIORITY: the priority of what is sent, 0 to 6; above that it takes CAP_NET_ADMIN.
  @inlinable public static var priority: SocketOption<IntegerOption, ReadWrite> { .init(SOL_SOCKET, CS_SO_PRIORITY) }
  /// SO_PROTOCOL: the protocol. On systems other than Linux and FreeBSD it is ENOPROTOOPT.
  @inlinable public static var `protocol`: SocketOption<NumberOption<SocketProtocol>, ReadOnly> {
    .init(SOL_SOCKET, CS_SO_PROTOCOL)
  }
  /// SO_RCVBUF: bytes of receive buffer. Linux doubles what is set, for its own bookkeeping, and reading gives the
  /// double.
  @inlinable public static var receiveBufferSize: SocketOption<IntegerOption, ReadWrite> {
    .init(SOL_SOCKET, SO_RCVBUF)
  }
  /// SO_RCVBUFFORCE: as ``receiveBufferSize``, past the system's limit; takes CAP_NET_ADMIN.
  @inlinable public static var forcedReceiveBufferSize: SocketOption<IntegerOption, WriteOnly> {
    .init(SOL_SOCKET, CS_SO_RCVBUFFORCE)
  }
  /// SO_RCVLOWAT: how many bytes have to be there before the socket is readable.
  @inlinable public static var receiveLowWaterMark: SocketOption<IntegerOption, ReadWrite> {
    .init(SOL_SOCKET, SO_RCVLOWAT)
  }
  /// SO_RCVTIMEO: how long a blocking receive or accept waits, to the microsecond, before it is EAGAIN; nil is for
  /// ever. A ``Deadline`` is usually what you want instead.
  @inlinable public static var receiveTimeout: SocketOption<TimeLimitOption, ReadWrite> {
    .init(SOL_SOCKET, SO_RCVTIMEO)
  }
  /// SO_REUSEADDR: whether to bind to a port whose former connections are still closing.
  @inlinable public static var reuseAddress: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_REUSEADDR) }
  /// SO_REUSEPORT: whether several sockets of one user may bind to the same port and share what arrives.
  @inlinable public static var reusePort: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, SO_REUSEPORT) }
  /// SO_RXQ_OVFL: whether each datagram comes with the number of those that were dropped before it.
  @inlinable public static var receiveQueueOverflow: SocketOption<FlagOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_RXQ_OVFL)
  }
  /// SO_SNDBUF: bytes of send buffer. Linux doubles what is set, for its own bookkeeping, and reading gives the double.
  @inlinable public static var sendBufferSize: SocketOption<IntegerOption, ReadWrite> { .init(SOL_SOCKET, SO_SNDBUF) }
  /// SO_SNDBUFFORCE: as ``sendBufferSize``, past the system's limit; takes CAP_NET_ADMIN.
  @inlinable public static var forcedSendBufferSize: SocketOption<IntegerOption, WriteOnly> {
    .init(SOL_SOCKET, CS_SO_SNDBUFFORCE)
  }
  /// SO_SNDTIMEO: how long a blocking send or connect waits, to the microsecond, before it is EAGAIN or EINPROGRESS;
  /// nil is for ever. A ``Deadline`` is usually what you want instead.
  @inlinable public static var sendTimeout: SocketOption<TimeLimitOption, ReadWrite> { .init(SOL_SOCKET, SO_SNDTIMEO) }
  /// SO_TIMESTAMP: whether each datagram comes with the time of its arrival, to the microsecond. Excludes
  /// ``timestampNanoseconds``.
  @inlinable public static var timestamp: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, CS_SO_TIMESTAMP) }
  /// SO_TIMESTAMPING: which times are taken of what is sent and received, and how they are told.
  @inlinable public static var timestamping: SocketOption<NumberOption<Timestamping>, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_TIMESTAMPING)
  }
  /// SO_TIMESTAMPNS: whether each datagram comes with the time of its arrival, to the nanosecond. Excludes
  /// ``timestamp``.
  @inlinable public static var timestampNanoseconds: SocketOption<FlagOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_TIMESTAMPNS)
  }
  /// SO_TXTIME: by which clock messages say when they are to be sent.
  @inlinable public static var transmitTime: SocketOption<TransmitTimeOption, ReadWrite> {
    .init(SOL_SOCKET, CS_SO_TXTIME)
  }
  /// SO_TYPE: the socket's type.
  @inlinable public static var type: SocketOption<NumberOption<SocketType>, ReadOnly> { .init(SOL_SOCKET, SO_TYPE) }
  /// SO_ZEROCOPY: whether sends may ask to use the caller's memory instead of a copy (MSG_ZEROCOPY).
  @inlinable public static var zeroCopy: SocketOption<FlagOption, ReadWrite> { .init(SOL_SOCKET, CS_SO_ZEROCOPY) }
}
