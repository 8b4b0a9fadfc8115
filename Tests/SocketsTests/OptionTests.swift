import Glibc
import Sockets
import Testing

/// Whether this process may do everything.
private let isRoot = getuid() == 0

@Suite struct OptionTests {
  /// Sets an option to a value that it has not, and reads it back. What this kernel does not have, or this process may
  /// not do, is said.
  private func change<Codec: SocketOptionReader & SocketOptionWriter>(
    _ option: SocketOption<Codec, ReadWrite>, of socket: borrowing Socket, to value: Codec.Value,
    reads expected: Codec.Value? = nil, needing privilege: String? = nil, line: Int = #line
  ) throws where Codec.Value: Equatable {
    let here = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    do throws(SocketError) {
      let before = try socket.get(option)
      #expect(before != value, "a value that is there already shows nothing", sourceLocation: here)
      try socket.set(option, value)
      #expect(try socket.get(option) == expected ?? value, sourceLocation: here)
    } catch {
      guard let privilege, [.noSuchOption, .notSupported, .notPermitted, .noSuchFile].contains(error.errno) else {
        throw error
      }
      print("skipped, line \(line): \(error): \(privilege)")
    }
  }

  @Test("each option of every socket is read as it was set")
  func socketLevel() throws {
    let tcp = try Socket(.ipv4, .stream)
    let udp = try Socket(.ipv4, .datagram)
    let unix = try Socket(.unix, .datagram)
    let root = "it takes a privilege"
    try change(.broadcast, of: udp, to: true)
    try change(.busyPoll, of: tcp, to: .microseconds(50), needing: root)
    try change(.device, of: udp, to: "lo", needing: root)
    try change(.device, of: udp, to: "", needing: root)
    try change(.dontRoute, of: udp, to: true)
    try change(.incomingCPU, of: tcp, to: 1)
    try change(.interfaceIndex, of: Socket(.ipv4, .datagram), to: 1, needing: root)
    try change(.keepAlive, of: tcp, to: true)
    try change(.linger, of: tcp, to: .seconds(3))
    try change(.linger, of: tcp, to: nil)
    try change(.lockFilter, of: udp, to: true)
    try change(.mark, of: tcp, to: 42, needing: root)
    try change(.maximumPacingRate, of: tcp, to: 1_000_000)
    try change(.outOfBandInline, of: tcp, to: true)
    try change(.passCredentials, of: unix, to: true)
    try change(.priority, of: tcp, to: 5)
    try change(.receiveLowWaterMark, of: tcp, to: 100)
    try change(.receiveQueueOverflow, of: udp, to: true)
    try change(.receiveTimeout, of: tcp, to: .milliseconds(40))
    try change(.receiveTimeout, of: tcp, to: nil)
    try change(.reuseAddress, of: tcp, to: true)
    try change(.reusePort, of: tcp, to: true)
    try change(.sendTimeout, of: tcp, to: .seconds(2))
    try change(.timestamp, of: udp, to: true)
    try change(.timestampNanoseconds, of: udp, to: true)
    try change(.timestamping, of: udp, to: [.receiveSoftware, .software, .identifiers])
    try change(.transmitTime, of: udp, to: TransmitTime(clock: CLOCK_MONOTONIC, isDeadline: true), needing: root)
    try change(.zeroCopy, of: tcp, to: true)
  }

  @Test(
    "a buffer's size goes past the system's limit where that is asked for", .enabled(if: isRoot, "it takes a privilege")
  )
  func forcedBufferSizes() throws {
    let tcp = try Socket(.ipv4, .stream)
    // Past the system's limit, which the plain options stop at.
    for (option, forced) in [
      (
        SocketOption<IntegerOption, ReadWrite>.sendBufferSize,
        SocketOption<IntegerOption, WriteOnly>.forcedSendBufferSize
      ),
      (.receiveBufferSize, .forcedReceiveBufferSize),
    ] {
      try tcp.set(option, 1 << 26)
      let limit = try tcp.get(option)
      try tcp.set(forced, 1 << 26)
      #expect(try tcp.get(option) == 1 << 27)
      #expect(limit < 1 << 27)
    }
  }

  @Test("a raw socket takes whole packets", .enabled(if: isRoot, "it takes a privilege"))
  func raw() throws {
    try change(.headerIncluded, of: Socket(.ipv4, .raw, SocketProtocol(rawValue: 253)), to: true)
    try change(.v6HeaderIncluded, of: Socket(.ipv6, .raw, SocketProtocol(rawValue: 253)), to: true)
  }

  @Test("each option of IPv4 is read as it was set")
  func ip() throws {
    let tcp = try Socket(.ipv4, .stream)
    let udp = try Socket(.ipv4, .datagram)
    let root = "it takes a privilege"
    try change(.bindAddressNoPort, of: tcp, to: true)
    try change(.freeBind, of: tcp, to: true)
    try change(.localPortRange, of: tcp, to: 40_000...50_000, needing: "it takes Linux 6.3")
    try change(.localPortRange, of: tcp, to: nil, needing: "it takes Linux 6.3")
    try change(.mtuDiscovery, of: udp, to: .probe)
    try change(.multicastAll, of: udp, to: false)
    try change(.multicastHops, of: udp, to: 7)
    try change(.multicastInterface, of: udp, to: .loopback)
    try change(.multicastLoopback, of: udp, to: false)
    try change(.packetInfo, of: udp, to: true)
    try change(.receiveErrors, of: udp, to: true)
    try change(.receiveOriginalDestination, of: udp, to: true)
    try change(.receiveTimeToLive, of: udp, to: true)
    try change(.receiveTypeOfService, of: udp, to: true)
    try change(.timeToLive, of: tcp, to: 9)
    try change(.transparent, of: tcp, to: true, needing: root)
    try change(.typeOfService, of: udp, to: 0xb8)
    #expect(socketFailure { try tcp.set(.localPortRange, 0...9) }?.errno == .invalidArgument)
  }

  @Test("each option of IPv6 is read as it was set")
  func ipv6() throws {
    let udp = try Socket(.ipv6, .datagram)
    let root = "it takes a privilege"
    try change(.v6AutoFlowLabel, of: udp, to: try !udp.get(.v6AutoFlowLabel))
    try change(.v6DontFragment, of: udp, to: true)
    try change(.v6FlowInformationSend, of: udp, to: true)
    try change(.v6FreeBind, of: udp, to: true)
    try change(.v6MTUDiscovery, of: udp, to: .probe)
    try change(.v6MulticastAll, of: udp, to: false)
    try change(.v6MulticastHops, of: udp, to: 7)
    try change(.v6MulticastInterfaceIndex, of: udp, to: 1)
    try change(.v6MulticastLoopback, of: udp, to: false)
    try change(.v6Only, of: udp, to: false)
    try change(.v6PacketInfo, of: udp, to: true)
    try change(.v6ReceiveErrors, of: udp, to: true)
    try change(.v6ReceiveHopLimit, of: udp, to: true)
    try change(.v6ReceiveTrafficClass, of: udp, to: true)
    try change(.v6TrafficClass, of: udp, to: 0xb8)
    try change(.v6Transparent, of: udp, to: true, needing: root)
    try change(.v6UnicastHops, of: udp, to: 9)
    try udp.connect(to: .ipv6(.loopback, port: 9))
    #expect(try udp.get(.v6MTU) > 1280)
  }

  @Test("each option of TCP and UDP is read as it was set")
  func transports() throws {
    let tcp = try Socket(.ipv4, .stream)
    try change(.cork, of: tcp, to: true)
    try change(.deferAccept, of: tcp, to: .seconds(1))
    try change(.fastOpen, of: tcp, to: 5)
    try change(.fastOpenConnect, of: Socket(.ipv4, .stream), to: true)
    try change(.finishTimeout, of: tcp, to: .seconds(7))
    try change(.keepAliveCount, of: tcp, to: 3)
    try change(.keepAliveIdle, of: tcp, to: .seconds(11))
    try change(.keepAliveInterval, of: tcp, to: .milliseconds(12_001), reads: .seconds(13))
    try change(.noDelay, of: tcp, to: true)
    try change(.notSentLowWaterMark, of: tcp, to: 4096)
    try change(.synRetries, of: tcp, to: 2)
    try change(.thinLinearTimeouts, of: tcp, to: true)
    try change(.userTimeout, of: tcp, to: .milliseconds(1500))
    try change(.windowClamp, of: tcp, to: 10_000)
    let pair = try tcpPair()
    try change(.maximumSegmentSize, of: tcp, to: 900)
    try change(.quickAcknowledgements, of: pair.client, to: try !pair.client.get(.quickAcknowledgements))
    #expect(try pair.client.get(.upperLayerProtocol) == "")
    let other = try tcp.get(.congestionControl) == "reno" ? "cubic" : "reno"
    try change(.congestionControl, of: tcp, to: other)
    let udp = try Socket(.ipv4, .datagram)
    try change(.datagramCork, of: udp, to: true)
    try change(.receiveSegments, of: udp, to: true)
    try change(.segmentSize, of: udp, to: 1200)
  }

  @Test("what is kept of a socket can be read, and not set")
  func facts() throws {
    let first = try Socket(.ipv4, .stream)
    let second = try Socket(.ipv4, .stream)
    #expect(try first.get(.cookie) != 0)
    #expect(try first.get(.cookie) == first.get(.cookie))
    #expect(try first.get(.cookie) != second.get(.cookie))
    #expect(try first.get(.memoryInfo).receiveLimit == first.get(.receiveBufferSize))
    #expect(try first.get(.incomingNAPI) == 0)
    let tcp = try tcpPair()
    #expect(try tcp.client.get(.mtu) >= 1500)
    let redirected = socketFailure { _ = try tcp.client.get(.originalDestination) }
    #expect(redirected?.errno == .noSuchFile || redirected?.errno == .noSuchOption)
    let unix = try Socket.pair()
    let peer = try unix.first.get(.peerProcess)
    #expect(peer.processID == getpid() && peer.userID == getuid() && peer.groupID == getgid())
    #expect(socketFailure { _ = try first.get(.peerProcess) }?.errno == .notConnected)
    var groups = [gid_t](repeating: 0, count: 65_536)
    // The array has as many elements as the callee is told.
    let count = unsafe groups.withUnsafeMutableBufferPointer { unsafe getgroups(65_536, $0.baseAddress) }
    #expect(try unix.first.get(.peerGroups) == Array(groups.prefix(Int(count))))
    let context = socketFailure { _ = try unix.first.get(.peerSecurityContext) }
    #expect(context == nil || context?.errno == .noSuchOption)
  }

  @Test("what the kernel knows of a TCP connection follows what is done with it")
  func tcpInfo() throws {
    #expect(try Socket(.ipv4, .stream).get(.info).state == .closed)
    #expect(try listener().get(.info).state == .listen)
    let tcp = try tcpPair()
    let before = try tcp.client.get(.info)
    #expect(before.state == .established)
    #expect(before.bytesReceived == 0 && before.sendSegmentSize > 500 && before.congestionWindow > 0)
    let data = [UInt8](repeating: 1, count: 10_000)
    try tcp.client.sendAll(data)
    var buffer = [UInt8](repeating: 0, count: data.count)
    var span = buffer.mutableSpan
    try tcp.server.receiveExactly(into: &span, until: .after(soon))
    try tcp.server.sendAll("answer")
    #expect(try tcp.client.received() == bytes("answer"))
    let after = try tcp.client.get(.info)
    // The answer acknowledges everything before it.
    #expect(after.bytesAcknowledged - before.bytesAcknowledged == 10_000)
    #expect(after.bytesReceived == 6)
    #expect(after.bytesSent >= 10_000 && after.segmentsSent > before.segmentsSent)
    #expect(after.roundTripTime > .zero && after.roundTripTime < soon)
    #expect(after.minimumRoundTripTime <= after.roundTripTime + after.roundTripVariance)
    #expect(after.bytesNotSent == 0 && after.lostSegments == 0)
    try tcp.client.shutdown(.write)
    #expect(try tcp.server.received() == [])
    #expect(try tcp.server.get(.info).state == .closeWait)
    #expect(socketFailure { _ = try Socket.pair().first.get(.info) } != nil)
  }

  @Test("a filter keeps what its program says, until it is taken off")
  func filter() throws {
    let receiver = try Socket(.ipv4, .datagram)
    try receiver.bind(to: .loopback(port: 0))
    let sender = try Socket(.ipv4, .datagram)
    let address = try receiver.localAddress
    // The eight bytes of the header count: three of the payload are kept.
    try receiver.set(.filter, [.return(8 + 3)])
    _ = try sender.send("abcdef", to: address)
    #expect(try receiver.received() == bytes("abc"))
    try receiver.set(.filter, [.return(0)])
    _ = try sender.send("lost", to: address)
    try receiver.set(.filter, nil)
    _ = try sender.send("whole", to: address)
    #expect(try receiver.received() == bytes("whole"))
    #expect(socketFailure { try receiver.set(.filter, []) }?.errno == .invalidArgument)
    #expect(socketFailure { try receiver.set(.filter, [FilterInstruction(0xffff, 0)]) }?.errno == .invalidArgument)
  }

  @Test("a program chooses the socket of a group")
  func reusePortFilter() throws {
    let first = try Socket(.ipv4, .datagram)
    try first.set(.reusePort, true)
    try first.bind(to: .loopback(port: 0))
    let address = try first.localAddress
    let second = try Socket(.ipv4, .datagram)
    try second.set(.reusePort, true)
    try second.bind(to: address)
    let sender = try Socket(.ipv4, .datagram)
    for (number, text) in [(UInt32(1), "second"), (0, "first"), (1, "second")] {
      try first.set(.reusePortFilter, [.return(number)])
      _ = try sender.send(text, to: address)
      #expect(try (number == 0 ? first.duplicate() : second.duplicate()).received() == bytes(text))
    }
  }

  @Test("what can only be read says what the socket is")
  func readOnly() throws {
    let socket = try Socket(.ipv6, .datagram)
    #expect(try socket.get(.type) == .datagram)
    #expect(try socket.get(.family) == .ipv6)
    #expect(try socket.get(.protocol) == .udp)
    #expect(try socket.get(.error) == nil)
    #expect(try !tcpPair().client.get(.acceptsConnections))
    #expect(try listener().get(.acceptsConnections))
  }

  @Test("trap 26: the getter says what the kernel says, which is twice what was set")
  func bufferSizes() throws {
    let socket = try Socket(.ipv4, .stream)
    try change(.receiveBufferSize, of: socket, to: 10_000, reads: 20_000)
    try change(.sendBufferSize, of: socket, to: 12_000, reads: 24_000)
  }

  @Test("trap 16: a time limit of zero or less is refused, one below a microsecond is a microsecond, and nil is none")
  func timeLimits() throws {
    let socket = try Socket(.ipv4, .stream)
    for value in [Duration.zero, .seconds(-1), .nanoseconds(-1)] {
      #expect(
        socketFailure { try socket.set(.receiveTimeout, value) } == SocketError(.setOption, .errno(.invalidArgument)))
    }
    // The kernel counts in ticks and rounds up too.
    try socket.set(.receiveTimeout, .nanoseconds(500))
    let least = try #require(try socket.get(.receiveTimeout))
    #expect(least > .zero && least <= .milliseconds(10))
    #expect(socketFailure { try socket.set(.linger, .seconds(-1)) }?.errno == .invalidArgument)
    for much in [Duration.seconds(Int64.max), .seconds(Int64.max) * 2] {
      #expect(socketFailure { try socket.set(.linger, much) }?.errno == .invalidArgument)
      // The kernel takes it, for as good as no limit.
      try socket.set(.sendTimeout, much)
    }
    try socket.set(.linger, .milliseconds(1))
    #expect(try socket.get(.linger) == .seconds(1))
    try socket.set(.linger, .zero)
    #expect(try socket.get(.linger) == .zero)
  }

  @Test("a number that does not fit, and an option that the socket has not, are typed errors")
  func refused() throws {
    let socket = try Socket(.unix, .stream)
    #expect(socketFailure { try socket.set(.sendBufferSize, 1 << 40) }?.errno == .invalidArgument)
    let error = socketFailure { try socket.set(.noDelay, true) }
    #expect(error?.errno == .notSupported || error?.errno == .noSuchOption)
    #expect(error?.operation == .setOption)
  }

  @Test("an option that is in no table is one line")
  func custom() throws {
    let priority = SocketOption<IntegerOption, ReadWrite>(SOL_SOCKET, SO_PRIORITY)
    try change(priority, of: Socket(.ipv4, .stream), to: 5)
  }
}
