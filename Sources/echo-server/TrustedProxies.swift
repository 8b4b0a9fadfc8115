internal import AsyncSockets
internal import EchoSupport
internal import ProxyProtocol
internal import Sockets

/// Who is believed when it says whose connection it passes on.
struct TrustedProxies: Sendable {
  let prefixes: [IPPrefix]

  /// How long a trusted peer may take for its header.
  private static let patience = Duration.seconds(5)

  /// A client as its proxy tells it, and what has come behind the header.
  struct Introduction {
    let client: SocketAddress
    let rest: [UInt8]
    /// Whether nobody is said to be behind it (LOCAL, UNKNOWN): a proxy that looks whether the server is there says so,
    /// and one that cannot tell the client's address.
    let isAnonymous: Bool
  }

  /// Whether a peer has to begin with a header.
  func contain(_ peer: SocketAddress) -> Bool {
    guard let ip = peer.ip else { return false }
    return prefixes.contains { $0.contains(ip) }
  }

  /// Receives the header of a trusted peer.
  static func receive(from peer: SocketAddress, _ socket: borrowing Socket) throws(Failure) -> Introduction {
    let deadline = Deadline.after(patience)
    var buffer = ProxyHeaderBuffer()
    while true {
      do {
        let bytes = try socket.receive(upTo: 4096, until: deadline)
        if let introduction = try introduce(peer, bytes, &buffer) { return introduction }
      } catch {
        throw failure(error)
      }
    }
  }

  /// Receives the header of a trusted peer.
  static func receive(from connection: Connection) async throws -> Introduction {
    let deadline = Deadline.after(patience)
    var buffer = ProxyHeaderBuffer()
    while true {
      do {
        let bytes = try await connection.receive(upTo: 4096, until: deadline)
        if let introduction = try introduce(connection.peerAddress, bytes, &buffer) { return introduction }
      } catch let error as SocketError where error.reason == .cancelled || error.reason == .loopClosed {
        // The server's own end, and no fault of the peer's.
        throw error
      } catch {
        throw failure(error)
      }
    }
  }

  private static func introduce(
    _ peer: SocketAddress, _ bytes: [UInt8], _ buffer: inout ProxyHeaderBuffer
  ) throws -> Introduction? {
    guard !bytes.isEmpty else { throw Failure("the peer ended the stream within its PROXY header") }
    guard let (header, rest) = try buffer.append(bytes.span) else { return nil }
    let client = header.addresses?.source
    return Introduction(client: client ?? peer, rest: rest, isAnonymous: client == nil)
  }

  private static func failure(_ error: any Error) -> Failure {
    if let error = error as? Failure { return error }
    if let error = error as? SocketError, error.reason == .timedOut {
      return Failure("no PROXY header within 5 seconds")
    }
    return Failure("\(error)")
  }
}

extension SocketError {
  /// Whether the peer has gone without a word, as a proxy does that has only looked whether the server is there.
  var isReset: Bool { errno == .connectionReset || errno == .brokenPipe }
}
