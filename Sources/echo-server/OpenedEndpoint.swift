internal import EchoSupport
internal import Sockets
internal import Synchronization

/// A socket that clients come to, and the file it may have made.
final class ListeningSocket: Sendable {
  let socket: Socket
  let type: SocketType
  /// What to call it in a message.
  let endpoint: Endpoint
  /// Whether the socket is somebody else's too.
  private let isHandedOver: Bool
  private let file: Mutex<SocketFile?>
  private let wasStopped = Atomic(false)

  init(
    _ socket: consuming Socket, _ type: SocketType, _ endpoint: Endpoint, file: consuming SocketFile? = nil,
    isHandedOver: Bool = false
  ) {
    self.socket = socket
    self.type = type
    self.endpoint = endpoint
    self.file = Mutex(file)
    self.isHandedOver = isHandedOver
  }

  /// Whether to leave what comes from now on unanswered.
  var isStopped: Bool { wasStopped.load(ordering: .relaxed) }

  /// Removes the file and answers no more, for the threads that have this object besides.
  func stop() {
    wasStopped.store(true, ordering: .relaxed)
    file.withLock { $0 = nil }
    // To shut down a socket is to do so for all who have it, and who waits for this one sees what comes next to it, and
    // leaves it where it is.
    guard !isHandedOver else { return }
    // Wakes who waits for it. A socket without a peer is said not to be connected, and wakes all the same.
    try? socket.shutdown(.both)
  }

  /// The file goes while the socket is still open: after that its number might be another file's.
  deinit { file.withLock { $0 = nil } }
}

/// An endpoint that was opened: several sockets where its name has several addresses.
struct OpenedEndpoint {
  /// The endpoint, with the port that was chosen for port 0.
  let endpoint: Endpoint
  let sockets: [ListeningSocket]

  init(_ endpoint: Endpoint) throws(Failure) {
    do {
      switch endpoint {
      case .unix(let address), .unixgram(let address):
        let socket = try Socket(.unix, endpoint.socketType)
        var file: SocketFile?
        if address.kind == .path {
          file = try SocketFile(binding: socket, to: address, replacingStale: true)
        } else {
          try socket.bind(to: .unix(address))
        }
        let opened = try Self.listening(socket, endpoint, file: file)
        // The kernel chooses the name where none was given.
        let name = if case .unix(let name) = try opened.socket.localAddress { name } else { address }
        let isStream = endpoint.socketType == .stream
        self.init(isStream ? .unix(name) : .unixgram(name), [opened])
      case .tcp(.any, let port), .udp(.any, let port):
        let socket = try Socket.boundToAny(
          port: port, endpoint.socketType, reuseAddress: endpoint.socketType == .stream)
        let opened = try Self.listening(socket, endpoint)
        self.init(endpoint.with(port: try opened.socket.localAddress.port ?? port), [opened])
      case .tcp, .udp:
        self = try Self.opening(endpoint, try endpoint.resolve())
      }
    } catch {
      throw Failure(endpoint, error)
    }
  }

  init(_ endpoint: Endpoint, _ sockets: [ListeningSocket]) {
    self.endpoint = endpoint
    self.sockets = sockets
  }

  /// Opens every address of a host. One that this machine does not have (a name may have an IPv6 address where there is
  /// no IPv6) is passed over as long as another can be opened.
  private static func opening(_ endpoint: Endpoint, _ addresses: [SocketAddress]) throws(SocketError) -> OpenedEndpoint
  {
    var endpoint = endpoint
    var sockets: [ListeningSocket] = []
    var failure: SocketError?
    for address in addresses {
      do throws(SocketError) {
        let socket = try Socket(for: address, endpoint.socketType)
        // A server that was just stopped has connections that are still closing; a UDP port with two owners would lose
        // half of what comes.
        if endpoint.socketType == .stream { try socket.set(.reuseAddress, true) }
        // The port that the kernel chose for the first address is the one for all of them.
        try socket.bind(to: sockets.isEmpty ? address : address.with(port: endpoint.port))
        let opened = try listening(socket, endpoint)
        endpoint = endpoint.with(port: try opened.socket.localAddress.port ?? endpoint.port)
        sockets.append(opened)
      } catch {
        let isMissing = error.errno == .addressNotAvailable || error.errno == .addressFamilyNotSupported
        guard isMissing else { throw error }
        failure = error
      }
    }
    if let failure, sockets.isEmpty { throw failure }
    return OpenedEndpoint(endpoint, sockets)
  }

  private static func listening(
    _ socket: consuming Socket, _ endpoint: Endpoint, file: consuming SocketFile? = nil
  ) throws(SocketError) -> ListeningSocket {
    if endpoint.socketType == .stream { try socket.listen() }
    return ListeningSocket(socket, endpoint.socketType, endpoint, file: file)
  }
}

extension Endpoint {
  /// The port, where there is one.
  fileprivate var port: UInt16 {
    switch self {
    case .tcp(_, let port), .udp(_, let port): port
    case .unix, .unixgram: 0
    }
  }
}
