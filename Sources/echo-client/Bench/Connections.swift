#if Programs
  internal import EchoSupport
  internal import Sockets

  /// Connections that are to stay open, by their index.
  struct Connections {
    /// A reference, because an array holds no sockets.
    final class Connection {
      let socket: Socket

      init(_ socket: consuming Socket) {
        self.socket = socket
      }
    }

    private let endpoint: Endpoint
    private var connections: [Connection?]
    private var openCount: Int

    /// Connects to the first address of an endpoint that answers, so many times, and reads the greetings away.
    init(_ settings: BenchSettings) throws {
      endpoint = settings.endpoint
      openCount = settings.connections
      let server = try Server(settings)
      connections = []
      while connections.count < settings.connections {
        connections.append(Connection(try server.connect()))
      }
    }

    /// How many there were.
    var count: Int { connections.count }

    /// A connection, or nil where it has failed.
    subscript(index: Int) -> Connection? { connections[index] }

    /// Gives a connection up. Where it was the last there is nothing left to measure, and its failure is thrown.
    mutating func fail(
      _ index: Int, _ failure: ConnectionFailure, _ poller: inout Poller, _ tally: inout Tally
    ) throws(Failure) {
      guard let connection = connections[index] else { return }
      if case .wrong = failure { throw Failure("\(endpoint): \(failure)") }
      tally.errors += 1
      try? poller.remove(connection.socket)
      connections[index] = nil
      openCount -= 1
      guard openCount > 0 else { throw Failure("\(endpoint): \(failure)") }
    }
  }

  extension Connections {
    /// Ends what is open in the way that a server takes for an end, not for a failure: it gets no reset because of
    /// replies that nobody has received.
    func end() {
      let deadline = Deadline.after(.seconds(1))
      for connection in connections { try? connection?.socket.shutdown(.write) }
      for connection in connections { connection?.socket.drain(until: deadline) }
    }
  }

  extension Socket {
    /// Receives what is there, and says how many bytes; nil where there is nothing yet.
    func receiveNow(into buffer: inout [UInt8]) throws(ConnectionFailure) -> Int? {
      do throws(SocketError) {
        var span = buffer.mutableSpan
        return try receive(into: &span, until: .now)
      } catch {
        guard error.errno == .wouldBlock else { throw .failed(error) }
        return nil
      }
    }

    /// Receives up to the end.
    fileprivate func drain(until deadline: Deadline) {
      while let bytes = try? receive(upTo: 65_536, until: deadline), !bytes.isEmpty {}
    }
  }

  /// Why a connection cannot be used any more.
  enum ConnectionFailure: Error, CustomStringConvertible {
    /// A call failed.
    case failed(SocketError)
    /// The other end is closed.
    case ended
    /// What came back is not what was sent: there is nothing to measure.
    case wrong(connection: Int)

    var description: String {
      switch self {
      case .failed(let error): "\(error)"
      case .ended: "the server closed the connection"
      case .wrong(let connection): "what came back is not what was sent (connection \(connection))"
      }
    }
  }
#endif
