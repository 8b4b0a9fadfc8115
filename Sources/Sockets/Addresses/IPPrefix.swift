/// An IP address and how many of its first bits are a network's: `192.0.2.7/24` (RFC 4632; RFC 4291, section 2.3).
///
/// ```swift
/// let office = try IPPrefix("192.0.2.0/24")
/// if let ip = accepted.peer.ip, office.contains(ip) { … }
/// ```
@frozen public struct IPPrefix: Hashable, Sendable {
  /// The address, with the bits behind the network's as they were given.
  public let address: IPAddress
  /// How many bits are the network's: 0 to 32 for IPv4, 0 to 128 for IPv6.
  public let length: Int

  /// An address and the length of its network's part; nil for a length that the address has not.
  public init?(_ address: IPAddress, length: Int) {
    guard length >= 0, length <= address.bitWidth else { return nil }
    self.address = address
    self.length = length
  }
}

extension IPPrefix {
  /// The network alone: the bits behind it are 0.
  public var network: IPPrefix {
    IPPrefix(address.masked(to: length), length)
  }

  /// Whether an address is in the network. An IPv6 address that stands for an IPv4 address is looked for among the
  /// IPv4 networks (and among those of `::ffff:0:0/96`): a rule for 10.0.0.0/8 that `::ffff:10.0.0.1` slips through is
  /// no rule.
  public func contains(_ other: IPAddress) -> Bool {
    let other = if case .ipv4 = address { other.unmapped } else { other }
    guard other.bitWidth == address.bitWidth else { return false }
    return other.masked(to: length) == address.masked(to: length)
  }

  /// Whether all of another network is in this one.
  public func contains(_ other: IPPrefix) -> Bool {
    if case .ipv4 = address, case .ipv6(let ipv6) = other.address, ipv6.isIPv4Mapped, other.length >= 96 {
      return contains(IPPrefix(other.address.unmapped, other.length - 96))
    }
    return other.length >= length && contains(other.address)
  }

  /// An address alone: every bit is the network's.
  public init(wholeOf address: IPAddress) {
    self.init(address, address.bitWidth)
  }

  /// A length that is known to fit.
  init(_ address: IPAddress, _ length: Int) {
    self.address = address
    self.length = length
  }
}

extension IPPrefix: TextRepresentable {
  /// "IP prefix".
  public static var textName: String { "IP prefix" }
  /// The longest address, a slash and three digits.
  public static var maximumTextLength: Int { IPAddress.maximumTextLength + 4 }

  /// Reads an address, a slash and a length: `10.0.0.0/8`, `fd00::/8`.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in
      guard text.count > 0 else { throw ParseFailure(.empty, at: 0) }
      let slash = text.firstIndex(of: UInt8(ascii: "/"))
      let address = try IPAddress.read(text.extracting(first: slash ?? text.count))
      guard let slash else { throw ParseFailure(.endsTooEarly, at: text.count) }
      let length = try text.readDecimal(in: slash + 1..<text.count, limit: UInt64(address.bitWidth))
      return IPPrefix(address, Int(length))
    }
  }

  /// Writes the address, a slash and the length.
  public func write(into output: inout OutputSpan<UInt8>) {
    address.write(into: &output)
    output.append(UInt8(ascii: "/"))
    output.append(decimal: UInt32(length))
  }
}

extension IPAddress {
  /// How many bits an address of this version has.
  fileprivate var bitWidth: Int {
    switch self {
    case .ipv4: 32
    case .ipv6: 128
    }
  }

  /// The first bits, with zeros behind them.
  fileprivate func masked(to length: Int) -> IPAddress {
    // A shift by as many bits as there are leaves none, in Swift.
    switch self {
    case .ipv4(let address): .ipv4(IPv4Address(bits: address.bits & UInt32.max << (32 - length)))
    case .ipv6(let address): .ipv6(IPv6Address(bits: address.bits & UInt128.max << (128 - length)))
    }
  }
}
