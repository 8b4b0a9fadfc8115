import Glibc
import Sockets
import Testing

/// A UDP socket on loopback.
private func udp() throws -> Socket {
  let socket = try Socket(.ipv4, .datagram)
  try socket.bind(to: .loopback(port: 0))
  return socket
}

@Suite struct DatagramTests {
  @Test("a datagram comes with its sender, and the answer reaches it", arguments: [0, 1, 1472, 65_507])
  func exchange(_ size: Int) throws {
    let server = try udp()
    let client = try udp()
    let data = [UInt8](repeating: 7, count: size)
    #expect(try client.send(data.span, to: server.localAddress) == size)
    let (datagram, received) = try server.receivedDatagram()
    #expect(received == data)
    #expect(datagram.length == size && !datagram.isTruncated)
    #expect(try datagram.sender == client.localAddress)
    #expect(try server.send(received, to: datagram.sender) == size)
    #expect(try client.received() == data)
  }

  @Test("trap 15: an empty datagram is a datagram, and not the end of anything")
  func empty() throws {
    let server = try udp()
    let client = try udp()
    try client.connect(to: server.localAddress)
    #expect(try client.send(Span<UInt8>()) == 0)
    #expect(try client.send("", to: server.localAddress) == 0)
    #expect(try client.send(bytes("x").span) == 1)
    for expected in ["", "", "x"] { #expect(try server.receivedDatagram().1 == bytes(expected)) }
  }

  @Test("trap 17: a datagram that does not fit says so, and how long it was", arguments: [0, 3, 9, 10])
  func truncated(_ capacity: Int) throws {
    for isUDP in [true, false] {
      let pair = try Socket.pair(.datagram)
      let server = try isUDP ? udp() : pair.second.duplicate()
      let client = try isUDP ? udp() : pair.first.duplicate()
      if isUDP { try client.connect(to: server.localAddress) }
      try client.sendAll("ten bytes!")
      let (datagram, received) = try server.receivedDatagram(capacity: capacity)
      #expect(received == Array(bytes("ten bytes!").prefix(capacity)))
      #expect(datagram.length == 10)
      #expect(datagram.isTruncated == (capacity < 10))
    }
  }

  @Test("a datagram that is too large is EMSGSIZE, with the address")
  func tooLarge() throws {
    let client = try udp()
    let address = try udp().localAddress
    let error = socketFailure { _ = try client.send([UInt8](repeating: 0, count: 65_508), to: address) }
    #expect(error?.errno == .messageTooLong)
    #expect(error?.address == address)
    #expect(error.map { "\($0)" } == "send to \(address): message too long (EMSGSIZE)")
  }

  @Test("a connected datagram socket hears that nobody is there")
  func refused() throws {
    let client = try udp()
    let gone = try udp().localAddress
    try client.connect(to: gone)
    _ = try client.send(bytes("x").span)
    #expect(socketFailure { _ = try client.received() }?.errno == .connectionRefused)
  }

  @Test("a connected datagram socket receives from its peer alone")
  func connected() throws {
    let client = try udp()
    let peer = try udp()
    let stranger = try udp()
    try client.connect(to: peer.localAddress)
    _ = try stranger.send("no", to: client.localAddress)
    _ = try peer.send("yes", to: client.localAddress)
    #expect(try client.received() == bytes("yes"))
    #expect(socketFailure { _ = try client.receive(upTo: 1, until: .now) }?.errno == .wouldBlock)
  }

  @Test("trap 20: a Unix datagram from a socket without a name has an unnamed sender")
  func unnamedSender() throws {
    let server = try Socket(.unix, .datagram)
    try server.bind(to: .unix(.unnamed))
    let client = try Socket(.unix, .datagram)
    _ = try client.send("x", to: server.localAddress)
    #expect(try server.receivedDatagram().0.sender == .unix(.unnamed))
    try client.bind(to: .unix(.unnamed))
    _ = try client.send("y", to: server.localAddress)
    #expect(try server.receivedDatagram().0.sender == client.localAddress)
  }

  @Test("packets in sequence keep their boundaries")
  func sequencedPackets() throws {
    let pair = try Socket.pair(.sequencedPacket)
    try pair.first.sendAll("ab")
    try pair.first.sendAll("c")
    #expect(try pair.second.receivedDatagram().1 == bytes("ab"))
    #expect(try pair.second.receivedDatagram(capacity: 0).0.length == 1)
  }

  @Test("trap 31: to send to a full Unix queue waits for room there, until the deadline and without spinning")
  func fullQueue() async {
    await #expect(processExitsWith: .success) {
      let receiver = try Socket(.unix, .datagram)
      try receiver.bind(to: .unix(.unnamed))
      let address = try receiver.localAddress
      let sender = try Socket(.unix, .datagram)
      while socketFailure({ _ = try sender.send("x", to: address, until: .now) }) == nil {}
      var before = rusage()
      // The callee writes one rusage.
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &before)
      let error = socketFailure { _ = try sender.send("x", to: address, until: .after(.milliseconds(300))) }
      ensure(error?.reason == .timedOut && error?.address == address, "\(error.map { "\($0)" } ?? "no error")")
      var after = rusage()
      // As above.
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &after)
      let spent =
        after.ru_stime.tv_usec - before.ru_stime.tv_usec + 1_000_000 * (after.ru_stime.tv_sec - before.ru_stime.tv_sec)
      ensure(spent < 100_000, "\(spent) microseconds of system time to wait")
      // Room again, while it waits.
      let copy = try receiver.duplicate().release()
      let reader = Background { try Socket(adopting: copy).received() }
      ensure(try sender.send("y", to: address, until: .after(soon)) == 1)
      ensure(try reader.value() == bytes("x"))
    }
  }

  @Test("a stream has no datagrams, and says so")
  func stream() throws {
    let tcp = try tcpPair()
    try tcp.client.sendAll("x")
    #expect(socketFailure { _ = try tcp.server.receivedDatagram() }?.errno == .notSupported)
  }

  @Test("nothing there is EAGAIN now, and a time-out later")
  func deadlines() throws {
    let socket = try udp()
    var buffer = [UInt8](repeating: 0, count: 8)
    var span = buffer.mutableSpan
    var reasons: [SocketError.Reason] = []
    for deadline in [Deadline.now, .after(.milliseconds(10))] {
      do throws(SocketError) {
        _ = try socket.receiveDatagram(into: &span, until: deadline)
      } catch {
        reasons.append(error.reason)
      }
    }
    #expect(reasons == [.errno(.wouldBlock), .timedOut])
  }
}
