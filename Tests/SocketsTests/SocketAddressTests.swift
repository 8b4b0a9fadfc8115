import Glibc
import Sockets
import Testing

@Suite struct SocketAddressTests {
  @Test(
    "an address is written so that it can be read again",
    arguments: [
      "127.0.0.1:8000", "[::1]:0", "[2001:db8::1]:65535", "[::ffff:1.2.3.4]:80", "[fe80::1%7]:80",
      "[2001:db8::1]:80?flow=0xfffff", "[fe80::1%9]:1?flow=0x1", "unix:/tmp/x.sock", "unix:relative", "unix:@abstract",
      "unix:@", "unix:@a\\x00b", "unix:(unnamed)", "unix:\\x40at", "unix:\\x28paren", "unix:/a\\\\b", "unix:/é",
      "unix:/\\xff\\x1b", "vsock:2:1024", "vsock:4294967295:4294967295",
    ])
  func roundTrip(_ text: String) throws {
    // Interface numbers that this machine may have are written as names.
    let address = try SocketAddress(text)
    #expect(try SocketAddress(address.description) == address)
    if case .ipv6(_, _, let scope, _) = address, scope != 0 { return }
    #expect(address.description == text)
  }

  @Test("trap 22: a scope is read as a name or a number and kept with the flow information")
  func scope() throws {
    // The string has a NUL for as long as the call lasts.
    let loopback = unsafe if_nametoindex("lo")
    #expect(try SocketAddress("[fe80::1%lo]:80") == .ipv6(IPv6Address("fe80::1"), port: 80, scope: loopback))
    #expect(try SocketAddress("[fe80::1%\(loopback)]:80").description == "[fe80::1%lo]:80")
    #expect(try SocketAddress("[fe80::1%4000000000]:80").description == "[fe80::1%4000000000]:80")
    let error = failure { _ = try SocketAddress("[fe80::1%nosuchif]:80") } as? ParseError
    #expect(error?.reason == .unknownInterface)
    #expect(error?.position == 9)
  }

  @Test("trap 22: scope and flow information go through the kernel")
  func scopeInKernel() throws {
    // The string has a NUL for as long as the call lasts.
    let loopback = unsafe if_nametoindex("lo")
    let socket = try Socket(.ipv6, .datagram)
    // ::1 takes any scope; what a link-local address does needs an interface that has one.
    try socket.bind(to: .ipv6(.loopback, port: 0, scope: loopback))
    let port = try #require(try socket.localAddress.port)
    let peer = SocketAddress.ipv6(.loopback, port: port, scope: 0, flow: 0x12345)
    let sender = try Socket(.ipv6, .datagram)
    // IPV6_FLOWINFO_SEND, without which the kernel drops the flow information.
    try sender.set(SocketOption<FlagOption, ReadWrite>(Int32(IPPROTO_IPV6), 33), true)
    try sender.connect(to: peer)
    #expect(try sender.peerAddress == peer)
  }

  @Test(
    "what is no address is refused, and the error says where and why",
    arguments: [
      ("", 0, ParseError.Reason.empty), ("127.0.0.1", 9, .missingPort), ("127.0.0.1:", 10, .endsTooEarly),
      ("127.0.0.1:65536", 10, .numberTooLarge(limit: 65_535)), ("127.0.0.1:080", 10, .leadingZero),
      ("127.0.0.1:-1", 10, .unexpected), ("127.0.0.1:80 ", 12, .unexpected), ("::1:80", 0, .missingBrackets),
      ("[::1]", 5, .missingPort), ("[::1]80", 5, .unexpected), ("[::1:80", 7, .endsTooEarly),
      ("[]:80", 1, .unexpected),
      ("[127.0.0.1]:80", 10, .wrongNumberOfGroups), ("[::1%]:80", 5, .unexpected), ("[::g]:80", 3, .unexpected),
      ("localhost:80", 0, .needsLookUp), ("*:80", 0, .unexpected), ("010.0.0.1:80", 0, .leadingZero),
      ("127.1:80", 5, .endsTooEarly),
      ("0x7f.1:80", 1, .unexpected), (":80", 0, .unexpected), ("unix:", 5, .endsTooEarly),
      ("vsock:1", 7, .endsTooEarly),
      ("vsock:4294967296:1", 6, .numberTooLarge(limit: 4_294_967_295)), ("[::1]:80?flow=1", 8, .unexpected),
      ("[::1]:80?flow=0x100000000", 16, .numberTooLarge(limit: 4_294_967_295)), ("unix:/a\\q", 7, .invalidEscape),
      ("unix:/a\\x0", 7, .invalidEscape), ("unix:/a\\x00b", 7, .nulInPath),
    ])
  func refuses(_ text: String, _ position: Int, _ reason: ParseError.Reason) {
    let error = failure { _ = try SocketAddress(text) } as? ParseError
    #expect(error?.position == position, "\(text): \(error.map { "\($0)" } ?? "accepted")")
    #expect(error?.reason == reason, "\(text)")
  }

  @Test("text is read from bytes and written to bytes without a String")
  func spans() throws {
    let text = bytes("[::1]:8000")
    let address = try SocketAddress(parsing: text.span)
    let written = [UInt8](capacity: SocketAddress.maximumTextLength) { output in address.write(into: &output) }
    #expect(written == text)
  }

  @Test("trap 23: an IPv4 peer of an IPv6 socket is an IPv4 address once it is asked to be")
  func unmapped() throws {
    let mapped = try SocketAddress("[::ffff:192.0.2.1]:80")
    #expect(mapped.description == "[::ffff:192.0.2.1]:80")
    #expect(try mapped.unmapped == SocketAddress("192.0.2.1:80"))
    #expect(try SocketAddress("[::1]:80").unmapped == SocketAddress("[::1]:80"))
  }

  @Test("an address is a plain value")
  func layout() {
    #expect(_isPOD(SocketAddress.self))
    #expect(_isPOD(Endpoint.self))
    #expect(MemoryLayout<IPv4Address>.size == 4)
    #expect(MemoryLayout<IPv6Address>.size == 16)
    #expect(MemoryLayout<Socket>.size == 4)
    #expect(MemoryLayout<SocketError>.size <= 16)
  }

  @Test("IPv4 and IPv6 addresses come back from the kernel as they went", arguments: ["127.0.0.1:0", "[::1]:0"])
  func kernel(_ text: String) throws {
    let address = try SocketAddress(text)
    let socket = try Socket(address.family, .stream)
    try socket.bind(to: address)
    let local = try socket.localAddress
    #expect(local.port != 0)
    #expect(local.with(port: 0) == address)
  }

  @Test("a vsock address comes back from the kernel as it went, where there is vsock")
  func vsock() throws {
    do {
      let socket = try Socket(.vsock, .stream)
      try socket.bind(to: .vsock(cid: .max, port: .max))
      guard case .vsock(.max, let port) = try socket.localAddress else {
        Issue.record("\(try socket.localAddress)")
        return
      }
      #expect(port != .max, "the kernel chooses a port for VMADDR_PORT_ANY")
    } catch {
      #expect(error.errno == .addressFamilyNotSupported)
    }
  }

  @Test("an address of another family is kept byte for byte")
  func other() throws {
    // AF_NETLINK: two bytes of padding, the port id, the groups.
    let socket = try Socket(AddressFamily(rawValue: AF_NETLINK), .raw)
    let local = try socket.localAddress
    guard case .other(let address) = local else {
      Issue.record("\(local)")
      return
    }
    #expect(address.family == AddressFamily(rawValue: AF_NETLINK))
    #expect(address.bytes.count == 10)
    try socket.bind(to: local)
    #expect(try socket.localAddress.family == address.family)
    let copy = OtherAddress(address.family, bytes: address.bytes)
    #expect(copy == address)
    #expect(Set([address, copy]).count == 1)
    // The first two bytes are the padding.
    let written = "\(local)"
    #expect(written.hasPrefix("family 16 0000") && written.count == 10 + 20, "\(written)")
    #expect(OtherAddress(address.family, bytes: [UInt8](repeating: 1, count: 127).span) == nil)
  }
}
