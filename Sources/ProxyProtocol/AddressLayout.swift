internal import Sockets

/// How the addresses of a family and transport are laid out in version 2.
struct Layout {
  /// Family and transport, as one byte.
  let transport: UInt8
  private let family: AddressFamily?
  /// How many bytes both addresses take, ports included.
  let length: Int

  static let unspecified = Layout(transport: 0, family: nil, length: 0)

  private init(transport: UInt8, family: AddressFamily?, length: Int) {
    self.transport = transport
    self.family = family
    self.length = length
  }

  /// The layout that the byte stands for; nil for what is not assigned.
  init?(transport: UInt8) {
    switch transport {
    case 0x00: self = .unspecified
    case 0x11, 0x12: self.init(transport: transport, family: .ipv4, length: 12)
    case 0x21, 0x22: self.init(transport: transport, family: .ipv6, length: 36)
    case 0x31, 0x32: self.init(transport: transport, family: .unix, length: 2 * UnixAddress.capacity)
    default: return nil
    }
  }

  /// The layout that these addresses need.
  init(_ addresses: ProxyAddresses) throws(ProxyEncodingError) {
    let family = addresses.source.family
    guard family == addresses.destination.family else { throw .mixedFamilies }
    let high: UInt8
    switch family {
    case .ipv4: high = 0x10
    case .ipv6: high = 0x20
    case .unix: high = 0x30
    default: throw .unsupportedFamily(family)
    }
    let low: UInt8
    switch addresses.transport {
    case .stream: low = 1
    case .datagram: low = 2
    default: throw .unsupportedTransport(addresses.transport)
    }
    // Each of the six is assigned.
    self = Layout(transport: high | low)!
  }

  /// Reads the addresses from a whole header; nil where the family has none.
  func read(_ header: Span<UInt8>) -> ProxyAddresses? {
    let bytes = header.extracting(ProxyHeader.fixedLength..<ProxyHeader.fixedLength + length)
    let source: SocketAddress
    let destination: SocketAddress
    switch family {
    case .ipv4:
      source = .ipv4(IPv4Address(bits: bytes.bigEndian32(at: 0)), port: bytes.bigEndian16(at: 8))
      destination = .ipv4(IPv4Address(bits: bytes.bigEndian32(at: 4)), port: bytes.bigEndian16(at: 10))
    case .ipv6:
      source = .ipv6(IPv6Address(bits: bytes.bigEndian128(at: 0)), port: bytes.bigEndian16(at: 32))
      destination = .ipv6(IPv6Address(bits: bytes.bigEndian128(at: 16)), port: bytes.bigEndian16(at: 34))
    case .unix:
      source = .unix(UnixAddress(padded: bytes.extracting(first: UnixAddress.capacity)))
      destination = .unix(UnixAddress(padded: bytes.extracting(droppingFirst: UnixAddress.capacity)))
    default: return nil
    }
    return ProxyAddresses(
      source: source, destination: destination, transport: transport & 0xf == 1 ? .stream : .datagram)
  }

  /// Writes addresses that have this layout.
  func append(_ addresses: ProxyAddresses, to bytes: inout [UInt8]) {
    for address in [addresses.source, addresses.destination] {
      switch address {
      case .ipv4(let host, _): bytes.append(bigEndian: host.bits)
      case .ipv6(let host, _, _, _): bytes.append(bigEndian: host.bits)
      case .unix(let name):
        let isAbstract = name.kind == .abstract
        let padding = UnixAddress.capacity - name.name.count - (isAbstract ? 1 : 0)
        if isAbstract { bytes.append(0) }
        bytes += [UInt8](copying: name.name) + [UInt8](repeating: 0, count: padding)
      default: break
      }
    }
    if let source = addresses.source.port, let destination = addresses.destination.port {
      bytes.append(bigEndian: source)
      bytes.append(bigEndian: destination)
    }
  }
}

extension UnixAddress {
  /// The name that takes the whole of 108 bytes or has zeros behind it, which are no part of it: an abstract name that
  /// ends with zeros loses them, since nothing tells them apart.
  fileprivate init(padded bytes: Span<UInt8>) {
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0 { end -= 1 }
    guard end > 0 else {
      self = .unnamed
      return
    }
    let path = bytes.extracting(first: bytes.firstIndex(of: 0) ?? end)
    // Neither is longer than it may be, and the path is not empty and has no zero.
    let name = bytes[0] == 0 ? try? UnixAddress(abstract: bytes.extracting(1..<end)) : try? UnixAddress(path: path)
    self = name ?? .unnamed
  }
}
