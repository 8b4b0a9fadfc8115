import Glibc
import Sockets
import Testing

/// The slow way that is obviously right: what the system's own parser says.
private func systemParses(_ text: String, _ family: Int32) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
  // The callee writes 4 or 16 bytes, as many as the array has.
  let result = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress!) }
  return result == 1 ? bytes : nil
}

private func systemPrints(_ address: IPv6Address) -> String {
  var bytes = (0..<16).map { address.octets[$0] }
  var text = [CChar](repeating: 0, count: 64)
  // 16 bytes in, and room for more than INET6_ADDRSTRLEN out.
  unsafe bytes.withUnsafeMutableBytes { source in
    unsafe text.withUnsafeMutableBufferPointer { target in
      _ = unsafe inet_ntop(AF_INET6, source.baseAddress!, target.baseAddress!, 64)
    }
  }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

@Suite struct IPv4AddressTests {
  @Test("four parts make an address", arguments: ["0.0.0.0", "127.0.0.1", "255.255.255.255", "192.0.2.33"])
  func parses(_ text: String) throws {
    let address = try IPv4Address(text)
    #expect(address.description == text)
    #expect((0..<4).map { address.octets[$0] } == systemParses(text, AF_INET))
  }

  @Test(
    "trap 24: what inet_aton takes for something else is refused, and the error says where and why",
    arguments: [
      ("", 0, ParseError.Reason.empty), ("010.0.0.1", 0, .leadingZero), ("10.0.0.01", 7, .leadingZero),
      ("0x7f.0.0.1", 1, .unexpected), ("127.1", 5, .endsTooEarly), ("2130706433", 0, .numberTooLarge(limit: 255)),
      ("1.2.3", 5, .endsTooEarly), ("1.2.3.4.5", 7, .unexpected), ("1.2.3.256", 6, .numberTooLarge(limit: 255)),
      ("1..2.3", 2, .unexpected), ("1.2.3.", 6, .endsTooEarly), (".1.2.3", 0, .unexpected),
      (" 1.2.3.4", 0, .unexpected),
      ("1.2.3.4 ", 7, .unexpected), ("1.2.3.+4", 6, .unexpected), ("1.2.3.-4", 6, .unexpected),
      ("99999999999999999999.0.0.1", 0, .numberTooLarge(limit: 255)), ("１.2.3.4", 0, .unexpected),
    ])
  func refuses(_ text: String, _ position: Int, _ reason: ParseError.Reason) {
    let error = failure { _ = try IPv4Address(text) } as? ParseError
    #expect(error?.position == position)
    #expect(error?.reason == reason)
    #expect(error?.input == bytes(text))
  }

  @Test("an error reads as a sentence")
  func message() {
    #expect(
      "\(failure { _ = try IPv4Address("10.0.0.256") }!)"
        == "\"10.0.0.256\" is not an IPv4 address: byte 7: a number above 255")
    #expect(
      "\(failure { _ = try IPv4Address("1.2\u{1b}[31m") }!)"
        == "\"1.2\\x1b[31m\" is not an IPv4 address: byte 3: an unexpected character")
  }

  @Test("text and value agree with the system's parser on random texts")
  func agreesWithSystem() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = bytes("0123456789.0125 x")
    for _ in 0..<200_000 {
      let text = String(
        decoding: (0..<Int.random(in: 0...16, using: &generator)).map { _ in alphabet.randomElement(using: &generator)!
        },
        as: UTF8.self)
      let ours = try? IPv4Address(text)
      #expect(ours.map { address in (0..<4).map { address.octets[$0] } } == systemParses(text, AF_INET), "\(text)")
    }
  }

  @Test("an address is classified by the block it is in")
  func classes() throws {
    let table: [(String, KeyPath<IPv4Address, Bool>, Bool)] = [
      ("0.0.0.0", \.isUnspecified, true), ("0.0.0.1", \.isUnspecified, false),
      ("127.0.0.1", \.isLoopback, true), ("127.255.255.255", \.isLoopback, true), ("128.0.0.0", \.isLoopback, false),
      ("10.0.0.0", \.isPrivate, true), ("11.0.0.0", \.isPrivate, false), ("172.15.255.255", \.isPrivate, false),
      ("172.16.0.0", \.isPrivate, true), ("172.31.255.255", \.isPrivate, true), ("172.32.0.0", \.isPrivate, false),
      ("192.168.255.255", \.isPrivate, true), ("192.169.0.0", \.isPrivate, false),
      ("169.254.1.1", \.isLinkLocal, true), ("169.255.0.0", \.isLinkLocal, false),
      ("224.0.0.0", \.isMulticast, true), ("239.255.255.255", \.isMulticast, true), ("240.0.0.0", \.isMulticast, false),
      ("255.255.255.255", \.isBroadcast, true), ("255.255.255.254", \.isBroadcast, false),
      ("192.0.2.1", \.isDocumentation, true), ("198.51.100.1", \.isDocumentation, true),
      ("203.0.113.1", \.isDocumentation, true), ("203.0.114.1", \.isDocumentation, false),
    ]
    for (text, property, expected) in table {
      #expect(try IPv4Address(text)[keyPath: property] == expected, "\(text)")
    }
  }

  @Test("addresses are ordered by number and equal by value")
  func order() throws {
    #expect(try IPv4Address("9.255.255.255") < IPv4Address("10.0.0.0"))
    #expect(try Set([IPv4Address("1.2.3.4"), IPv4Address(1, 2, 3, 4)]).count == 1)
  }
}

@Test("an address of either version is classified as its version is")
func classesOfEither() throws {
  let table: [(String, String, KeyPath<IPAddress, Bool>)] = [
    ("0.0.0.0", "::", \.isUnspecified), ("127.0.0.1", "::1", \.isLoopback), ("10.0.0.1", "fd00::1", \.isPrivate),
    ("169.254.1.1", "fe80::1", \.isLinkLocal), ("224.0.0.1", "ff02::1", \.isMulticast),
    ("192.0.2.1", "2001:db8::1", \.isDocumentation),
  ]
  for (ipv4, ipv6, property) in table {
    for text in [ipv4, ipv6] {
      let address = try IPAddress(text)
      #expect(table.filter { address[keyPath: $0.2] }.map(\.2) == [property], "\(text)")
    }
  }
}

@Suite struct IPv6AddressTests {
  @Test(
    "an address is written as RFC 5952 recommends",
    arguments: [
      ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("0:0:0:0:0:0:0:0", "::"),
      ("2001:0db8:0000:0000:0000:ff00:0042:8329", "2001:db8::ff00:42:8329"),
      ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
      ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("0:0:1:0:0:0:0:0", "0:0:1::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ])
  func writes(_ text: String, _ canonical: String) throws {
    let address = try IPv6Address(text)
    #expect(address.description == canonical)
    #expect(try IPv6Address(canonical) == address)
    #expect((0..<16).map { address.octets[$0] } == systemParses(text, AF_INET6))
  }

  @Test(
    "what is no address is refused, and the error says where and why",
    arguments: [
      ("", 0, ParseError.Reason.empty), (":", 1, .endsTooEarly), (":1::", 0, .unexpected), ("1:", 2, .endsTooEarly),
      ("1::2::3", 4, .misplacedCompression), (":::", 2, .unexpected), ("1:2:3:4:5:6:7", 13, .wrongNumberOfGroups),
      ("1:2:3:4:5:6:7:8:9", 16, .wrongNumberOfGroups), ("12345::", 0, .groupTooLong), ("1::g", 3, .unexpected),
      ("1:2:3:4::5:6:7:8", 16, .misplacedCompression), ("::1.2.3", 7, .endsTooEarly), ("::1.2.3.4:5", 3, .unexpected),
      ("1:2:3:4:5:6:7:1.2.3.4", 14, .wrongNumberOfGroups), ("fe80::1%lo", 7, .unexpected), ("[::1]", 0, .unexpected),
      ("::010.0.0.1", 2, .leadingZero),
    ])
  func refuses(_ text: String, _ position: Int, _ reason: ParseError.Reason) {
    let error = failure { _ = try IPv6Address(text) } as? ParseError
    #expect(error?.position == position, "\(text): \(error.map { "\($0)" } ?? "accepted")")
    #expect(error?.reason == reason)
  }

  @Test("value and text agree with the system's parser and printer on random texts and values")
  func agreesWithSystem() throws {
    var generator = SystemRandomNumberGenerator()
    let pieces = ["0", "1", "ffff", "abcd", "00", "12345", "::", ":", ":", ":", ".", "1.2.3.4", "g"]
    for _ in 0..<100_000 {
      let text = (0..<Int.random(in: 0...16, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }
        .joined()
      let ours = try? IPv6Address(text)
      #expect(ours.map { address in (0..<16).map { address.octets[$0] } } == systemParses(text, AF_INET6), "\(text)")
    }
    for _ in 0..<50_000 {
      // Many zero groups, so that runs of them of every length come up.
      let address = IPv6Address(
        groups: [8 of UInt16] { _ in Bool.random(using: &generator) ? 0 : .random(in: 1...0xffff, using: &generator) })
      #expect(try IPv6Address(address.description) == address)
      // The system writes the deprecated ::1.2.3.4 for what begins with 96 zero bits; RFC 5952 does not ask for that.
      if address.bits >> 32 != 0 { #expect(address.description == systemPrints(address)) }
    }
  }

  @Test("trap 23: an address that stands for an IPv4 address stays as it is, and is classified as that")
  func mapped() throws {
    let address = try IPv6Address("::ffff:10.0.0.1")
    #expect(address.isIPv4Mapped)
    #expect(address.isPrivate)
    #expect(try IPv6Address("::ffff:127.0.0.1").isLoopback)
    #expect(try IPv6Address("::ffff:0.0.0.0").isUnspecified)
    #expect(try IPv6Address("::ffff:224.0.0.1").isMulticast)
    #expect(try IPv6Address("::ffff:169.254.0.1").isLinkLocal)
    #expect(IPAddress.ipv6(address) != .ipv4(IPv4Address(10, 0, 0, 1)))
    #expect(IPAddress.ipv6(address).unmapped == .ipv4(IPv4Address(10, 0, 0, 1)))
    #expect(try IPAddress("::1").unmapped == .ipv6(.loopback))
  }

  @Test("an address is classified by the block it is in")
  func classes() throws {
    let table: [(String, KeyPath<IPv6Address, Bool>, Bool)] = [
      ("::", \.isUnspecified, true), ("::1", \.isUnspecified, false), ("::1", \.isLoopback, true),
      ("::2", \.isLoopback, false),
      ("fc00::", \.isPrivate, true), ("fdff::1", \.isPrivate, true), ("fe00::", \.isPrivate, false),
      ("fe80::1", \.isLinkLocal, true), ("febf::1", \.isLinkLocal, true), ("fec0::1", \.isLinkLocal, false),
      ("ff02::1", \.isMulticast, true), ("fe02::1", \.isMulticast, false),
      ("2001:db8::1", \.isDocumentation, true), ("2001:db9::1", \.isDocumentation, false),
      ("3fff:fff::1", \.isDocumentation, true),
    ]
    for (text, property, expected) in table {
      #expect(try IPv6Address(text)[keyPath: property] == expected, "\(text)")
    }
  }

  @Test("IPv4 comes before IPv6")
  func order() throws {
    let sorted = try ["::1", "1.2.3.4", "::", "1.2.3.3"].map { try IPAddress($0) }.sorted()
    #expect(sorted.map(\.description) == ["1.2.3.3", "1.2.3.4", "::", "::1"])
  }
}

@Suite struct IPAddressWithPortTests {
  @Test(
    "an address and a port are read and written as a socket address is",
    arguments: ["127.0.0.1:8000", "0.0.0.0:0", "[::1]:65535", "[2001:db8::1]:80", "[::ffff:192.0.2.1]:1"])
  func same(_ text: String) throws {
    let (address, port) = try IPAddress.parsing(withPort: text.utf8.span)
    #expect(try SocketAddress(text) == SocketAddress(address, port: port))
    let written = [UInt8](capacity: IPAddress.maximumTextLength + 8) { address.write(into: &$0, port: port) }
    #expect(written == Array(text.utf8))
  }

  @Test(
    "what is none says where and why, as a socket address does",
    arguments: ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "1.2.3:80", "[::1]", "[::1:80", "[::x]:80", "[]:1"])
  func wrong(_ text: String) throws {
    let error = try #require(failure { _ = try IPAddress.parsing(withPort: text.utf8.span) } as? ParseError)
    let expected = try #require(failure { _ = try SocketAddress(text) } as? ParseError)
    #expect((0...text.utf8.count).contains(error.position))
    // An address of another kind may be read further.
    if text.contains("]:") || text.hasPrefix("127") { #expect(error.position == expected.position) }
  }
}
