extension Endpoint {
  /// The addresses that the endpoint stands for, in the order in which to try them: one, or for a name what a look-up
  /// finds, which waits for files or the network. Corresponds to `getaddrinfo(3)`.
  ///
  /// - Throws: `ResolveError` as ``Resolver/addresses(of:port:)``.
  public func resolve() throws(ResolveError) -> [SocketAddress] {
    switch self {
    case .unix(let address), .unixgram(let address): [.unix(address)]
    case .tcp(let host, let port), .udp(let host, let port):
      try Resolver(type: socketType).addresses(of: host, port: port)
    }
  }
}
