import Foundation
import Glibc
import Sockets
import Testing

@Suite struct PingTests {
  @Test("a message is read as it was written, and what is none is not", arguments: [false, true])
  func echo(_ isIPv6: Bool) {
    let request = ICMPEcho(identifier: 0x1234, sequence: 0xfffe)
    let message = [UInt8](capacity: 100) { request.write(into: &$0, payload: bytes("payload").span, isIPv6: isIPv6) }
    #expect(message.count == ICMPEcho.headerLength + 7)
    #expect(message[0] == (isIPv6 ? 128 : 8))
    #expect(ICMPEcho(parsing: message.span, isIPv6: isIPv6) == request)
    #expect(ICMPEcho(parsing: message.span, isIPv6: !isIPv6) == nil)
    #expect(ICMPEcho(parsing: message.span.extracting(first: 7), isIPv6: isIPv6) == nil)
    #expect(ICMPEcho(parsing: Span(), isIPv6: isIPv6) == nil)
    if !isIPv6 {
      // The words and the checksum add up to all ones. See RFC 1071.
      var sum = 0
      for index in message.indices { sum += Int(message[index]) << (index % 2 == 0 ? 8 : 0) }
      #expect(sum % 0xffff == 0)
      let header = [0x46] + [UInt8](repeating: 0, count: 23)
      #expect(ICMPEcho(parsing: (header + message).span, isIPv6: false) == request)
      #expect(ICMPEcho(parsing: header.span, isIPv6: false) == nil)
    }
  }

  @Test(
    "a host answers, by a raw socket", .enabled(if: geteuid() == 0, "skipped: raw sockets take a privilege"),
    arguments: ["127.0.0.1", "::1"], [0, 1, 56, 1400])
  func raw(_ host: String, _ size: Int) throws {
    var ping = try Ping(IPAddress(host), payloadSize: size)
    for _ in 0..<3 {
      let time = try ping.roundTripTime(until: .after(soon))
      #expect(time > .zero && time < soon)
    }
  }
}

@Suite(.hosts) struct PingBetweenHostsTests {
  @Test("a host answers without a privilege, where the group may ask", arguments: IPVersion.allCases)
  func datagram(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    try hosts.near.set("ipv4/ping_group_range", "0 0")
    var ping = try hosts.near.run { try Ping(version.address(2)) }
    let time = try ping.roundTripTime(until: .after(soon))
    #expect(time > .zero)
  }

  @Test("a host that is not there is said not to be", arguments: IPVersion.allCases)
  func nobody(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    var ping = try hosts.near.run { try Ping(version.address(9)) }
    for _ in 0..<2 {
      var thrown: SocketError?
      do throws(SocketError) { _ = try ping.roundTripTime(until: .after(soon)) } catch { thrown = error }
      #expect(thrown?.errno == .hostUnreachable, "\(thrown as Any)")
    }
    // And then it is.
    try hosts.far.address("far0", 9)
    let time = try ping.roundTripTime(until: .after(soon))
    #expect(time > .zero)
  }

  @Test("a deadline holds where nothing comes back")
  func silence() throws {
    let hosts = try Neighbours()
    try hosts.far.set("ipv4/icmp_echo_ignore_all", "1")
    var ping = try hosts.near.run { try Ping(IPVersion.ipv4.address(2)) }
    var thrown: SocketError?
    do throws(SocketError) { _ = try ping.roundTripTime(until: .after(.milliseconds(50))) } catch { thrown = error }
    #expect(thrown?.reason == .timedOut)
  }
}
