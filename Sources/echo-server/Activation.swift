internal import EchoSupport
internal import SocketActivation
internal import Sockets

extension OpenedEndpoint {
  /// What a service manager has opened for this process; nothing where it has not.
  static func handedOver() throws -> [OpenedEndpoint] {
    var activated = try ActivatedSockets.received()
    var opened: [OpenedEndpoint] = []
    for index in 0..<activated.count {
      let (name, kind) = (activated.name(at: index), activated.kind(at: index))
      let socket = activated.take(at: index)
      guard kind.type != .stream || kind.isListening, let endpoint = try Endpoint(of: socket, kind.type) else {
        throw Failure("descriptor \(name): not a socket that clients come to: \(socket.description)")
      }
      // A connection that is gone before it is taken must not keep the server waiting.
      try socket.setNonBlocking(true)
      opened.append(OpenedEndpoint(endpoint, [ListeningSocket(socket, kind.type, endpoint, isHandedOver: true)]))
    }
    return opened
  }
}

extension Endpoint {
  /// Where a socket is bound; nil for an address or a type that no endpoint has.
  fileprivate init?(of socket: borrowing Socket, _ type: SocketType) throws(SocketError) {
    switch (try socket.localAddress, type) {
    case (.ipv4(let host, let port), .stream): self = .tcp(.ipv4(host), port: port)
    case (.ipv4(let host, let port), .datagram): self = .udp(.ipv4(host), port: port)
    case (.ipv6(let host, let port, let scope, let flow), .stream):
      self = .tcp(.ipv6(host, scope: scope, flow: flow), port: port)
    case (.ipv6(let host, let port, let scope, let flow), .datagram):
      self = .udp(.ipv6(host, scope: scope, flow: flow), port: port)
    case (.unix(let name), .stream): self = .unix(name)
    case (.unix(let name), .datagram): self = .unixgram(name)
    default: return nil
    }
  }
}

/// Tells the service manager, where there is one. That it cannot be told is said, and ends nothing.
func notifyManager(
  _ states: ServiceManager.State..., until deadline: Deadline = .after(.seconds(1)), log: Log
) {
  do {
    try ServiceManager.fromEnvironment()?.notify(states, until: deadline)
  } catch {
    log.failed("notify the service manager", error)
  }
}
