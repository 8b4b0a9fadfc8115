import Sockets
import Testing

extension Neighbours {
  /// A second way to link 0, by way of link 1, for what asks for that.
  fileprivate func addDetour(_ version: IPVersion) throws {
    try near.ip("route add \(version.network(0)) via \(version.address(2, link: 1)) metric 2000")
  }
}

@Suite(.hosts) struct InterfaceTests {
  @Test("a datagram comes with the address it was sent to and the interface it came by", arguments: IPVersion.allCases)
  func destination(_ version: IPVersion) throws {
    let hosts = try Neighbours(links: 2)
    try hosts.far.address("far0", 22)
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    try receiver.set(version == .ipv4 ? .packetInfo : .v6PacketInfo, true)
    for (host, link) in [(2, 0), (22, 0), (2, 1)] as [(UInt8, UInt8)] {
      let address = version.address(host, link: link)
      try sender.send("x", to: SocketAddress(address, port: receiver.port()))
      let arrival = try receiver.arrival()
      #expect(arrival.control == [.packetInfo(address, interfaceIndex: try hosts.far.index("far\(link)"))])
      #expect(arrival.message.sender == SocketAddress(version.address(1, link: link), port: try sender.port()))
    }
  }

  @Test("a socket for both versions is told where an IPv4 datagram went, as an IPv6 address that stands for it")
  func mappedDestination() throws {
    let hosts = try Neighbours()
    let sender = try hosts.near.socket(at: .ipv4(.any, port: 0))
    let receiver = try hosts.far.run { try Socket.boundToAny(port: 0, .datagram) }
    try receiver.set(.v6PacketInfo, true)
    try sender.send("x", to: .ipv4(IPv4Address(10, 99, 0, 2), port: receiver.port()))
    let address = IPAddress.ipv6(IPv6Address(mapping: IPv4Address(10, 99, 0, 2)))
    #expect(try receiver.arrival().control == [.packetInfo(address, interfaceIndex: try hosts.far.index("far0"))])
  }

  @Test("a datagram leaves from the address, and by the interface, that is asked for", arguments: IPVersion.allCases)
  func source(_ version: IPVersion) throws {
    let hosts = try Neighbours(links: 2)
    try hosts.near.address("near0", 11)
    try hosts.addDetour(version)
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    try receiver.set(version == .ipv4 ? .packetInfo : .v6PacketInfo, true)
    let target = SocketAddress(version.address(2), port: try receiver.port())
    for (source, link) in [(11, 0), (1, 0), (nil, 1)] as [(UInt8?, UInt8)] {
      var control = ControlBuffer()
      let address = source.map { version.address($0) } ?? version.any.ip!
      try control.append(.packetInfo(address, interfaceIndex: hosts.near.index("near\(link)")))
      #expect(try sender.send(bytes("x").span, control: control, to: target) == 1)
      let arrival = try receiver.arrival()
      // Where none is asked for, the interface's own.
      #expect(arrival.message.sender.ip == version.address(source ?? 1, link: link))
      let index = try hosts.far.index("far\(link)")
      #expect(arrival.control == [.packetInfo(version.address(2), interfaceIndex: index)])
    }
  }

  @Test("a router takes one from the hops that are left, and ECN goes through it", arguments: IPVersion.allCases)
  func hopsAndService(_ version: IPVersion) throws {
    let hosts = try Routed()
    let isIPv6 = version == .ipv6
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    try receiver.set(isIPv6 ? .v6ReceiveHopLimit : .receiveTimeToLive, true)
    try receiver.set(isIPv6 ? .v6ReceiveTrafficClass : .receiveTypeOfService, true)
    let target = SocketAddress(version.address(2, link: 1), port: try receiver.port())
    // As the socket has it, and as one message has it; ECT(1) and CE.
    try sender.set(isIPv6 ? .v6UnicastHops : .timeToLive, 10)
    try sender.set(isIPv6 ? .v6TrafficClass : .typeOfService, 0xb9)
    try sender.send("x", to: target)
    var control = ControlBuffer()
    try control.append(.hopLimit(20, isIPv6: isIPv6))
    try control.append(.typeOfService(0x03, isIPv6: isIPv6))
    #expect(try sender.send(bytes("x").span, control: control, to: target) == 1)
    for (hops, service) in [(9, 0xb9), (19, 0x03)] as [(Int, UInt8)] {
      let arrival = try receiver.arrival()
      #expect(
        Set(arrival.control)
          == [.hopLimit(hops, isIPv6: isIPv6), .typeOfService(service, isIPv6: isIPv6)])
    }
  }

  @Test("a socket that is bound to an interface gets what comes by that one", arguments: IPVersion.allCases)
  func boundToDevice(_ version: IPVersion) throws {
    let hosts = try Neighbours(links: 3)
    let sender = try hosts.near.socket(at: version.any)
    func unbound() throws -> Socket {
      let socket = try hosts.far.run { try Socket(for: version.any, .datagram) }
      // All have the same port.
      try socket.set(.reuseAddress, true)
      return socket
    }
    let byName = try unbound()
    let byNumber = try unbound()
    let others = try unbound()
    try byName.set(.device, "far0")
    try byNumber.set(.interfaceIndex, Int(hosts.far.index("far1")))
    let name = try hosts.far.run { try byNumber.get(.device) }
    #expect(name == "far1")
    try byName.bind(to: version.any)
    let port = try byName.port()
    try byNumber.bind(to: version.any.with(port: port))
    try others.bind(to: version.any.with(port: port))
    for link in [2, 1, 0] as [UInt8] {
      try sender.send("by link \(link)", to: SocketAddress(version.address(2, link: link), port: port))
    }
    #expect(try byName.received() == bytes("by link 0"))
    #expect(try byNumber.received() == bytes("by link 1"))
    #expect(try others.received() == bytes("by link 2"))
    let areIdle = byName.isIdle() && byNumber.isIdle() && others.isIdle()
    #expect(areIdle)
  }

  @Test("a socket that is bound to an interface sends by that one alone", arguments: IPVersion.allCases)
  func sendsByDevice(_ version: IPVersion) throws {
    let hosts = try Neighbours(links: 2)
    try hosts.addDetour(version)
    let receiver = try hosts.far.socket(at: version.any)
    try receiver.set(version == .ipv4 ? .packetInfo : .v6PacketInfo, true)
    let sender = try hosts.near.run { try Socket(for: version.any, .datagram) }
    try sender.set(.device, "near1")
    try sender.send("x", to: SocketAddress(version.address(2), port: receiver.port()))
    let index = try hosts.far.index("far1")
    #expect(try receiver.arrival().control == [.packetInfo(version.address(2), interfaceIndex: index)])
  }

  @Test("trap 25: a server for every address takes IPv4 where IPv6 is turned off")
  func withoutIPv6() throws {
    let hosts = try Neighbours()
    try hosts.far.set("ipv6/conf/all/disable_ipv6", "1")
    let server = try hosts.far.run { try Socket.boundToAny(port: 0, .stream) }
    try server.listen()
    let target = SocketAddress.ipv4(IPv4Address(10, 99, 0, 2), port: try server.port())
    let client = try hosts.near.run { try Socket.connected(to: target, until: .after(soon)) }
    let accepted = try server.accept(until: .after(soon))
    #expect(try accepted.peer.unmapped == client.localAddress)
    // There is no other way.
    let other = SocketAddress(IPVersion.ipv6.address(2), port: try server.port())
    let refusal = hosts.near.failure { _ = try Socket.connected(to: other, until: .after(soon)) }
    #expect(refusal?.errno == .hostUnreachable)
  }
}
