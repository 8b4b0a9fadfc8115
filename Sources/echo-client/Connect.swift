internal import EchoSupport
internal import Sockets

/// A socket connected to the first address of an endpoint that answers.
func connect(to endpoint: Endpoint, _ diagnostics: Diagnostics) throws(Failure) -> Socket {
  diagnostics.debug("connecting to \(endpoint)")
  do {
    // An answer needs somewhere to go: a Unix datagram socket has no name unless it is given one, and the kernel
    // chooses it.
    let local: SocketAddress? = if case .unixgram = endpoint { .unix(.unnamed) } else { nil }
    let socket = try Socket.connected(to: endpoint, from: local)
    // The end of a line is small, and somebody waits for its answer.
    if case .tcp = endpoint { try socket.set(.noDelay, true) }
    diagnostics.debug("connected: \(socket.description)")
    return socket
  } catch {
    throw Failure(endpoint, error)
  }
}
