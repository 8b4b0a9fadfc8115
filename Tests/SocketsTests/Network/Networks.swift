import Sockets

/// A version of IP, and the addresses that hosts have in it.
enum IPVersion: CaseIterable {
  case ipv4
  case ipv6

  /// A host's address on one of the links: 10.99.LINK.HOST, or fd99:0:0:LINK::HOST.
  func address(_ host: UInt8, link: UInt8 = 0) -> IPAddress {
    switch self {
    case .ipv4: .ipv4(IPv4Address(10, 99, link, host))
    case .ipv6: .ipv6(IPv6Address(groups: [0xfd99, 0, 0, UInt16(link), 0, 0, 0, UInt16(host)]))
    }
  }

  /// All addresses of a link.
  func network(_ link: UInt8) -> String {
    "\(address(0, link: link))/\(prefixLength)"
  }

  /// How many bits of an address all hosts on a link have in common.
  var prefixLength: Int { self == .ipv4 ? 24 : 64 }

  /// Every address of a host.
  var any: SocketAddress {
    switch self {
    case .ipv4: .ipv4(.any, port: 0)
    case .ipv6: .ipv6(.any, port: 0)
    }
  }
}

extension Node {
  /// Gives an interface addresses of both versions, which can then be used.
  func address(_ interface: String, _ hosts: UInt8..., link: UInt8 = 0) throws {
    for version in IPVersion.allCases {
      for host in hosts {
        let address = version.address(host, link: link)
        try ip("addr add \(address)/\(version.prefixLength) dev \(interface)")
        if version == .ipv6 { try self.address(of: interface) { .ipv6($0) == address } }
      }
    }
  }
}

/// Two hosts with links between them: on link 0 near0 with the address 1 and far0 with the address 2, and so on.
struct Neighbours {
  let near: Node
  let far: Node

  init(links: UInt8 = 1, mtu: Int = 1500) throws {
    (near, far) = (try Node(), try Node())
    for link in 0..<links {
      try near.link("near\(link)", to: far, "far\(link)", mtu: mtu)
      try near.address("near\(link)", 1, link: link)
      try far.address("far\(link)", 2, link: link)
    }
  }
}

/// Two hosts, 1 on link 0 and 2 on link 1, and between them a router, 9 on both.
struct Routed {
  let near: Node
  let router: Node
  let far: Node

  init(farMTU: Int = 1500) throws {
    (near, router, far) = (try Node(), try Node(), try Node())
    try router.set("ipv4/ip_forward", "1")
    try router.set("ipv6/conf/all/forwarding", "1")
    try near.link("near0", to: router, "router0")
    try far.link("far0", to: router, "router1", mtu: farMTU)
    try near.address("near0", 1, link: 0)
    try router.address("router0", 9, link: 0)
    try router.address("router1", 9, link: 1)
    try far.address("far0", 2, link: 1)
    for (host, link) in [(near, UInt8(0)), (far, 1)] {
      for version in IPVersion.allCases { try host.ip("route add default via \(version.address(9, link: link))") }
    }
  }
}

/// A message that was received, its bytes, and what came beside it.
struct Arrival {
  let message: ReceivedMessage
  let bytes: [UInt8]
  let control: [ControlMessage]
}

extension Socket {
  /// Receives a message with what came beside it, and fails rather than wait for ever.
  func arrival(flags: ReceiveFlags = []) throws -> Arrival {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var span = buffer.mutableSpan
    var control = ControlBuffer()
    let message = try receiveMessage(into: &span, control: &control, flags: flags, until: .after(soon))
    return Arrival(message: message, bytes: Array(buffer.prefix(message.count)), control: control.messages)
  }

  /// Receives the next of the queued errors, with what was sent.
  func queuedError() throws -> (error: QueuedError, arrival: Arrival)? {
    let arrival = try arrival(flags: .errorQueue)
    for case .error(let error) in arrival.control { return (error, arrival) }
    return nil
  }

  /// Whether there is nothing to receive.
  func isIdle() -> Bool {
    socketFailure { _ = try receive(upTo: 1, until: .now) }?.errno == .wouldBlock
  }

  /// The port that the kernel chose.
  func port() throws -> UInt16 {
    try localAddress.port ?? 0
  }
}

extension Node {
  /// The socket error that a call on this host throws, or nil.
  func failure(_ body: () throws -> Void) -> SocketError? {
    socketFailure { try run(body) }
  }
}
