internal import CSockets

/// The address of a socket of any family. A plain value: copying it copies its bytes, and nothing is allocated.
@frozen public enum SocketAddress: Hashable, Sendable {
  /// An IPv4 address and a port. See `ip(7)`.
  case ipv4(IPv4Address, port: UInt16)
  /// An IPv6 address and a port, with the index of the interface that a link-local address belongs to (or 0), and the
  /// flow information (or 0). See `ipv6(7)`.
  case ipv6(IPv6Address, port: UInt16, scope: UInt32 = 0, flow: UInt32 = 0)
  /// The name of a Unix socket. See `unix(7)`.
  case unix(UnixAddress)
  /// A context id and a port, between a virtual machine and its host. See `vsock(7)`.
  case vsock(cid: UInt32, port: UInt32)
  /// An address of a family that has no case of its own, byte for byte.
  case other(OtherAddress)
}

extension SocketAddress {
  /// A port of this machine, over IPv4: 127.0.0.1.
  public static func loopback(port: UInt16) -> SocketAddress { .ipv4(.loopback, port: port) }

  /// An IP address and a port.
  public init(_ address: IPAddress, port: UInt16) {
    switch address {
    case .ipv4(let address): self = .ipv4(address, port: port)
    case .ipv6(let address): self = .ipv6(address, port: port)
    }
  }

  /// The family that a socket for this address needs.
  public var family: AddressFamily {
    switch self {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    case .unix: .unix
    case .vsock: .vsock
    case .other(let address): address.family
    }
  }

  /// The IP address, where this is one.
  public var ip: IPAddress? {
    switch self {
    case .ipv4(let address, _): .ipv4(address)
    case .ipv6(let address, _, _, _): .ipv6(address)
    default: nil
    }
  }

  /// The port, where this is an IP address with one.
  public var port: UInt16? {
    switch self {
    case .ipv4(_, let port): port
    case .ipv6(_, let port, _, _): port
    default: nil
    }
  }

  /// The same address with another port; unchanged where there is none.
  public func with(port: UInt16) -> SocketAddress {
    switch self {
    case .ipv4(let address, _): .ipv4(address, port: port)
    case .ipv6(let address, _, let scope, let flow): .ipv6(address, port: port, scope: scope, flow: flow)
    default: self
    }
  }

  /// The IPv4 address, where an IPv6 address stands for one; otherwise the address itself. A socket that takes both
  /// versions reports its IPv4 peers as IPv6 addresses.
  public var unmapped: SocketAddress {
    if case .ipv6(let address, let port, _, _) = self, let mapped = address.mappedIPv4 {
      .ipv4(mapped, port: port)
    } else {
      self
    }
  }
}

/// An address of a family that ``SocketAddress`` has no case for.
@frozen public struct OtherAddress: Sendable {
  /// The family's number.
  public let family: AddressFamily
  @usableFromInline let storage: [126 of UInt8]
  @usableFromInline let length: UInt8

  /// The most bytes that may follow the family: 126.
  public static var capacity: Int { 126 }

  /// An address of this family, whose bytes after the family are these; nil where there are more than 126 of them.
  public init?(_ family: AddressFamily, bytes: Span<UInt8>) {
    guard bytes.count <= Self.capacity else { return nil }
    self.init(family, [126 of UInt8] { $0 < bytes.count ? bytes[$0] : 0 }, length: bytes.count)
  }

  init(_ family: AddressFamily, _ storage: [126 of UInt8], length: Int) {
    self.family = family
    self.storage = storage
    self.length = UInt8(length)
  }

  /// The bytes after the family.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) get { storage.span.extracting(first: Int(length)) }
  }
}

extension OtherAddress: Hashable {
  /// Whether both have the same family and bytes.
  public static func == (left: OtherAddress, right: OtherAddress) -> Bool {
    left.family == right.family && left.bytes.isEqual(to: right.bytes)
  }

  /// Hashes the family and the bytes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(family)
    bytes.hash(into: &hasher)
  }
}
