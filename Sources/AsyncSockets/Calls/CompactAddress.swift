internal import Sockets

/// An address in the fewest bytes: a Unix address has room for 108 of them, which most peers' are not.
enum CompactAddress: Sendable {
  case ipv4(IPv4Address, port: UInt16)
  case ipv6(IPv6Address, port: UInt16, scope: UInt32, flow: UInt32)
  case unnamed
  case other(Box)

  /// Something larger, elsewhere.
  final class Box: Sendable {
    let address: SocketAddress

    init(_ address: SocketAddress) {
      self.address = address
    }
  }

  init(_ address: SocketAddress) {
    self =
      switch address {
      case .ipv4(let host, let port): .ipv4(host, port: port)
      case .ipv6(let host, let port, let scope, let flow): .ipv6(host, port: port, scope: scope, flow: flow)
      case .unix(.unnamed): .unnamed
      default: .other(Box(address))
      }
  }

  var address: SocketAddress {
    switch self {
    case .ipv4(let host, let port): .ipv4(host, port: port)
    case .ipv6(let host, let port, let scope, let flow): .ipv6(host, port: port, scope: scope, flow: flow)
    case .unnamed: .unix(.unnamed)
    case .other(let box): box.address
    }
  }
}
