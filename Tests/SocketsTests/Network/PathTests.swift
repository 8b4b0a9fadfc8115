import Sockets
import Testing

extension IPVersion {
  /// How many bytes of a packet are not the datagram's: the headers of this version and of UDP.
  fileprivate var headers: Int { self == .ipv4 ? 28 : 48 }

  fileprivate var isIPv6: Bool { self == .ipv6 }
}

extension Socket {
  /// Does not let packets be fragmented, and queues the errors that come back.
  fileprivate func discoverPath(_ version: IPVersion) throws {
    try set(version.isIPv6 ? .v6MTUDiscovery : .mtuDiscovery, .on)
    try set(version.isIPv6 ? .v6ReceiveErrors : .receiveErrors, true)
  }

  /// The path's MTU, as far as it is known.
  fileprivate func pathMTU(_ version: IPVersion) throws -> Int {
    try version.isIPv6 ? get(.v6MTU) : get(.mtu)
  }
}

@Suite(.hosts) struct PathTests {
  @Test(
    "a datagram larger than the link's MTU is EMSGSIZE, and the queued error says the MTU",
    arguments: IPVersion.allCases)
  func linkMTU(_ version: IPVersion) throws {
    let hosts = try Neighbours(mtu: 1400)
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    try sender.connect(to: SocketAddress(version.address(2), port: receiver.port()))
    try sender.discoverPath(version)
    #expect(try sender.pathMTU(version) == 1400)
    let fitting = [UInt8](repeating: 1, count: 1400 - version.headers)
    try sender.sendAll(fitting)
    #expect(try receiver.received() == fitting)
    #expect(socketFailure { try sender.sendAll(fitting + [1]) }?.errno == .messageTooLong)
    let queued = try #require(try sender.queuedError())
    #expect(queued.error.errno == .messageTooLong && queued.error.info == 1400)
    // This host itself found it.
    #expect(queued.error.origin == 1 && queued.error.offender == nil)
    // Where it may be fragmented it arrives.
    try sender.set(version.isIPv6 ? .v6MTUDiscovery : .mtuDiscovery, .off)
    try sender.sendAll(fitting + [1])
    #expect(try receiver.received() == fitting + [1])
  }

  @Test(
    "a router that a datagram is too large for says so, and the path's MTU is known from then on",
    arguments: IPVersion.allCases)
  func routerMTU(_ version: IPVersion) throws {
    let hosts = try Routed(farMTU: 1280)
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    let target = SocketAddress(version.address(2, link: 1), port: try receiver.port())
    try sender.connect(to: target)
    try sender.discoverPath(version)
    #expect(try sender.pathMTU(version) == 1500)
    let large = [UInt8](repeating: 1, count: 1400)
    try sender.sendAll(large)
    #expect(try sender.wait(for: .read, until: .after(soon)).contains(.error))
    let queued = try #require(try sender.queuedError())
    #expect(queued.error.errno == .messageTooLong && queued.error.info == 1280)
    #expect(queued.error.origin == (version.isIPv6 ? 3 : 2))
    #expect(queued.error.type == (version.isIPv6 ? 2 : 3) && queued.error.code == (version.isIPv6 ? 0 : 4))
    #expect(queued.error.offender?.ip == version.address(9))
    #expect(queued.arrival.message.sender == target)
    #expect(try sender.pathMTU(version) == 1280)
    let fitting = [UInt8](repeating: 2, count: 1280 - version.headers)
    #expect(socketFailure { try sender.sendAll(fitting + [2]) }?.errno == .messageTooLong)
    try sender.sendAll(fitting)
    #expect(try receiver.received() == fitting)
  }

  /// What comes back from where a datagram does not get through.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let version: IPVersion
    let testDescription: String
    /// Whom it was for: a host on a link.
    let target: (host: UInt8, link: UInt8)
    let errno: Errno
    /// The ICMP message.
    let type: UInt8
    let code: UInt8
    /// Who sent that.
    let offender: (host: UInt8, link: UInt8)

    static let all = [
      Refusal(.ipv4, "no socket", (2, 1), .connectionRefused, 3, 3, (2, 1)),
      Refusal(.ipv4, "no such host", (7, 1), .hostUnreachable, 3, 1, (9, 0)),
      Refusal(.ipv4, "no route", (2, 3), .networkUnreachable, 3, 0, (9, 0)),
      Refusal(.ipv4, "prohibited", (2, 4), .hostUnreachable, 3, 13, (9, 0)),
      Refusal(.ipv4, "too many hops", (2, 5), .hostUnreachable, 11, 0, (9, 0)),
      Refusal(.ipv6, "no socket", (2, 1), .connectionRefused, 1, 4, (2, 1)),
      Refusal(.ipv6, "no such host", (7, 1), .hostUnreachable, 1, 3, (9, 0)),
      Refusal(.ipv6, "no route", (2, 3), .networkUnreachable, 1, 0, (9, 0)),
      Refusal(.ipv6, "prohibited", (2, 4), .accessDenied, 1, 1, (9, 0)),
      Refusal(.ipv6, "too many hops", (2, 5), .hostUnreachable, 3, 0, (9, 0)),
    ]

    init(
      _ version: IPVersion, _ description: String, _ target: (UInt8, UInt8), _ errno: Errno, _ type: UInt8,
      _ code: UInt8, _ offender: (UInt8, UInt8)
    ) {
      (self.version, testDescription, self.target, self.errno) = (version, "\(version): \(description)", target, errno)
      (self.type, self.code, self.offender) = (type, code, offender)
    }
  }

  @Test("who could not pass a datagram on says so, and why", arguments: Refusal.all)
  func refused(_ refusal: Refusal) throws {
    let version = refusal.version
    let hosts = try Routed()
    try hosts.router.ip(
      "route add prohibit \(version.network(4))",
      "route add \(version.network(5)) via \(version.address(2, link: 1))")
    let sender = try hosts.near.socket(at: version.any)
    try sender.set(version.isIPv6 ? .v6ReceiveErrors : .receiveErrors, true)
    // Link 5 is behind more routers than these hops pass.
    try sender.set(version.isIPv6 ? .v6UnicastHops : .timeToLive, refusal.target.link == 5 ? 1 : 64)
    // A port that nobody has there: the one who had it is gone.
    let port = try hosts.far.socket(at: version.any).port()
    let target = SocketAddress(version.address(refusal.target.host, link: refusal.target.link), port: port)
    try sender.send("lost", to: target)
    #expect(try sender.wait(for: .read, until: .after(soon)).contains(.error))
    let queued = try #require(try sender.queuedError())
    #expect(queued.error.errno == refusal.errno)
    #expect(queued.error.origin == (version.isIPv6 ? 3 : 2))
    #expect(queued.error.type == refusal.type && queued.error.code == refusal.code)
    #expect(
      queued.error.offender
        == SocketAddress(version.address(refusal.offender.host, link: refusal.offender.link), port: 0))
    #expect(queued.arrival.message.sender == target)
    #expect(queued.arrival.bytes == bytes("lost"))
  }
}
