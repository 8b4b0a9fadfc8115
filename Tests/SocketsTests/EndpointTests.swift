import Glibc
import Sockets
import Testing

@Suite struct EndpointTests {
  @Test(
    "an endpoint is written with its scheme and read with or without",
    arguments: [
      ("localhost:8000", "tcp://localhost:8000"), ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1"),
      ("[::1]:80", "tcp://[::1]:80"),
      ("udp://[2001:db8::1]:53", "udp://[2001:db8::1]:53"), ("udp://*:53", "udp://*:53"), ("*:0", "tcp://*:0"),
      ("unix:///run/echo.sock", "unix:///run/echo.sock"), ("unix://@name", "unix://@name"),
      ("unix://rel", "unix://rel"),
      ("unixgram:///run/log", "unixgram:///run/log"), ("unixgram://@a\\x00", "unixgram://@a\\x00"),
      ("www.example.org:443", "tcp://www.example.org:443"), ("a_b-c.1x:1", "tcp://a_b-c.1x:1"),
      ("host.:1", "tcp://host.:1"), ("unix:/run/x", "unix:///run/x"), ("unix:@x", "unix://@x"),
    ])
  func text(_ text: String, _ canonical: String) throws {
    let endpoint = try Endpoint(text)
    #expect(endpoint.description == canonical)
    #expect(try Endpoint(canonical) == endpoint)
  }

  @Test(
    "what is no endpoint is refused, and the error says where and why",
    arguments: [
      ("", 0, ParseError.Reason.empty), ("localhost", 9, .missingPort), ("localhost:", 10, .endsTooEarly),
      ("http://x:80", 0, .unknownScheme), ("tcp://", 6, .endsTooEarly), ("tcp://:80", 6, .unexpected),
      ("unix://", 7, .endsTooEarly),
      ("-h:80", 0, .invalidHostName), ("a..b:80", 2, .invalidHostName), ("a b:80", 1, .invalidHostName),
      ("é:80", 0, .invalidHostName),
      ("tcp://127.1:80", 11, .endsTooEarly), ("tcp://010.0.0.1:80", 6, .leadingZero),
      ("tcp://0x7f.1:80", 7, .unexpected),
      ("1.2.3.0x4:80", 7, .unexpected), ("tcp://127.1.:80", 12, .endsTooEarly), ("tcp://::1:80", 6, .missingBrackets),
      ("localhost:65536", 10, .numberTooLarge(limit: 65_535)),
      ("localhost:http", 10, .unexpected), ("tcp://host:80/", 13, .unexpected),
    ])
  func refuses(_ text: String, _ position: Int, _ reason: ParseError.Reason) {
    let error = failure { _ = try Endpoint(text) } as? ParseError
    #expect(error?.position == position, "\(text): \(error.map { "\($0)" } ?? "accepted")")
    #expect(error?.reason == reason, "\(text)")
  }

  @Test(
    "a host is an address, with brackets or without, a name, or every address",
    arguments: [
      ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("[::1]", "::1"), ("fe80::1%lo", "fe80::1%lo"), ("*", "*"),
      ("localhost", "localhost"),
    ])
  func host(_ text: String, _ canonical: String) throws {
    let host = try Host(text)
    #expect(host.description == canonical)
    let endpoint = Endpoint.tcp(host, port: 80)
    #expect(try Endpoint(endpoint.description) == endpoint)
    #expect((failure { _ = try Host("[::1]:80") } as? ParseError)?.reason == .unexpected)
    #expect((failure { _ = try Host("127.1") } as? ParseError)?.reason == .endsTooEarly)
    #expect((failure { _ = try Host("[::g]") } as? ParseError)?.position == 3)
  }

  @Test("a host name has at most 253 bytes, and a label 63")
  func lengths() throws {
    let label = String(repeating: "a", count: 63)
    let longest = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    #expect(longest.utf8.count == 253)
    #expect(try HostName(longest).description == longest)
    #expect(try Set([HostName(longest), HostName(longest), HostName(label)]).count == 2)
    #expect((failure { _ = try HostName(longest + "b") } as? ParseError)?.reason == .tooLong(limit: 253))
    #expect((failure { _ = try HostName(label + "a") } as? ParseError)?.reason == .invalidHostName)
  }

  @Test("the longest texts fit into what is said to be enough for them")
  func maximumTextLength() throws {
    let worst = [UInt8](repeating: 0xff, count: 107)
    let unix = try Endpoint.unixgram(UnixAddress(abstract: worst.span))
    #expect(unix.description.utf8.count <= Endpoint.maximumTextLength)
    let label = String(repeating: "a", count: 63)
    let name = try HostName([label, label, label, String(repeating: "b", count: 61)].joined(separator: "."))
    #expect(Endpoint.udp(.name(name), port: 65_535).description.utf8.count <= Endpoint.maximumTextLength)
    let scoped = SocketAddress.ipv6(IPv6Address(bits: .max), port: .max, scope: .max, flow: .max)
    #expect(try SocketAddress(scoped.description) == scoped)
  }

  @Test("an address stands for itself, and a name for what a look-up finds")
  func resolve() throws {
    #expect(try Endpoint("tcp://127.0.0.1:80").resolve() == [.loopback(port: 80)])
    #expect(try Endpoint("udp://[::1]:80").resolve() == [.ipv6(.loopback, port: 80)])
    #expect(try Endpoint("unix://@x").resolve() == [.unix(UnixAddress(abstract: "x"))])
    let found = try Endpoint("localhost:8000").resolve()
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.port == 8000 && $0.ip?.isLoopback == true })
  }

  @Test("trap 35: a look-up that fails for want of a descriptor carries the errno")
  func systemError() async {
    await #expect(processExitsWith: .success) {
      // The first look-up reads what the system is set up with; without that, it would only find no such name.
      _ = try Endpoint("localhost:80").resolve()
      var limit = rlimit(rlim_cur: 0, rlim_max: 0)
      // The limit is read before the call returns.
      ensure(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      let error = failure { _ = try Endpoint("localhost:80").resolve() } as? ResolveError
      // The number is EMFILE, unless a module of the name service (see nsswitch.conf(5)) has its own last word.
      var found: UnsafeMutablePointer<addrinfo>?
      // Both strings outlive the call, and nothing is found.
      let code = unsafe getaddrinfo("localhost", "80", nil, &found)
      let expected = Errno(rawValue: errno)
      ensure(code == EAI_SYSTEM && expected.rawValue != 0)
      ensure(error?.code == .system && error?.errno == expected, "\(error.map { "\($0)" } ?? "no error")")
    }
  }

  @Test("trap 35: a name that does not exist is a look-up's own error, not an errno")
  func unknownName() throws {
    let error = failure { _ = try Endpoint("no-such-host.invalid:80").resolve() } as? ResolveError
    #expect(error?.code == .unknownName || error?.code == .tryAgain)
    #expect(error?.errno == nil)
    #expect(error.map { "\($0)" }?.hasPrefix("look up no-such-host.invalid: ") == true)
    #expect(ResolveError.Code.unknownName.description.hasSuffix("(EAI_NONAME)"))
  }
}
