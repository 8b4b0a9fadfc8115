internal import EchoSupport
internal import Sockets

/// Whom to connect to, and how it greets.
struct Server {
  /// How long to wait for a greeting, as the dialogue does.
  private static let greetingTime = Duration.milliseconds(250)
  /// How long to wait for what every connection gets.
  private static let patience = Duration.seconds(10)

  private let endpoint: Endpoint
  /// The address that has answered.
  let address: SocketAddress
  /// How many bytes it greets with: all that come soon, before anything is sent.
  let greeting: Int

  /// Finds out with a connection of its own.
  init(_ settings: BenchSettings) throws {
    endpoint = settings.endpoint
    let socket = try echo_client.connect(to: endpoint, settings.diagnostics)
    do throws(SocketError) {
      address = try socket.peerAddress
      greeting =
        settings.expectsGreeting && endpoint.socketType == .stream ? try Self.greetingLength(of: socket) : 0
    } catch {
      throw Failure(endpoint, error)
    }
  }

  private static func greetingLength(of socket: borrowing Socket) throws(SocketError) -> Int {
    let deadline = Deadline.after(greetingTime)
    var length = 0
    do throws(SocketError) {
      while case let count = try socket.receive(upTo: 65_536, until: deadline).count, count > 0 { length += count }
      throw SocketError(.receive, .endOfStream)
    } catch  where error.reason == .timedOut {
      return length
    }
  }

  /// A new connection, greeted.
  func connect() throws(Failure) -> Socket {
    do throws(SocketError) {
      let local: SocketAddress? = if case .unixgram = endpoint { .unix(.unnamed) } else { nil }
      let deadline = Deadline.after(Self.patience)
      let socket = try Socket.connected(to: address, endpoint.socketType, from: local, until: deadline)
      if case .tcp = endpoint { try socket.set(.noDelay, true) }
      if greeting > 0 {
        var bytes = [UInt8](repeating: 0, count: greeting)
        var span = bytes.mutableSpan
        try socket.receiveExactly(into: &span, until: deadline)
      }
      return socket
    } catch {
      throw Failure(endpoint, error)
    }
  }
}
