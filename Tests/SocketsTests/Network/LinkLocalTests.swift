import Sockets
import Testing

/// A socket of the far host, and its address as the near host writes it, with its interface's name or number.
private func texts(
  _ hosts: Neighbours, of socket: borrowing Socket
) throws -> [String] {
  let address = try hosts.far.linkLocal("far0")
  let port = try socket.port()
  return ["[\(address)%near0]:\(port)", "[\(address)%\(try hosts.near.index("near0"))]:\(port)"]
}

@Suite(.hosts) struct LinkLocalTests {
  @Test("trap 22: a link-local address that is read from text is connected to, and the peer's has the scope too")
  func stream() throws {
    let hosts = try Neighbours()
    let (nearIndex, farIndex) = (try hosts.near.index("near0"), try hosts.far.index("far0"))
    #expect(nearIndex != farIndex)
    let listener = try hosts.far.socket(.stream, at: .ipv6(.any, port: 0))
    try listener.listen()
    for text in try texts(hosts, of: listener) {
      let target = try hosts.near.run { try SocketAddress(text) }
      let client = try hosts.near.run { try Socket.connected(to: target, until: .after(soon)) }
      let accepted = try listener.accept(until: .after(soon))
      let (near, far) = (try hosts.near.linkLocal("near0"), try hosts.far.linkLocal("far0"))
      let (clientPort, port) = (try client.port(), try listener.port())
      // Each host has its own number for the link.
      #expect(accepted.peer == .ipv6(near, port: clientPort, scope: farIndex))
      #expect(try accepted.socket.localAddress == .ipv6(far, port: port, scope: farIndex))
      #expect(try client.localAddress == .ipv6(near, port: clientPort, scope: nearIndex))
      #expect(try client.peerAddress == target && target == .ipv6(far, port: port, scope: nearIndex))
      let printed = try hosts.far.run { "\(accepted.peer)" }
      #expect(printed == "[\(near)%far0]:\(clientPort)")
      #expect(try hosts.far.run { try SocketAddress(printed) } == accepted.peer)
      try client.sendAll("over the link")
      #expect(try accepted.socket.received() == bytes("over the link"))
    }
  }

  @Test("trap 22: a datagram goes to a link-local address that is read from text, and its sender is answered")
  func datagram() throws {
    let hosts = try Neighbours()
    let receiver = try hosts.far.socket(at: .ipv6(.any, port: 0))
    let sender = try hosts.near.socket(at: .ipv6(.any, port: 0))
    for text in try texts(hosts, of: receiver) {
      try sender.send("there", to: try hosts.near.run { try SocketAddress(text) })
      let (datagram, received) = try receiver.receivedDatagram()
      #expect(received == bytes("there"))
      let scope = try hosts.far.index("far0")
      #expect(datagram.sender == .ipv6(try hosts.near.linkLocal("near0"), port: try sender.port(), scope: scope))
      try receiver.send("and back", to: datagram.sender)
      #expect(try sender.received() == bytes("and back"))
    }
  }

  @Test("trap 22: without a scope there is no link to send by")
  func withoutScope() throws {
    let hosts = try Neighbours()
    let target = SocketAddress.ipv6(try hosts.far.linkLocal("far0"), port: 9)
    let error = hosts.near.failure { _ = try Socket.connected(to: target, until: .after(soon)) }
    #expect(error?.errno == .invalidArgument)
    #expect(error?.address == target)
  }
}
