/// A type, a length and a value: what a header of version 2 says besides addresses.
public struct ProxyTLV: Hashable, Sendable {
  /// What the value is.
  public let type: Kind
  /// The value, byte for byte.
  public let value: [UInt8]

  /// A value of this type.
  public init(_ type: Kind, _ value: [UInt8]) {
    self.type = type
    self.value = value
  }

  /// PP2_TYPE_ numbers.
  public struct Kind: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt8

    /// The type of this number.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// PP2_TYPE_ALPN: the protocol that was negotiated, such as "h2".
    public static var alpn: Kind { Kind(rawValue: 0x01) }
    /// PP2_TYPE_AUTHORITY: the host name that the client asked for, such as TLS's server name.
    public static var authority: Kind { Kind(rawValue: 0x02) }
    /// PP2_TYPE_CRC32C: the checksum of the header, which is checked.
    public static var crc32c: Kind { Kind(rawValue: 0x03) }
    /// PP2_TYPE_NOOP: padding.
    public static var noop: Kind { Kind(rawValue: 0x04) }
    /// PP2_TYPE_UNIQUE_ID: what the proxy calls the connection, at most 128 bytes.
    public static var uniqueID: Kind { Kind(rawValue: 0x05) }
    /// PP2_TYPE_SSL: see ``ProxySSL``.
    public static var ssl: Kind { Kind(rawValue: 0x20) }
    /// PP2_TYPE_NETNS: the name of the client's network namespace.
    public static var networkNamespace: Kind { Kind(rawValue: 0x30) }
  }

  /// The place for a checksum, which encoding fills in.
  public static var checksum: ProxyTLV { ProxyTLV(.crc32c, [0, 0, 0, 0]) }
  /// So many bytes of padding, and three for the type and length.
  public static func padding(_ count: Int) -> ProxyTLV { ProxyTLV(.noop, [UInt8](repeating: 0, count: count)) }

  /// The most bytes that a unique id may have: 128.
  public static var maximumUniqueIDLength: Int { 128 }
}

extension ProxyHeader {
  /// The first value of a type.
  public func value(_ type: ProxyTLV.Kind) -> [UInt8]? { values.first { $0.type == type }?.value }
  /// The protocol that was negotiated (PP2_TYPE_ALPN).
  public var alpn: [UInt8]? { value(.alpn) }
  /// The host name that the client asked for (PP2_TYPE_AUTHORITY), where it is UTF-8.
  public var authority: String? { value(.authority).flatMap { String(validating: $0, as: UTF8.self) } }
  /// What the proxy calls the connection (PP2_TYPE_UNIQUE_ID).
  public var uniqueID: [UInt8]? { value(.uniqueID) }
  /// The client's network namespace (PP2_TYPE_NETNS), where its name is UTF-8.
  public var networkNamespace: String? { value(.networkNamespace).flatMap { String(validating: $0, as: UTF8.self) } }
  /// How the client's connection is encrypted (PP2_TYPE_SSL).
  public var ssl: ProxySSL? { value(.ssl).flatMap { try? ProxySSL(parsing: $0.span, at: 0) } }
}
