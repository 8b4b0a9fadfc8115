public import Sockets

/// What a proxy says of a connection before it passes on what the client sends: the PROXY protocol, versions 1 and 2.
///
/// To be believed only from proxies that are trusted: anybody can write one.
public enum ProxyHeader: Hashable, Sendable {
  /// The connection is the proxy's own, such as a health check (LOCAL): its real addresses are the ones that count.
  case local
  /// The connection is a client's, with these addresses, or none that the proxy could tell (UNKNOWN, AF_UNSPEC), and
  /// what else it says, in its order.
  case proxy(ProxyAddresses?, [ProxyTLV] = [])

  /// The addresses, where there are any.
  public var addresses: ProxyAddresses? {
    if case .proxy(let addresses, _) = self { addresses } else { nil }
  }

  /// The type-length-value fields.
  public var values: [ProxyTLV] {
    if case .proxy(_, let values) = self { values } else { [] }
  }
}

/// The two ends of the connection that a client has with a proxy.
public struct ProxyAddresses: Hashable, Sendable {
  /// The client's address.
  public let source: SocketAddress
  /// The address that the client connected to.
  public let destination: SocketAddress
  /// Stream or datagram.
  public let transport: SocketType

  /// The ends of a connection.
  public init(source: SocketAddress, destination: SocketAddress, transport: SocketType = .stream) {
    self.source = source
    self.destination = destination
    self.transport = transport
  }
}

/// The versions of the PROXY protocol.
public enum ProxyVersion: Hashable, Sendable {
  /// A line of text.
  case v1
  /// Binary.
  case v2
}
