#if Programs
  internal import EchoSupport
  internal import Sockets

  /// Requests over a connection each: it is made, greeted, used once and closed.
  struct ChurnLoad: Load, ~Copyable {
    /// How soon to try again what could not be done.
    private static let pause: Int64 = 1_000_000

    private let settings: BenchSettings
    private let server: Server
    private let pattern = Pattern()
    private var connections: [Connection?]
    /// Where there is to be a connection, and could not be made yet.
    private var missing: [Int] = []
    private var nextTry: Int64 = 0
    /// How many connections have failed since one did not.
    private var failures = 0
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    /// A reference, because an array holds no sockets.
    private final class Connection {
      let socket: Socket
      /// When it was begun.
      let moment: Int64
      var sent = 0
      /// How much of the greeting has not come yet, and how much of the reply has.
      var greeting: Int
      var received = 0

      init(_ socket: consuming Socket, _ moment: Int64, greeting: Int) {
        self.socket = socket
        self.moment = moment
        self.greeting = greeting
      }
    }

    init(_ settings: BenchSettings) throws {
      self.settings = settings
      server = try Server(settings)
      connections = .init(repeating: nil, count: settings.connections)
    }

    mutating func begin(at now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws {
      for index in connections.indices { try connect(index, now, &poller, &tally) }
    }

    mutating func advance(to now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws -> Int64 {
      if missing.isEmpty { return .max }
      if now >= nextTry {
        let again = missing
        missing = []
        for index in again { try connect(index, now, &poller, &tally) }
      }
      return missing.isEmpty ? .max : nextTry
    }

    mutating func handle(_ event: Poller.Event, _ poller: inout Poller, _ tally: inout Tally) throws {
      let index = Int(event.token)
      guard let connection = connections[index] else { return }
      do throws(ConnectionFailure) {
        try send(connection)
        guard event.readiness.canReceive, try receive(index, connection) else { return }
      } catch {
        return try fail(index, error, &tally)
      }
      let now = monotonicNanoseconds()
      tally.complete(after: now - connection.moment)
      failures = 0
      // To let go of it is to close it, and then epoll knows it no more.
      connections[index] = nil
      try connect(index, now, &poller, &tally)
    }

    mutating func end(at now: Int64, _ tally: inout Tally) {}

    /// Begins a connection. With edges one registration does: it is told of once connected, and of the reply.
    private mutating func connect(
      _ index: Int, _ now: Int64, _ poller: inout Poller, _ tally: inout Tally
    ) throws {
      do throws(SocketError) {
        let socket = try Socket(for: server.address, .stream)
        if server.address.family != .unix { try socket.set(.noDelay, true) }
        do throws(SocketError) {
          try socket.connect(to: server.address, until: .now)
        } catch  where error.errno == .inProgress {
          // The poller says when it is there.
        }
        try poller.add(socket, for: [.read, .write], token: UInt64(index), trigger: .edge)
        connections[index] = Connection(socket, now, greeting: server.greeting)
      } catch {
        // The backlog of a Unix listener is full, or so many connections were closed just now that no port is free.
        guard error.errno == .wouldBlock || error.errno == .addressNotAvailable else {
          return try fail(index, .failed(error), &tally)
        }
        putOff(index)
      }
    }

    /// Gives a connection up, to be made again later. If none comes about any more there is nothing to measure.
    private mutating func fail(_ index: Int, _ failure: ConnectionFailure, _ tally: inout Tally) throws {
      connections[index] = nil
      tally.errors += 1
      failures += 1
      if case .wrong = failure { failures = .max }
      guard failures <= connections.count else { throw Failure("\(settings.endpoint): \(failure)") }
      putOff(index)
    }

    private mutating func putOff(_ index: Int) {
      if missing.isEmpty { nextTry = monotonicNanoseconds() + Self.pause }
      missing.append(index)
    }

    /// Sends what is left of the request, as far as the kernel has room.
    private func send(_ connection: Connection) throws(ConnectionFailure) {
      while connection.sent < settings.payload {
        let count = min(settings.payload - connection.sent, Pattern.chunk)
        let bytes = pattern.bytes(at: connection.sent % Pattern.period, count: count)
        do throws(SocketError) {
          connection.sent += try connection.socket.send(bytes, until: .now)
        } catch {
          guard error.errno == .wouldBlock else { throw .failed(error) }
          return
        }
      }
    }

    /// Receives what there is; true when the whole reply has come.
    private mutating func receive(_ index: Int, _ connection: Connection) throws(ConnectionFailure) -> Bool {
      while connection.received < settings.payload {
        guard let count = try connection.socket.receiveNow(into: &buffer) else { return false }
        guard count > 0 else { throw .ended }
        let greeting = min(count, connection.greeting)
        connection.greeting -= greeting
        let reply = buffer.span.extracting(greeting..<count)
        guard connection.received + reply.count <= connection.sent,
          pattern.matches(reply, at: connection.received % Pattern.period)
        else { throw .wrong(connection: index) }
        connection.received += reply.count
      }
      return true
    }
  }
#endif
