import ProxyProtocol
import Sockets
import Testing

/// Numbers that look random, the same ones each time.
private struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var number = state
    number = (number ^ number >> 30) &* 0xbf58_476d_1ce4_e5b9
    number = (number ^ number >> 27) &* 0x94d0_49bb_1331_11eb
    return number ^ number >> 31
  }
}

@Suite("A PROXY header") struct ProxyHeaderTests {
  @Test("is read and written byte for byte", arguments: vectors)
  func known(vector: Vector) throws {
    let decoded = try #require(try ProxyHeader.decode((vector.bytes + Array("GET".utf8)).span))
    #expect(decoded.header == vector.header)
    #expect(decoded.version == vector.version)
    #expect(decoded.byteCount == vector.bytes.count)
    #expect(try vector.header.encoded(vector.version) == vector.bytes)
  }

  @Test("needs more for as long as it is not whole", arguments: vectors)
  func prefixes(vector: Vector) throws {
    for count in 0..<vector.bytes.count {
      let decoded = try ProxyHeader.decode(vector.bytes.span.extracting(first: count))
      #expect(decoded == nil)
    }
    // Byte by byte, and the client's own after it.
    var buffer = ProxyHeaderBuffer()
    for byte in vector.bytes.dropLast() {
      let header = try buffer.append([byte].span)?.header
      #expect(header == nil)
    }
    let found = try buffer.append([vector.bytes.last!, 1, 2].span)
    #expect(found?.header == vector.header)
    #expect(found?.rest == [1, 2])
  }

  @Test("of any bytes is an error or a header, and ends within its limits", arguments: vectors)
  func mutated(vector: Vector) throws {
    var numbers = Numbers(state: UInt64(vector.bytes.count))
    for _ in 0..<4000 {
      var bytes = vector.bytes
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0 where !bytes.isEmpty: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &numbers))
        case 1: bytes.insert(.random(in: 0...255, using: &numbers), at: .random(in: 0...bytes.count, using: &numbers))
        default:
          guard !bytes.isEmpty else { continue }
          bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = .random(in: 0...255, using: &numbers)
        }
      }
      check(bytes)
    }
  }

  private func check(_ bytes: [UInt8]) {
    switch outcome(bytes) {
    case .success(nil): break
    case .success(let decoded?):
      #expect(decoded.byteCount <= bytes.count)
      // What it says can be said again.
      let again = (try? decoded.header.encoded(decoded.version)).map(outcome)
      #expect((try? again?.get())??.header == decoded.header)
      _ = (decoded.header.ssl, decoded.header.authority)
    case .failure(let error):
      #expect(0...bytes.count ~= error.position)
      #expect(error.description.hasPrefix("not a PROXY header: byte \(error.position): "))
    }
  }

  private func outcome(_ bytes: [UInt8]) -> Result<ProxyHeader.Decoded?, ProxyError> {
    Result { () throws(ProxyError) in try ProxyHeader.decode(bytes.span) }
  }

  static let badLines: [(String, ProxyError.Reason, Int)] = [
    ("PROXX TCP4", .noSignature, 4),
    ("GET / HTTP/1.1\r\n", .noSignature, 0),
    ("PRI * HTTP/2.0\r\n", .noSignature, 2),
    ("PROXY  TCP4 1.2.3.4 1.2.3.4 1 1\r\n", .unknownProtocol, 6),
    ("PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n", .unknownProtocol, 6),
    ("PROXY tcp4 1.2.3.4 1.2.3.4 1 1\r\n", .unknownProtocol, 6),
    ("PROXY \r\n", .unknownProtocol, 6),
    ("PROXY TCP4\r\n", .invalidAddress(.empty), 10),
    ("PROXY TCP4 1.2.3.04 1.2.3.4 1 1\r\n", .invalidAddress(.leadingZero), 17),
    ("PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n", .invalidAddress(.numberTooLarge(limit: 255)), 17),
    ("PROXY TCP4 1.2.3.4  1.2.3.4 1 1\r\n", .invalidAddress(.empty), 19),
    ("PROXY TCP6 1::2::3 ::1 1 1\r\n", .invalidAddress(.misplacedCompression), 15),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", .invalidPort, 28),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n", .invalidPort, 27),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", .invalidPort, 29),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 1 -1\r\n", .invalidPort, 29),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n", .unexpected, 30),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 x\r\n", .unexpected, 30),
    ("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\nGET\r\n", .invalidPort, 30),
    ("PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n", .lineTooLong, 107),
    ("PROXY UNKNOWN " + String(repeating: "x", count: 1000), .lineTooLong, 107),
  ]

  @Test("of version 1 that is malformed says where and why", arguments: badLines)
  func badLine(line: String, reason: ProxyError.Reason, position: Int) throws {
    expect(Array(line.utf8), reason, position)
  }

  @Test("of version 1 has at most 107 bytes, and what is behind UNKNOWN is ignored")
  func longestLine() throws {
    let line = Array(("PROXY UNKNOWN " + String(repeating: "\n", count: 91) + "\r\n").utf8)
    #expect(line.count == 107)
    let decoded = try ProxyHeader.decode(line.span)
    #expect(decoded?.byteCount == 107)
    #expect(decoded?.header == .proxy(nil))
    let unfinished = try ProxyHeader.decode(line.span.extracting(first: 106))
    #expect(unfinished == nil)
  }

  static let ipv4 = [UInt8](repeating: 1, count: 12)
  static let badBinaries: [([UInt8], ProxyError.Reason, Int)] = [
    ([0x0d, 0x0a, 0x0d, 0x0b], .noSignature, 3),
    ([0], .noSignature, 0),
    (signature + [0x11], .unknownVersion(1), 12),
    (signature + [0x31], .unknownVersion(3), 12),
    (signature + [0x22], .unknownCommand(2), 12),
    (signature + [0x21, 0x10], .unknownTransport(0x10), 13),
    (signature + [0x21, 0x01], .unknownTransport(0x01), 13),
    (signature + [0x21, 0x13], .unknownTransport(0x13), 13),
    (signature + [0x21, 0x41], .unknownTransport(0x41), 13),
    (signature + [0x21, 0x11, 0, 11], .tooShort(length: 11, needed: 12), 14),
    (signature + [0x21, 0x21, 0, 35], .tooShort(length: 35, needed: 36), 14),
    (signature + [0x21, 0x31, 0, 215], .tooShort(length: 215, needed: 216), 14),
    (signature + [0x21, 0x11, 0x10, 0x01], .tooLong(length: 4097, limit: 4096), 14),
    (signature + [0x20, 0x00, 0xff, 0xff], .tooLong(length: 65_535, limit: 4096), 14),
    (v2(0x21, 0x11, ipv4 + [1]), .truncatedField, 28),
    (v2(0x21, 0x11, ipv4 + [1, 0, 1]), .truncatedField, 29),
    (v2(0x21, 0x11, ipv4 + [3, 0, 1, 1]), .wrongLength(.crc32c, 1), 29),
    (v2(0x21, 0x11, ipv4 + [5, 0, 129] + [UInt8](repeating: 0, count: 129)), .wrongLength(.uniqueID, 129), 29),
    (v2(0x21, 0x11, ipv4 + [0x20, 0, 4, 0, 0, 0, 0]), .wrongLength(.ssl, 4), 31),
    (v2(0x21, 0x11, ipv4 + [0x20, 0, 7, 0, 0, 0, 0, 0, 0x21, 0]), .truncatedField, 36),
  ]

  @Test("of version 2 that is malformed says where and why", arguments: badBinaries)
  func badBinary(bytes: [UInt8], reason: ProxyError.Reason, position: Int) throws {
    expect(bytes, reason, position)
  }

  private func expect(_ bytes: [UInt8], _ reason: ProxyError.Reason, _ position: Int) {
    switch outcome(bytes) {
    case .success(let decoded): Issue.record("\(String(describing: decoded))")
    case .failure(let error):
      #expect(error.reason == reason)
      #expect(error.position == position)
    }
  }

  @Test("of the proxy's own connection is local whatever else it says")
  func local() throws {
    let bytes = v2(0x20, 0xff, [1, 2, 3])
    let decoded = try ProxyHeader.decode(bytes.span)
    #expect(decoded?.header == .local)
    #expect(decoded?.byteCount == bytes.count)
  }

  @Test("has a checksum that is checked")
  func checksum() throws {
    // Of the algorithm: RFC 3720, appendix B.4. The header's was reckoned by another program.
    let addresses = ProxyAddresses(source: .loopback(port: 1), destination: .loopback(port: 2))
    let header = ProxyHeader.proxy(addresses, [.checksum, ProxyTLV(.alpn, Array("h2".utf8))])
    var bytes = try header.encoded(.v2)
    let decoded = try #require(try ProxyHeader.decode(bytes.span))
    #expect(decoded.header.value(.crc32c) == [0x28, 0x67, 0x50, 0xfa])
    #expect(try decoded.header.encoded(.v2) == bytes)
    bytes[16] ^= 1
    #expect(throws: ProxyError.self) { try ProxyHeader.decode(bytes.span) }
    let twice = try header.encoded(.v2) + [3, 0, 4, 0, 0, 0, 0]
    var longer = twice
    longer[15] += 7
    #expect(throws: ProxyError.self) { try ProxyHeader.decode(longer.span) }
  }

  @Test("is as long as the caller allows")
  func limit() throws {
    let header = ProxyHeader.proxy(nil, [.padding(65_532)])
    let bytes = try header.encoded(.v2)
    #expect(bytes.count == 16 + 65_535)
    #expect(throws: ProxyError.self) { try ProxyHeader.decode(bytes.span) }
    #expect(try ProxyHeader.decode(bytes.span, limit: 65_535)?.header == header)
    #expect(throws: ProxyEncodingError.tooLong(65_536)) {
      try ProxyHeader.proxy(nil, [.padding(65_530), .padding(0)]).encoded(.v2)
    }
  }

  @Test("says of TLS what the proxy knows")
  func ssl() throws {
    let ssl = ProxySSL(
      client: [.ssl, .certificateOnConnection], verify: 0x0102_0304,
      values: [ProxyTLV(.sslVersion, Array("TLSv1.3".utf8)), ProxyTLV(.sslCommonName, Array("me".utf8))])
    let bytes = try ProxyHeader.proxy(nil, [ssl.field(), ProxyTLV(.authority, Array("example.org".utf8))]).encoded(.v2)
    let header = try #require(try ProxyHeader.decode(bytes.span)).header
    #expect(header.ssl == ssl)
    #expect(header.authority == "example.org")
    #expect(header.uniqueID == nil)
  }

  @Test("cannot be written where its version has no way to say it")
  func unwritable() throws {
    let mixed = ProxyAddresses(source: .loopback(port: 1), destination: .ipv6(.loopback, port: 2))
    let datagrams = ProxyAddresses(source: .loopback(port: 1), destination: .loopback(port: 2), transport: .datagram)
    let packets = ProxyAddresses(
      source: .loopback(port: 1), destination: .loopback(port: 2), transport: .sequencedPacket)
    let unix = ProxyAddresses(source: .unix(.unnamed), destination: .unix(.unnamed))
    let vsock = ProxyAddresses(source: .vsock(cid: 1, port: 1), destination: .vsock(cid: 1, port: 1))
    let refused: [(ProxyHeader, ProxyVersion, ProxyEncodingError)] = [
      (.proxy(mixed), .v1, .mixedFamilies), (.proxy(mixed), .v2, .mixedFamilies),
      (.proxy(datagrams), .v1, .unsupportedTransport(.datagram)),
      (.proxy(packets), .v2, .unsupportedTransport(.sequencedPacket)),
      (.proxy(unix), .v1, .unsupportedFamily(.unix)), (.proxy(vsock), .v2, .unsupportedFamily(.vsock)),
      (.proxy(nil, [.padding(1)]), .v1, .unsupportedFields),
      (.proxy(nil, [.checksum, .checksum]), .v2, .unsupportedFields),
      (.proxy(nil, [ProxyTLV(.uniqueID, [UInt8](repeating: 0, count: 129))]), .v2, .tooLong(129)),
    ]
    for (header, version, error) in refused { #expect(throws: error) { try header.encoded(version) } }
    #expect(try ProxyHeader.local.encoded(.v1) == Array("PROXY UNKNOWN\r\n".utf8))
  }
}
