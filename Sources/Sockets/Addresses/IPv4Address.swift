/// An IPv4 address.
///
/// It is kept as one number, so that comparing and testing for a range are single instructions.
@frozen public struct IPv4Address: Hashable, Sendable {
  /// The address as a number, 127.0.0.1 being 0x7f000001.
  public let bits: UInt32

  /// The address with this number.
  @inlinable public init(bits: UInt32) {
    self.bits = bits
  }

  /// The address with these four parts, in the order in which they are written.
  @inlinable public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    bits = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
  }

  /// The four parts, in the order in which they are written and sent.
  public var octets: [4 of UInt8] {
    [
      UInt8(truncatingIfNeeded: bits >> 24), UInt8(truncatingIfNeeded: bits >> 16),
      UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
    ]
  }
}

extension IPv4Address {
  /// 0.0.0.0: every local address, when bound to.
  public static var any: IPv4Address { IPv4Address(bits: 0) }
  /// 127.0.0.1: this machine.
  public static var loopback: IPv4Address { IPv4Address(bits: 0x7f00_0001) }
  /// 255.255.255.255: everyone on the local network.
  public static var broadcast: IPv4Address { IPv4Address(bits: 0xffff_ffff) }
}

extension IPv4Address: Comparable {
  /// Orders by number.
  @inlinable public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
    left.bits < right.bits
  }
}

/// What an address is for. See the IANA special-purpose address registry and RFC 6890.
extension IPv4Address {
  /// Whether this is 0.0.0.0.
  public var isUnspecified: Bool { bits == 0 }
  /// Whether this is in 127.0.0.0/8.
  public var isLoopback: Bool { isWithin(0x7f00_0000, 8) }
  /// Whether this is in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16. See RFC 1918.
  public var isPrivate: Bool { isWithin(0x0a00_0000, 8) || isWithin(0xac10_0000, 12) || isWithin(0xc0a8_0000, 16) }
  /// Whether this is in 169.254.0.0/16. See RFC 3927.
  public var isLinkLocal: Bool { isWithin(0xa9fe_0000, 16) }
  /// Whether this is in 224.0.0.0/4.
  public var isMulticast: Bool { isWithin(0xe000_0000, 4) }
  /// Whether this is 255.255.255.255.
  public var isBroadcast: Bool { self == .broadcast }
  /// Whether this is in 192.0.2.0/24, 198.51.100.0/24 or 203.0.113.0/24, which stand in examples. See RFC 5737.
  public var isDocumentation: Bool {
    isWithin(0xc000_0200, 24) || isWithin(0xc633_6400, 24) || isWithin(0xcb00_7100, 24)
  }

  private func isWithin(_ network: UInt32, _ length: UInt32) -> Bool {
    (bits ^ network) >> (32 - length) == 0
  }
}

extension IPv4Address: TextRepresentable {
  /// "IPv4 address".
  public static var textName: String { "IPv4 address" }
  /// "255.255.255.255" has 15 bytes.
  public static var maximumTextLength: Int { 15 }

  /// Reads four decimal parts from 0 to 255 with dots between them. Octal and hexadecimal parts, leading zeros and
  /// fewer than four parts, which `inet_aton(3)` accepts and takes for other addresses, are refused.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in try Self.read(text, from: 0) }
  }

  /// Reads the text from `start` to its end.
  static func read(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> IPv4Address {
    guard start < text.count else { throw ParseFailure(start == 0 ? .empty : .endsTooEarly, at: start) }
    var bits: UInt32 = 0
    var position = start
    for part in 0..<4 {
      let end = part < 3 ? text.firstIndex(of: UInt8(ascii: "."), from: position) : text.count
      // Without a dot the part runs to the end, where one is missing.
      bits = bits << 8 | UInt32(try text.readDecimal(in: position..<(end ?? text.count), limit: 255))
      guard let end else { throw ParseFailure(.endsTooEarly, at: text.count) }
      position = end + 1
    }
    return IPv4Address(bits: bits)
  }

  /// Writes the address, such as `127.0.0.1`.
  public func write(into output: inout OutputSpan<UInt8>) {
    for part in 0..<4 {
      if part > 0 { output.append(UInt8(ascii: ".")) }
      output.append(decimal: UInt32(octets[part]))
    }
  }
}
