/// An IPv6 address, without the scope that a ``SocketAddress`` may have besides.
///
/// It is kept as one number of 128 bits, so that comparing and testing for a range are a few instructions.
@frozen public struct IPv6Address: Hashable, Sendable {
  /// The address as a number, `::1` being 1.
  public let bits: UInt128

  /// The address with this number.
  @inlinable public init(bits: UInt128) {
    self.bits = bits
  }

  /// The address with these eight groups, in the order in which they are written.
  public init(groups: [8 of UInt16]) {
    var bits: UInt128 = 0
    for index in groups.indices { bits = bits << 16 | UInt128(groups[index]) }
    self.bits = bits
  }

  /// The address that stands for an IPv4 address in IPv6, `::ffff:192.0.2.1`.
  public init(mapping address: IPv4Address) {
    bits = 0xffff << 32 | UInt128(address.bits)
  }

  /// The eight groups, in the order in which they are written and sent.
  public var groups: [8 of UInt16] {
    [8 of UInt16] { index in UInt16(truncatingIfNeeded: bits >> (112 - 16 * UInt128(index))) }
  }

  /// The sixteen bytes, in the order in which they are sent.
  public var octets: [16 of UInt8] {
    [16 of UInt8] { index in UInt8(truncatingIfNeeded: bits >> (120 - 8 * UInt128(index))) }
  }
}

extension IPv6Address {
  /// `::`: every local address, when bound to.
  public static var any: IPv6Address { IPv6Address(bits: 0) }
  /// `::1`: this machine.
  public static var loopback: IPv6Address { IPv6Address(bits: 1) }
}

extension IPv6Address: Comparable {
  /// Orders by number.
  @inlinable public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
    left.bits < right.bits
  }
}

/// What an address is for. The answer for an address that stands for an IPv4 address is the IPv4 address's own: a rule
/// against private addresses that `::ffff:10.0.0.1` slips through is no rule.
extension IPv6Address {
  /// Whether this stands for an IPv4 address: `::ffff:0:0/96`. See RFC 4291, section 2.5.5.2.
  public var isIPv4Mapped: Bool { isWithin(0xffff << 32, 96) }

  /// The IPv4 address that this stands for.
  public var mappedIPv4: IPv4Address? {
    isIPv4Mapped ? IPv4Address(bits: UInt32(truncatingIfNeeded: bits)) : nil
  }

  /// Whether this is `::`, or stands for 0.0.0.0.
  public var isUnspecified: Bool { mappedIPv4?.isUnspecified ?? (bits == 0) }
  /// Whether this is `::1`, or stands for an IPv4 loopback address.
  public var isLoopback: Bool { mappedIPv4?.isLoopback ?? (bits == 1) }
  /// Whether this is a unique local address, in fc00::/7 (RFC 4193), or stands for a private IPv4 address.
  public var isPrivate: Bool { mappedIPv4?.isPrivate ?? isWithin(0xfc << 120, 7) }
  /// Whether this is in fe80::/10, or stands for a link-local IPv4 address.
  public var isLinkLocal: Bool { mappedIPv4?.isLinkLocal ?? isWithin(0xfe80 << 112, 10) }
  /// Whether this is in ff00::/8, or stands for an IPv4 multicast address.
  public var isMulticast: Bool { mappedIPv4?.isMulticast ?? isWithin(0xff << 120, 8) }
  /// Whether this is in 2001:db8::/32 or 3fff::/20 (RFC 3849, RFC 9637), or stands for such an IPv4 address.
  public var isDocumentation: Bool {
    mappedIPv4?.isDocumentation ?? (isWithin(0x2001_0db8 << 96, 32) || isWithin(0x3fff << 112, 20))
  }

  private func isWithin(_ network: UInt128, _ length: UInt128) -> Bool {
    (bits ^ network) >> (128 - length) == 0
  }
}

extension IPv6Address: TextRepresentable {
  /// "IPv6 address".
  public static var textName: String { "IPv6 address" }
  /// Eight groups of four digits with colons between them have 39 bytes.
  public static var maximumTextLength: Int { 39 }

  /// Reads any of the forms of RFC 4291, section 2.2, the one that ends in an IPv4 address included. A scope (`%eth0`)
  /// is no part of the address: ``SocketAddress`` reads it.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in try Self.read(text) }
  }

  /// Reads the whole of the text.
  static func read(_ text: Span<UInt8>) throws(ParseFailure) -> IPv6Address {
    let colon = UInt8(ascii: ":")
    guard text.count > 0 else { throw ParseFailure(.empty, at: 0) }
    var groups = [8 of UInt16](repeating: 0)
    var count = 0
    /// How many groups stand before the `::`.
    var compression: Int?
    var position = 0
    if text[0] == colon {
      guard text.count > 1 else { throw ParseFailure(.endsTooEarly, at: 1) }
      guard text[1] == colon else { throw ParseFailure(.unexpected, at: 0) }
      compression = 0
      position = 2
    }
    while position < text.count {
      let end = text.firstIndex(of: colon, from: position) ?? text.count
      guard count < 8 else { throw ParseFailure(.wrongNumberOfGroups, at: position) }
      if end == text.count, text.firstIndex(of: UInt8(ascii: "."), from: position) != nil {
        guard count <= 6 else { throw ParseFailure(.wrongNumberOfGroups, at: position) }
        let tail = try IPv4Address.read(text, from: position).bits
        groups[count] = UInt16(tail >> 16)
        groups[count + 1] = UInt16(truncatingIfNeeded: tail)
        count += 2
        break
      }
      groups[count] = try readGroup(text, in: position..<end)
      count += 1
      guard end < text.count else { break }
      position = end + 1
      guard position < text.count else { throw ParseFailure(.endsTooEarly, at: position) }
      if text[position] == colon {
        guard compression == nil else { throw ParseFailure(.misplacedCompression, at: end) }
        compression = count
        position += 1
      }
    }
    if let compression {
      guard count < 8 else { throw ParseFailure(.misplacedCompression, at: text.count) }
      // What stands behind the `::` moves to the end; the groups it leaves become zeros.
      let moved = count - compression
      for offset in 0..<moved { groups.swapAt(count - 1 - offset, 7 - offset) }
    } else if count != 8 {
      throw ParseFailure(.wrongNumberOfGroups, at: text.count)
    }
    return IPv6Address(groups: groups)
  }

  private static func readGroup(_ text: Span<UInt8>, in range: Range<Int>) throws(ParseFailure) -> UInt16 {
    guard !range.isEmpty else { throw ParseFailure(.unexpected, at: range.lowerBound) }
    var group: UInt32 = 0
    for index in range {
      guard let digit = text[index].hexadecimalDigit else { throw ParseFailure(.unexpected, at: index) }
      guard index - range.lowerBound < 4 else { throw ParseFailure(.groupTooLong, at: range.lowerBound) }
      group = group << 4 | UInt32(digit)
    }
    return UInt16(group)
  }

  /// Writes the address as RFC 5952 recommends: lower case, no leading zeros, the longest run of zero groups as `::`,
  /// and an address that stands for an IPv4 address with that at its end.
  public func write(into output: inout OutputSpan<UInt8>) {
    if let mappedIPv4 {
      output.append("::ffff:")
      mappedIPv4.write(into: &output)
      return
    }
    let groups = groups
    let zeros = longestRunOfZeros(groups)
    var index = 0
    while index < 8 {
      if index == zeros.lowerBound, !zeros.isEmpty {
        output.append("::")
        index = zeros.upperBound
        continue
      }
      if index > 0, index != zeros.upperBound || zeros.isEmpty { output.append(UInt8(ascii: ":")) }
      output.append(hexadecimal: UInt32(groups[index]))
      index += 1
    }
  }

  /// The first of the longest runs of two or more zero groups, or nothing.
  private func longestRunOfZeros(_ groups: [8 of UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in 0..<8 {
      guard groups[index] == 0 else {
        start = index + 1
        continue
      }
      if index + 1 - start > max(longest.count, 1) { longest = start..<index + 1 }
    }
    return longest
  }
}
