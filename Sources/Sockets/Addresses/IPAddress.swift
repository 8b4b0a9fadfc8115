/// An IPv4 or an IPv6 address.
@frozen public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address.
  case ipv4(IPv4Address)
  /// An IPv6 address.
  case ipv6(IPv6Address)

  /// The IPv4 address, where an IPv6 address stands for one; otherwise the address itself.
  public var unmapped: IPAddress {
    if case .ipv6(let address) = self, let mapped = address.mappedIPv4 { .ipv4(mapped) } else { self }
  }
}

extension IPAddress: Comparable {
  /// Orders IPv4 before IPv6, and each by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    switch (left, right) {
    case (.ipv4(let left), .ipv4(let right)): left < right
    case (.ipv6(let left), .ipv6(let right)): left < right
    case (.ipv4, .ipv6): true
    case (.ipv6, .ipv4): false
    }
  }
}

/// What an address is for. See the properties of the same names of ``IPv4Address`` and ``IPv6Address``.
extension IPAddress {
  /// Whether this is 0.0.0.0 or `::`.
  public var isUnspecified: Bool { either({ $0.isUnspecified }, { $0.isUnspecified }) }
  /// Whether this is an address of this machine only.
  public var isLoopback: Bool { either({ $0.isLoopback }, { $0.isLoopback }) }
  /// Whether this is an address of a private network.
  public var isPrivate: Bool { either({ $0.isPrivate }, { $0.isPrivate }) }
  /// Whether this is an address of one link only.
  public var isLinkLocal: Bool { either({ $0.isLinkLocal }, { $0.isLinkLocal }) }
  /// Whether this is the address of a group.
  public var isMulticast: Bool { either({ $0.isMulticast }, { $0.isMulticast }) }
  /// Whether this is an address for examples.
  public var isDocumentation: Bool { either({ $0.isDocumentation }, { $0.isDocumentation }) }

  private func either(_ ipv4: (IPv4Address) -> Bool, _ ipv6: (IPv6Address) -> Bool) -> Bool {
    switch self {
    case .ipv4(let address): ipv4(address)
    case .ipv6(let address): ipv6(address)
    }
  }
}

extension IPAddress: TextRepresentable {
  /// "IP address".
  public static var textName: String { "IP address" }
  /// The longest IPv6 address.
  public static var maximumTextLength: Int { IPv6Address.maximumTextLength }

  /// Reads an address of either version: one with a colon is an IPv6 address.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in try Self.read(text) }
  }

  /// Reads the whole of the text.
  static func read(_ text: Span<UInt8>) throws(ParseFailure) -> IPAddress {
    if text.firstIndex(of: UInt8(ascii: ":")) != nil {
      .ipv6(try IPv6Address.read(text))
    } else {
      .ipv4(try IPv4Address.read(text, from: 0))
    }
  }

  /// Writes the address.
  public func write(into output: inout OutputSpan<UInt8>) {
    switch self {
    case .ipv4(let address): address.write(into: &output)
    case .ipv6(let address): address.write(into: &output)
    }
  }
}
