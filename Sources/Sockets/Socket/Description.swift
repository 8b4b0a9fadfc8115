internal import CSockets

/// What a person wants to know of a socket.
extension Socket {
  /// One line: `tcp 127.0.0.1:8000 <- 127.0.0.1:40152 established`, `udp 0.0.0.0:53`, `tcp [::]:80 listening`,
  /// `stream unix:/run/echo.sock <- unix:(unnamed) connected`.
  ///
  /// The arrow points to the side that took the connection. The kernel does not tell which that was: it is taken for
  /// the one whose port is below those that are given out to clients (32,768 and up), or whose Unix socket has a name;
  /// where that does not decide it, the arrow points both ways.
  public var description: String {
    let type: SocketType
    do throws(SocketError) {
      type = try get(.type)
    } catch {
      return "descriptor \(descriptor): \(error.errno?.description ?? error.description)"
    }
    var words = [kind(type)]
    let (local, peer) = (try? localAddress, try? peerAddress)
    if let local { words.append(local.description) }
    if let local, let peer { words.append(arrow(local, peer)) }
    if let peer { words.append(peer.description) }
    if let state = state(hasPeer: peer != nil) { words.append(state) }
    return words.joined(separator: " ")
  }

  private func kind(_ type: SocketType) -> String {
    switch try? get(.protocol) {
    case .tcp?: return "tcp"
    case .udp?: return "udp"
    case .mptcp?: return "mptcp"
    case .icmp?: return "icmp"
    case .icmpv6?: return "icmpv6"
    default: break
    }
    return switch type {
    case .stream: "stream"
    case .datagram: "datagram"
    case .sequencedPacket: "packets"
    case .raw: "raw"
    default: "type \(type.rawValue)"
    }
  }

  private func arrow(_ local: SocketAddress, _ peer: SocketAddress) -> String {
    switch (local.isOfServer, peer.isOfServer) {
    case (true, false): "<-"
    case (false, true): "->"
    default: "<->"
    }
  }

  /// What state it is in, where it has one.
  private func state(hasPeer: Bool) -> String? {
    if let info = try? get(.info) { return info.state.description }
    if (try? get(.acceptsConnections)) == true { return "listening" }
    return hasPeer ? "connected" : nil
  }
}

extension SocketAddress {
  /// Whether this looks like the address of whoever takes connections.
  fileprivate var isOfServer: Bool {
    switch self {
    case .ipv4(_, let port), .ipv6(_, let port, _, _): port < 32_768
    case .unix(let address): address.kind != .unnamed
    case .vsock(_, let port): port < 1024
    case .other: false
    }
  }
}

extension TCPInfo.State: CustomStringConvertible {
  /// The name, in words: "established", "close wait".
  public var description: String {
    switch self {
    case .established: "established"
    case .synSent: "SYN sent"
    case .synReceived: "SYN received"
    case .finWait1: "FIN wait 1"
    case .finWait2: "FIN wait 2"
    case .timeWait: "time wait"
    case .closed: "closed"
    case .closeWait: "close wait"
    case .lastAcknowledgement: "last acknowledgement"
    case .listen: "listening"
    case .closing: "closing"
    default: "state \(rawValue)"
    }
  }
}
