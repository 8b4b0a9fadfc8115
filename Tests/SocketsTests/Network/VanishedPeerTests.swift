import Sockets
import Testing

extension Routed {
  /// Two TCP sockets of the outer hosts that are connected with each other.
  fileprivate func connection(_ version: IPVersion) throws -> SocketPairOfTCP {
    let listener = try far.socket(.stream, at: version.any)
    try listener.listen()
    let target = SocketAddress(version.address(2, link: 1), port: try listener.port())
    let client = try near.run { try Socket.connected(to: target, until: .after(soon)) }
    let accepted = try listener.accept(until: .after(soon))
    return SocketPairOfTCP(client: client, server: accepted.socket)
  }

  /// From here on the router loses every packet without a word.
  fileprivate func swallow() throws {
    for version in IPVersion.allCases {
      for (host, link) in [(1, 0), (2, 1)] as [(UInt8, UInt8)] {
        try router.ip("route add blackhole \(version.address(host, link: link))")
      }
    }
  }
}

@Suite(.hosts) struct VanishedPeerTests {
  @Test(
    "a host that nobody is: a connect ends at its deadline, or when the kernel has asked for it in vain",
    arguments: IPVersion.allCases)
  func nobody(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    let target = SocketAddress(version.address(77), port: 9)
    let early = hosts.near.failure { _ = try Socket.connected(to: target, until: .after(.milliseconds(50))) }
    #expect(early?.reason == .timedOut)
    for deadline in [Deadline.never, .after(soon)] {
      let error = hosts.near.failure { _ = try Socket.connected(to: target, until: deadline) }
      #expect(error?.errno == .hostUnreachable)
      #expect(error?.address == target)
    }
  }

  @Test("a way that loses every packet: a connect ends at its deadline, and not before", arguments: IPVersion.allCases)
  func blackHole(_ version: IPVersion) throws {
    let hosts = try Routed()
    try hosts.swallow()
    let target = SocketAddress(version.address(2, link: 1), port: 9)
    let deadline = Deadline.after(.milliseconds(200))
    let error = hosts.near.failure { _ = try Socket.connected(to: target, until: deadline) }
    #expect(error?.reason == .timedOut)
    #expect(deadline.hasPassed)
  }

  @Test("a connect that asks as often as it may is ETIMEDOUT", arguments: IPVersion.allCases)
  func synRetries(_ version: IPVersion) throws {
    let hosts = try Routed()
    try hosts.swallow()
    let socket = try hosts.near.socket(.stream, at: version.any)
    try socket.set(.synRetries, 1)
    // The first answer is waited for for one second, the second for two.
    let target = SocketAddress(version.address(2, link: 1), port: 9)
    let error = socketFailure { try socket.connect(to: target, until: .after(soon)) }
    #expect(error?.errno == .connectionTimedOut)
    #expect(error?.address == target)
  }

  @Test(
    "a route that forbids says so at once",
    arguments: [
      ("unreachable", .hostUnreachable), ("prohibit", .accessDenied), ("blackhole", .invalidArgument),
    ] as [(String, Errno)], IPVersion.allCases)
  func forbidden(_ route: (kind: String, errno: Errno), _ version: IPVersion) throws {
    let node = try Node("route add \(route.kind) \(version.address(2))")
    let error = node.failure { _ = try Socket.connected(to: SocketAddress(version.address(2), port: 9)) }
    #expect(error?.errno == route.errno)
  }

  @Test("a host without a route is ENETUNREACH", arguments: IPVersion.allCases)
  func noRoute(_ version: IPVersion) throws {
    let target = SocketAddress(version.address(2), port: 9)
    let error = try Node().failure { _ = try Socket.connected(to: target) }
    #expect(error?.errno == .networkUnreachable)
    #expect(error?.address == target)
  }

  @Test(
    "what is sent and not acknowledged for as long as the user says ends the connection", arguments: IPVersion.allCases)
  func userTimeout(_ version: IPVersion) throws {
    let hosts = try Routed()
    let connection = try hosts.connection(version)
    try connection.client.set(.userTimeout, .milliseconds(500))
    try hosts.swallow()
    try connection.client.sendAll("lost")
    #expect(socketFailure { _ = try connection.client.received() }?.errno == .connectionTimedOut)
  }

  @Test("a peer that answers no probe ends an idle connection", arguments: IPVersion.allCases)
  func keepAlive(_ version: IPVersion) throws {
    let hosts = try Routed()
    let connection = try hosts.connection(version)
    try hosts.swallow()
    try connection.client.set(.keepAliveIdle, .seconds(1))
    try connection.client.set(.keepAliveInterval, .seconds(1))
    try connection.client.set(.keepAliveCount, 1)
    try connection.client.set(.keepAlive, true)
    #expect(socketFailure { _ = try connection.client.received() }?.errno == .connectionTimedOut)
    // The peer, which has no probes, has noticed nothing.
    #expect(socketFailure { _ = try connection.server.receive(upTo: 1, until: .now) }?.errno == .wouldBlock)
  }

  @Test("a connection whose peer's router says that the peer is gone ends with that", arguments: IPVersion.allCases)
  func unreachable(_ version: IPVersion) throws {
    let hosts = try Routed()
    let connection = try hosts.connection(version)
    try connection.client.set(.userTimeout, .milliseconds(500))
    try hosts.router.ip("route add unreachable \(version.address(2, link: 1))")
    try connection.client.sendAll("lost")
    // In IPv6 such a route is no route at all.
    let errno = version == .ipv4 ? Errno.hostUnreachable : .networkUnreachable
    #expect(socketFailure { _ = try connection.client.received() }?.errno == errno)
  }

  @Test("a link that is down ends a connection when the user says", arguments: IPVersion.allCases)
  func linkDown(_ version: IPVersion) throws {
    let hosts = try Routed()
    let connection = try hosts.connection(version)
    try connection.client.set(.userTimeout, .milliseconds(500))
    try hosts.near.ip("link set near0 down")
    try connection.client.sendAll("lost")
    // With the link the IPv6 route is gone too.
    let errno = version == .ipv4 ? Errno.connectionTimedOut : .networkUnreachable
    #expect(socketFailure { _ = try connection.client.received() }?.errno == errno)
  }
}
