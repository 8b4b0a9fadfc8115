import Sockets
import Testing

extension IPVersion {
  /// A group that stays within the site.
  fileprivate var group: IPAddress {
    switch self {
    case .ipv4: .ipv4(IPv4Address(239, 1, 2, 3))
    case .ipv6: .ipv6(IPv6Address(groups: [0xff15, 0, 0, 0, 0, 0, 0, 0x99]))
    }
  }

  /// A group for single sources.
  fileprivate var sourceGroup: IPAddress {
    switch self {
    case .ipv4: .ipv4(IPv4Address(232, 1, 2, 3))
    case .ipv6: .ipv6(IPv6Address(groups: [0xff35, 0, 0, 0, 0, 0, 0, 0x99]))
    }
  }
}

extension Socket {
  /// Joins or leaves a group on an interface.
  fileprivate func join(_ group: IPAddress, onInterface index: UInt32, leave: Bool = false) throws {
    switch group {
    case .ipv4(let group): try set(leave ? .leaveGroup : .joinGroup, IPv4Membership(group, on: .index(index)))
    case .ipv6(let group): try set(leave ? .v6LeaveGroup : .v6JoinGroup, IPv6Membership(group, onInterface: index))
    }
  }

  /// Sends multicast by an interface.
  fileprivate func setMulticast(_ version: IPVersion, interface index: UInt32) throws {
    switch version {
    case .ipv4: try set(.multicastInterfaceIndex, index)
    case .ipv6: try set(.v6MulticastInterfaceIndex, Int(index))
    }
  }

  /// Whether what is sent to a group is received: a datagram to the receiver alone, sent behind it, comes in any case.
  fileprivate func reaches(_ receiver: borrowing Socket, group: IPAddress, at address: IPAddress) throws -> Bool {
    let port = try receiver.port()
    try send("to all", to: SocketAddress(group, port: port))
    try send("to one", to: SocketAddress(address, port: port))
    let first = try receiver.received()
    guard first == bytes("to all") else { return false }
    return try receiver.received() == bytes("to one")
  }
}

@Suite(.hosts) struct MulticastTests {
  @Test("a member hears what is sent to the group on its interface, until it leaves", arguments: IPVersion.allCases)
  func anySource(_ version: IPVersion) throws {
    let hosts = try Neighbours(links: 2)
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    let indices = try [0, 1].map { try hosts.near.index("near\($0)") }
    try sender.setMulticast(version, interface: indices[1])
    func isHeard() throws -> Bool {
      try sender.reaches(receiver, group: version.group, at: version.address(2, link: 1))
    }
    var heard = [try isHeard()]
    try receiver.join(version.group, onInterface: hosts.far.index("far1"))
    heard.append(try isHeard())
    try sender.setMulticast(version, interface: indices[0])
    heard.append(try isHeard())
    try sender.setMulticast(version, interface: indices[1])
    heard.append(try isHeard())
    try receiver.join(version.group, onInterface: hosts.far.index("far1"), leave: true)
    heard.append(try isHeard())
    #expect(heard == [false, true, false, true, false])
  }

  @Test("a socket hears what another of its host has joined, unless that is turned off", arguments: IPVersion.allCases)
  func others(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    let sender = try hosts.near.socket(at: version.any)
    try sender.setMulticast(version, interface: hosts.near.index("near0"))
    let member = try hosts.far.socket(at: version.any)
    try member.join(version.group, onInterface: hosts.far.index("far0"))
    let other = try hosts.far.socket(at: version.any)
    var heard: [Bool] = []
    for on in [true, false] {
      try other.set(version == .ipv4 ? .multicastAll : .v6MulticastAll, on)
      heard.append(try sender.reaches(other, group: version.group, at: version.address(2)))
    }
    #expect(heard == [true, false])
  }

  @Test("IPv4 interfaces can be named by their addresses too")
  func byAddress() throws {
    let hosts = try Neighbours(links: 2)
    let sender = try hosts.near.socket(at: .ipv4(.any, port: 0))
    let receiver = try hosts.far.socket(at: .ipv4(.any, port: 0))
    let membership = IPv4Membership(IPv4Address(239, 1, 2, 3), on: .address(IPv4Address(10, 99, 1, 2)))
    try receiver.set(.joinGroup, membership)
    var heard: [Bool] = []
    for link in [0, 1] as [UInt8] {
      try sender.set(.multicastInterface, IPv4Address(10, 99, link, 1))
      #expect(try sender.get(.multicastInterface) == IPv4Address(10, 99, link, 1))
      heard.append(
        try sender.reaches(receiver, group: .ipv4(membership.group), at: .ipv4(IPv4Address(10, 99, link, 2))))
    }
    try receiver.set(.leaveGroup, membership)
    heard.append(
      try sender.reaches(receiver, group: .ipv4(membership.group), at: .ipv4(IPv4Address(10, 99, 1, 2))))
    #expect(heard == [false, true, false])
  }

  @Test("a member of a source hears that one alone, until it leaves", arguments: IPVersion.allCases)
  func sourceSpecific(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    try hosts.near.address("near0", 11)
    let index = try hosts.near.index("near0")
    let receiver = try hosts.far.socket(at: version.any)
    let membership = SourceMembership(
      version.sourceGroup, from: version.address(11), onInterface: try hosts.far.index("far0"))
    func isHeard(from host: UInt8) throws -> Bool {
      let sender = try hosts.near.socket(at: SocketAddress(version.address(host), port: 0))
      try sender.setMulticast(version, interface: index)
      return try sender.reaches(receiver, group: version.sourceGroup, at: version.address(2))
    }
    try receiver.set(.joinSourceGroup, membership)
    var heard = [try isHeard(from: 11), try isHeard(from: 1)]
    try receiver.set(.leaveSourceGroup, membership)
    heard.append(try isHeard(from: 11))
    #expect(heard == [true, false, false])
  }

  @Test("what is sent comes back to members on the same host, unless that is turned off", arguments: IPVersion.allCases)
  func loopback(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.near.socket(at: version.any)
    let index = try hosts.near.index("near0")
    try receiver.join(version.group, onInterface: index)
    try sender.setMulticast(version, interface: index)
    let option: SocketOption<FlagOption, ReadWrite> = version == .ipv4 ? .multicastLoopback : .v6MulticastLoopback
    var heard: [Bool] = []
    for on in [true, false] {
      try sender.set(option, on)
      heard.append(try sender.reaches(receiver, group: version.group, at: version.address(1)))
    }
    #expect(heard == [true, false])
  }

  @Test("multicast goes as many hops as it is to, and none is not beyond the host", arguments: IPVersion.allCases)
  func hops(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    try sender.setMulticast(version, interface: hosts.near.index("near0"))
    try receiver.join(version.group, onInterface: hosts.far.index("far0"))
    try receiver.set(version == .ipv4 ? .receiveTimeToLive : .v6ReceiveHopLimit, true)
    let option: SocketOption<IntegerOption, ReadWrite> = version == .ipv4 ? .multicastHops : .v6MulticastHops
    for (hops, arriving) in [(7, 7), (-1, 1)] {
      try sender.set(option, hops)
      try sender.send("to all", to: SocketAddress(version.group, port: receiver.port()))
      #expect(try receiver.arrival().control == [.hopLimit(arriving, isIPv6: version == .ipv6)])
    }
    // With none it stays on the host; Linux looks at that only where the host has a member itself.
    try sender.set(option, 0)
    let member = try hosts.near.socket(at: version.any.with(port: receiver.port()))
    try member.join(version.group, onInterface: hosts.near.index("near0"))
    let isHeard = try sender.reaches(receiver, group: version.group, at: version.address(2))
    #expect(!isHeard)
    #expect(try member.received() == bytes("to all"))
  }

  @Test("the scope of a link-local group says by which interface it is sent")
  func scope() throws {
    let hosts = try Neighbours(links: 2)
    let sender = try hosts.near.socket(at: .ipv6(.any, port: 0))
    let receiver = try hosts.far.socket(at: .ipv6(.any, port: 0))
    let group = try IPv6Address("ff02::99")
    try receiver.set(.v6PacketInfo, true)
    for link in [0, 1] {
      let index = try hosts.far.index("far\(link)")
      try receiver.set(.v6JoinGroup, IPv6Membership(group, onInterface: index))
      let port = try receiver.port()
      let target = try hosts.near.run { try SocketAddress("[ff02::99%near\(link)]:\(port)") }
      try sender.send("to all", to: target)
      let arrival = try receiver.arrival()
      #expect(arrival.control == [.packetInfo(.ipv6(group), interfaceIndex: index)])
      // A link-local group is sent to from a link-local address, which has the receiver's interface as its scope.
      let address = try hosts.near.linkLocal("near\(link)")
      #expect(arrival.message.sender == .ipv6(address, port: try sender.port(), scope: index))
    }
  }
}
