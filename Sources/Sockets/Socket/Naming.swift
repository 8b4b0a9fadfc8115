internal import CSockets

/// Names: the socket's own, and its peer's.
extension Socket {
  /// Gives the socket its address. Corresponds to `bind(2)`.
  ///
  /// Port 0 lets the kernel choose a free one, which ``localAddress`` then has; so does an unnamed Unix address with an
  /// abstract name. A Unix path becomes a file, which ``SocketFile`` looks after.
  ///
  /// - Throws: `SocketError` with EADDRINUSE (taken; for a Unix path, the file exists), EADDRNOTAVAIL (not an address
  ///   of this machine), EACCES (a port below 1024, or a directory that cannot be written to), ENOENT (no such
  ///   directory).
  public borrowing func bind(to address: SocketAddress) throws(SocketError) {
    let result = cs_bind(descriptor, address.kernelForm)
    guard result >= 0 else { throw SocketError(.bind, .errno(Errno(rawValue: -result))).done(to: address) }
  }

  /// A new socket bound to every address of this machine: of both versions of IP where the system has IPv6, of IPv4
  /// alone where it has not. IPv4 peers of the former have addresses that stand for IPv4 addresses; see
  /// ``SocketAddress/unmapped``.
  ///
  /// - Parameters:
  ///   - port: The port, or 0 to let the kernel choose one.
  ///   - type: Stream or datagram.
  ///   - reuseAddress: Whether to set ``SocketOption/reuseAddress`` first, as a server that may be restarted wants.
  /// - Throws: `SocketError` with EADDRINUSE (another socket has the port) or EACCES (a port below 1024).
  public static func boundToAny(
    port: UInt16, _ type: SocketType, reuseAddress: Bool = false
  ) throws(SocketError) -> Socket {
    do {
      return try bound(to: .ipv6(.any, port: port), type, dualStack: true, reuseAddress: reuseAddress)
    } catch  where error.errno == .addressFamilyNotSupported || error.errno == .addressNotAvailable {
      return try bound(to: .ipv4(.any, port: port), type, dualStack: false, reuseAddress: reuseAddress)
    }
  }

  private static func bound(
    to address: SocketAddress, _ type: SocketType, dualStack: Bool, reuseAddress: Bool
  ) throws(SocketError) -> Socket {
    let socket = try Socket(address.family, type, dualStack: dualStack)
    if reuseAddress { try socket.set(.reuseAddress, true) }
    try socket.bind(to: address)
    return socket
  }

  /// The socket's own address. Corresponds to `getsockname(2)`.
  ///
  /// - Throws: `SocketError` with EBADF or ENOBUFS.
  public var localAddress: SocketAddress {
    get throws(SocketError) {
      let named = cs_getsockname(descriptor)
      try SocketError.check(.localAddress, named.result)
      return SocketAddress(named.address)
    }
  }

  /// The peer's address. Corresponds to `getpeername(2)`.
  ///
  /// - Throws: `SocketError` with ENOTCONN (there is no peer).
  public var peerAddress: SocketAddress {
    get throws(SocketError) {
      let named = cs_getpeername(descriptor)
      try SocketError.check(.peerAddress, named.result)
      return SocketAddress(named.address)
    }
  }
}
