import Glibc
import Sockets
import Testing

/// The look-up's own error that a call throws, or nil.
private func resolveFailure(_ body: () throws -> Void) -> ResolveError? {
  failure(body) as? ResolveError
}

@Suite struct ResolverTests {
  @Test("a name is looked up for the family, with the port or the service")
  func addresses() throws {
    let localhost = try Host("localhost")
    #expect(try Resolver(family: .ipv4).addresses(of: localhost, port: 80) == [.loopback(port: 80)])
    #expect(try Resolver(family: .ipv4).addresses(of: localhost, service: "https") == [.loopback(port: 443)])
    #expect(try Resolver(family: .ipv4).addresses(of: localhost, service: "8080") == [.loopback(port: 8080)])
    #expect(try Resolver().addresses(of: Host("*"), port: 1).count == 2)
    #expect(try Resolver(family: .ipv6).addresses(of: Host("*")) == [.ipv6(.any, port: 0)])
    #expect(try Resolver().addresses(of: Host("fe80::1%1")) == [.ipv6(IPv6Address("fe80::1"), port: 0, scope: 1)])
  }

  @Test("mapped IPv4 addresses come where they are asked for")
  func mapped() throws {
    let found = try Resolver(family: .ipv6, options: .mapped).addresses(of: Host("localhost"))
    #expect(found.contains(.ipv6(IPv6Address(mapping: .loopback), port: 0)))
    #expect(found.allSatisfy { $0.family == .ipv6 })
    let address = try Resolver(family: .ipv6, options: .mapped).addresses(of: Host("127.0.0.1"))
    #expect(address == [.ipv6(IPv6Address(mapping: .loopback), port: 0)])
  }

  @Test("a service has a number, which may differ between types of socket")
  func services() throws {
    #expect(try Resolver().port(of: "https") == 443)
    #expect(try Resolver(type: .datagram).port(of: "ntp") == 123)
    #expect(try Resolver(family: .ipv6).port(of: "65535") == 65_535)
    #expect(resolveFailure { _ = try Resolver().port(of: "no such service") }?.code == .unknownService)
    // Only for datagrams.
    #expect(resolveFailure { _ = try Resolver(type: .stream).port(of: "tftp") }?.code == .unknownService)
    #expect(resolveFailure { _ = try Resolver(options: .numericService).port(of: "https") }?.code == .unknownName)
    #expect(resolveFailure { _ = try Resolver().port(of: "80\0") }?.code == .unknownName)
    for number in ["65536", "65616", " 80", "\t80", "\n80", "+80", "-1", "", "99999999999999999999"] {
      #expect(resolveFailure { _ = try Resolver().port(of: number) }?.code == .unknownService, "\(number)")
    }
    #expect(try Resolver(options: .configuredOnly).port(of: "https") == 443)
  }

  @Test("numeric only, nobody is asked")
  func numericOnly() throws {
    let resolver = Resolver(options: [.numericHost, .numericService])
    #expect(try resolver.addresses(of: Host("127.0.0.1"), port: 1) == [.loopback(port: 1)])
    let error = resolveFailure { _ = try resolver.addresses(of: Host("localhost"), port: 1) }
    #expect(error?.code == .unknownName)
    #expect(error.map { "\($0)" } == "look up localhost: name or service not known (EAI_NONAME)")
  }

  @Test("a host has no address of a family that it is not of")
  func otherFamily() throws {
    let error = resolveFailure { _ = try Resolver(family: .ipv6).addresses(of: Host("127.0.0.1")) }
    #expect(error?.code == .noAddressInFamily)
    #expect(error.map { "\($0)" }?.hasSuffix("(EAI_ADDRFAMILY)") == true)
  }

  @Test("an address has a name, and a port a service's; where there is none, their numbers")
  func names() throws {
    let names = try Resolver().names(of: .loopback(port: 443))
    #expect(try names.host == Host("localhost"))
    #expect(names.service == "https")
    let numbers = try Resolver(options: [.numericHost, .numericService]).names(of: .loopback(port: 443))
    #expect(numbers == ResolvedNames(host: .ipv4(.loopback), service: "443"))
    let scoped = SocketAddress.ipv6(try IPv6Address("fe80::1"), port: 0, scope: 1)
    let host = try Resolver(options: .numericHost).names(of: scoped).host
    #expect(host == .ipv6(try IPv6Address("fe80::1"), scope: 1))
    #expect(try Resolver(type: .datagram).names(of: .loopback(port: 69)).service == "tftp")
    #expect(try Resolver(type: .stream).names(of: .loopback(port: 69)).service == "69")
  }

  @Test("an address without a name is an error where one is required, and so is one of another family")
  func nameless() throws {
    let nameless = SocketAddress.ipv4(IPv4Address(192, 0, 2, 1), port: 0)
    let required = resolveFailure { _ = try Resolver(options: .nameRequired).names(of: nameless) }
    #expect(required?.code == .unknownName || required?.code == .tryAgain)
    #expect(resolveFailure { _ = try Resolver().names(of: .unix(.unnamed)) }?.code == .familyNotSupported)
  }

  @Test("trap 24: a name that the system reads as an address is no name", arguments: ["127.1", "0x7f.1", "010.0.0.1"])
  func misspelled(_ text: String) {
    #expect((failure { _ = try HostName(text) } as? ParseError)?.reason == .invalidHostName)
  }

  @Test("a name has a canonical form")
  func canonicalName() throws {
    #expect(try Resolver().canonicalName(of: HostName("localhost")) == "localhost")
  }
}

@Suite struct NetworkInterfaceTests {
  @Test("the loopback interface has its name, index, flags, size and address")
  func loopback() throws {
    let all = try NetworkInterface.all()
    #expect(all.map(\.index) == all.map(\.index).sorted())
    let lo = try #require(all.first { $0.flags.contains(.loopback) })
    // The name is a C string for as long as the call lasts.
    #expect(unsafe if_nametoindex(lo.name) == lo.index)
    #expect(lo.flags.contains([.up, .running]))
    #expect(!lo.flags.contains(.broadcast))
    #expect(lo.addresses.contains(try IPPrefix("127.0.0.1/8")))
    #expect(lo.mtu == 65_536)
    #expect(lo.hardwareAddress == [0, 0, 0, 0, 0, 0])
  }
}

@Suite struct IPPrefixTests {
  @Test(
    "a prefix is read and written",
    arguments: ["0.0.0.0/0", "10.1.2.3/8", "192.0.2.255/32", "::/0", "2001:db8::1/64", "::1/128"])
  func roundTrip(_ text: String) throws {
    #expect(try IPPrefix(text).description == text)
  }

  @Test(
    "what is none says where and why",
    arguments: [
      ("", ParseError.Reason.empty, 0), ("10.0.0.0", .endsTooEarly, 8), ("10.0.0.0/", .endsTooEarly, 9),
      ("10.0.0.0/33", .numberTooLarge(limit: 32), 9), ("::/129", .numberTooLarge(limit: 128), 3),
      ("10.0.0.0/08", .leadingZero, 9), ("10.0.0/8", .endsTooEarly, 6), ("10.0.0.0/-1", .unexpected, 9),
      ("/8", .empty, 0),
    ])
  func refused(_ text: String, _ reason: ParseError.Reason, _ position: Int) throws {
    let error = failure { _ = try IPPrefix(text) } as? ParseError
    #expect(error?.reason == reason && error?.position == position, "\(error as Any)")
  }

  @Test("a network contains its addresses and its parts, trap 23: however an IPv4 address is written")
  func containment() throws {
    let ten = try IPPrefix("10.99.0.0/8")
    #expect(try ten.contains(IPAddress("10.255.255.255")) && !ten.contains(IPAddress("11.0.0.0")))
    #expect(try ten.contains(IPAddress("::ffff:10.0.0.1")) && !ten.contains(IPAddress("::10.0.0.1")))
    #expect(try ten.contains(IPPrefix("10.1.0.0/16")) && !ten.contains(IPPrefix("8.0.0.0/5")))
    #expect(try ten.contains(IPPrefix("::ffff:10.1.0.0/112")) && !ten.contains(IPPrefix("::ffff:10.0.0.0/96")))
    #expect(try IPPrefix("0.0.0.0/0").contains(IPAddress("255.255.255.255")))
    #expect(try IPPrefix("::/0").contains(IPAddress("ffff::")) && !IPPrefix("::/0").contains(IPAddress("1.2.3.4")))
    #expect(try IPPrefix("::ffff:0.0.0.0/96").contains(IPAddress("::ffff:1.2.3.4")))
    #expect(try IPPrefix("fd00::/7").contains(IPAddress("fc00::1")))
    #expect(try IPPrefix("192.0.2.1/32").contains(IPAddress("192.0.2.1")))
  }

  @Test("a network has no bits behind its length")
  func network() throws {
    #expect(try IPPrefix("10.99.1.2/12").network == IPPrefix("10.96.0.0/12"))
    #expect(try IPPrefix("2001:db8:ffff::1/33").network == IPPrefix("2001:db8:8000::/33"))
    #expect(try IPPrefix("::1/0").network == IPPrefix("::/0"))
    #expect(IPPrefix(.ipv4(.loopback), length: 33) == nil && IPPrefix(.ipv4(.loopback), length: -1) == nil)
  }
}
