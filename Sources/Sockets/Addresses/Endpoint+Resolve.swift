internal import CSockets

extension Endpoint {
  /// The addresses that the endpoint stands for, in the order in which to try them: one, or for a name what a look-up
  /// finds, which waits for files or the network. Corresponds to `getaddrinfo(3)`.
  ///
  /// - Throws: `ResolveError`: ``ResolveError/Code/unknownName`` (EAI_NONAME) where there is no such host,
  ///   ``ResolveError/Code/tryAgain`` (EAI_AGAIN) where no server answered.
  public func resolve() throws(ResolveError) -> [SocketAddress] {
    switch self {
    case .unix(let address), .unixgram(let address):
      return [.unix(address)]
    case .tcp(let host, let port), .udp(let host, let port):
      switch host {
      case .ipv4(let address): return [.ipv4(address, port: port)]
      case .ipv6(let address, let scope, let flow): return [.ipv6(address, port: port, scope: scope, flow: flow)]
      case .any: return [.ipv6(.any, port: port), .ipv4(.any, port: port)]
      case .name(let name): return try name.lookUp(socketType).map { $0.with(port: port) }
      }
    }
  }
}

extension HostName {
  /// The name's addresses, with port 0.
  fileprivate func lookUp(_ type: SocketType) throws(ResolveError) -> [SocketAddress] {
    let name = description
    // The string has a NUL for as long as the call lasts, and the callee keeps nothing of it.
    let lookup = unsafe name.withCString { unsafe cs_lookup($0, nil, AF_UNSPEC, type.rawValue, 0) }
    // The list is freed on every path, and nothing of it is used after that: the addresses are copies.
    defer { unsafe cs_lookup_free(lookup.first) }
    guard unsafe lookup.code == 0 else {
      let code = unsafe ResolveError.Code(rawValue: lookup.code)
      throw ResolveError(name: name, code: code, errno: code == .system ? unsafe Errno(rawValue: lookup.error) : nil)
    }
    var addresses: [SocketAddress] = []
    var next = unsafe lookup.first
    while let result = unsafe next {
      let address = unsafe SocketAddress(cs_lookup_address(result))
      // A hosts file may say the same twice.
      if !addresses.contains(address) { addresses.append(address) }
      unsafe next = result.pointee.ai_next
    }
    return addresses
  }
}
