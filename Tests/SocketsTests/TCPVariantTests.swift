import Foundation
import Glibc
import Sockets
import Testing

@Suite struct MultipathTests {
  /// MPTCP_INFO at SOL_MPTCP, which only a connection that has not fallen back to TCP answers.
  private static let info = SocketOption<IntegerOption, ReadOnly>(284, 1)

  @Test("a connection over MPTCP is one, where the kernel has it")
  func connection() throws {
    let refusal = socketFailure { _ = try Socket(.ipv4, .stream, .mptcp) }
    if let refusal {
      print("skipped: \(refusal)")
      #expect(refusal.errno == .protocolNotSupported || refusal.errno == Errno(rawValue: ENOPROTOOPT))
      return
    }
    let listener = try Socket(.ipv4, .stream, .mptcp)
    try listener.bind(to: .loopback(port: 0))
    try listener.listen()
    let client = try Socket(.ipv4, .stream, .mptcp)
    try client.connect(to: listener.localAddress, until: .after(soon))
    let accepted = try listener.accept(until: .after(soon))
    #expect(try client.get(.protocol) == .mptcp)
    try client.sendAll("over one of the paths")
    #expect(try accepted.socket.received() == bytes("over one of the paths"))
    _ = try client.get(Self.info)
    // With a peer that has TCP alone it is TCP.
    let plain = try Socket(.ipv4, .stream, .mptcp)
    let plainListener = try Socket(.ipv4, .stream)
    try plainListener.bind(to: .loopback(port: 0))
    try plainListener.listen()
    try plain.connect(to: plainListener.localAddress, until: .after(soon))
    let plainAccepted = try plainListener.accept(until: .after(soon))
    try plain.sendAll("over TCP")
    #expect(try plainAccepted.socket.received() == bytes("over TCP"))
    #expect(socketFailure { _ = try plain.get(Self.info) } != nil)
  }
}

@Suite(.hosts) struct FastOpenTests {
  @Test("data goes with the first packet, once the peer has given leave", arguments: IPVersion.allCases)
  func fastOpen(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    for host in [hosts.near, hosts.far] { try host.set("ipv4/tcp_fastopen", "3") }
    let listener = try hosts.far.run {
      let listener = try Socket(for: version.any, .stream)
      try listener.bind(to: version.any)
      try listener.set(.fastOpen, 16)
      try listener.listen()
      return listener
    }
    let address = SocketAddress(version.address(2), port: try listener.port())
    func client() throws -> Socket { try hosts.near.run { try Socket(for: address, .stream) } }
    func accepted(_ text: String) throws {
      let accepted = try listener.accept(until: .after(soon))
      #expect(try accepted.socket.received() == bytes(text))
    }
    // The first asks for leave, and sends when it is connected.
    let first = try client()
    #expect(try first.send("first", to: address, flags: .fastOpen, until: .after(soon)) == 5)
    try accepted("first")
    // By the flag, and by the option, with which connect waits for the first send.
    let second = try client()
    #expect(try second.send("second", to: address, flags: .fastOpen, until: .after(soon)) == 6)
    try accepted("second")
    let third = try client()
    try third.set(.fastOpenConnect, true)
    try third.connect(to: address, until: .after(soon))
    try third.sendAll("third")
    try accepted("third")
    #expect(try third.peerAddress == address)
    // The peer has taken the data of both out of their first packets.
    #expect(try hosts.near.run { try counter("TCPFastOpenActive") } == 2)
    #expect(try hosts.far.run { try counter("TCPFastOpenPassive") } == 2)
  }

  /// One of TCP's counters on this host.
  private func counter(_ name: String) throws -> Int? {
    let lines = try String(contentsOfFile: "/proc/thread-self/net/netstat", encoding: .utf8)
      .split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }.map { $0.split(separator: " ") }
    return lines[0].firstIndex(of: name[...]).flatMap { Int(lines[1][$0]) }
  }
}

@Suite struct DisconnectTests {
  @Test("a datagram socket that is disconnected hears everyone again, and has no peer")
  func datagram() throws {
    for address in [SocketAddress.loopback(port: 0), .unix(.unnamed)] {
      let client = try Socket(for: address, .datagram)
      try client.bind(to: address)
      let peer = try Socket(for: address, .datagram)
      let stranger = try Socket(for: address, .datagram)
      try peer.bind(to: address)
      try stranger.bind(to: address)
      let name = try client.localAddress
      try client.connect(to: peer.localAddress)
      try client.disconnect()
      #expect(socketFailure { _ = try client.peerAddress }?.errno == .notConnected)
      #expect(socketFailure { try client.sendAll("to nobody") } != nil)
      // A name that was bound to stays; a port of the kernel's choice goes with the connection.
      if address.family == .unix {
        try stranger.send("hello", to: name)
        #expect(try client.received() == bytes("hello"))
      } else {
        try client.send("hello", to: peer.localAddress)
        #expect(try peer.received() == bytes("hello"))
      }
    }
  }

  @Test("a TCP connection that is disconnected is reset, and the socket can be connected again")
  func stream() throws {
    let listener = try listener()
    let client = try Socket.connected(to: listener.localAddress, until: .after(soon))
    let first = try listener.accept(until: .after(soon))
    try client.disconnect()
    #expect(socketFailure { _ = try first.socket.received() }?.errno == .connectionReset)
    try client.connect(to: listener.localAddress, until: .after(soon))
    let second = try listener.accept(until: .after(soon))
    try client.sendAll("again")
    #expect(try second.socket.received() == bytes("again"))
  }
}
