import ProxyProtocol
import Sockets
import Testing

/// A header that is known to be good: what it says, and how it is written.
struct Vector: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  let header: ProxyHeader
  let version: ProxyVersion

  var testDescription: String { name }

  init(_ name: String, _ bytes: [UInt8], _ header: ProxyHeader, _ version: ProxyVersion = .v2) {
    self.name = name
    self.bytes = bytes
    self.header = header
    self.version = version
  }

  init(_ line: String, _ header: ProxyHeader) {
    self.init(line, Array("\(line)\r\n".utf8), header, .v1)
  }
}

let signature: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]

/// The bytes of a header of version 2.
func v2(_ command: UInt8, _ transport: UInt8, _ rest: [UInt8]) -> [UInt8] {
  signature + [command, transport, UInt8(rest.count >> 8), UInt8(rest.count & 0xff)] + rest
}

private func addresses(_ source: String, _ destination: String, _ transport: SocketType = .stream) -> ProxyAddresses {
  // The texts are addresses.
  try! ProxyAddresses(
    source: SocketAddress(source), destination: SocketAddress(destination), transport: transport)
}

private let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0x9c, 0xd8, 0, 80]
private let ipv6: [UInt8] =
  [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 0, count: 15)
  + [1, 0xff, 0xff, 0, 1]
private let unix: [UInt8] =
  Array("/run/a".utf8) + [UInt8](repeating: 0, count: 102) + [0] + Array("name".utf8)
  + [UInt8](repeating: 0, count: 103)
private let client = addresses("192.0.2.1:40152", "198.51.100.2:80")

let vectors: [Vector] = [
  Vector("PROXY TCP4 192.0.2.1 198.51.100.2 40152 80", .proxy(client)),
  Vector(
    "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535",
    .proxy(addresses("255.255.255.255:65535", "255.255.255.255:65535"))),
  Vector("PROXY TCP6 2001:db8::1 ::1 65535 0", .proxy(addresses("[2001:db8::1]:65535", "[::1]:0"))),
  Vector("PROXY UNKNOWN", .proxy(nil)),
  Vector("local", v2(0x20, 0x00, []), .local),
  Vector("unspecified", v2(0x21, 0x00, []), .proxy(nil)),
  Vector("IPv4 stream", v2(0x21, 0x11, ipv4), .proxy(client)),
  Vector(
    "IPv4 datagram", v2(0x21, 0x12, ipv4), .proxy(addresses("192.0.2.1:40152", "198.51.100.2:80", .datagram))),
  Vector("IPv6 stream", v2(0x21, 0x21, ipv6), .proxy(addresses("[2001:db8::1]:65535", "[::1]:1"))),
  Vector("IPv6 datagram", v2(0x21, 0x22, ipv6), .proxy(addresses("[2001:db8::1]:65535", "[::1]:1", .datagram))),
  Vector("Unix stream", v2(0x21, 0x31, unix), .proxy(addresses("unix:/run/a", "unix:@name"))),
  Vector("Unix datagram", v2(0x21, 0x32, unix), .proxy(addresses("unix:/run/a", "unix:@name", .datagram))),
  Vector(
    "Unix without names", v2(0x21, 0x31, [UInt8](repeating: 0, count: 216)),
    .proxy(addresses("unix:(unnamed)", "unix:(unnamed)"))),
  Vector(
    "fields",
    v2(
      0x21, 0x11,
      ipv4 + [1, 0, 2] + Array("h2".utf8) + [2, 0, 11] + Array("example.org".utf8) + [4, 0, 3, 0, 0, 0] + [
        5, 0, 2, 7, 8,
      ]
        + [0x20, 0, 15, 1, 0, 0, 0, 0, 0x21, 0, 7] + Array("TLSv1.3".utf8) + [0x30, 0, 4] + Array("blue".utf8)
        + [0xe0, 0, 0]),
    .proxy(
      client,
      [
        ProxyTLV(.alpn, Array("h2".utf8)), ProxyTLV(.authority, Array("example.org".utf8)), .padding(3),
        ProxyTLV(.uniqueID, [7, 8]),
        ProxyTLV(.ssl, [1, 0, 0, 0, 0, 0x21, 0, 7] + Array("TLSv1.3".utf8)),
        ProxyTLV(.networkNamespace, Array("blue".utf8)), ProxyTLV(ProxyTLV.Kind(rawValue: 0xe0), []),
      ])),
]
