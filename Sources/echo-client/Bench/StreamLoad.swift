#if Programs
  internal import EchoSupport
  internal import Sockets

  /// Requests one behind another over connections that stay open.
  struct StreamLoad: Load, ~Copyable {
    private let settings: BenchSettings
    private let pattern = Pattern()
    private var connections: Connections
    private var states: [State]
    /// When the requests that are under way were made, as many for each connection as there may be; unless a schedule
    /// says it.
    private var moments: [Int64]
    private var schedule: Schedule?
    /// How many requests were made by the schedule.
    private var scheduled = 0
    private var buffer = [UInt8](repeating: 0, count: Pattern.chunk)

    /// What is under way on a connection.
    private struct State {
      /// Bytes to send in all, and how many of them were.
      var queued = 0
      var sent = 0
      var received = 0
      /// Where in the pattern the next bytes begin.
      var sendOffset: Int
      var receiveOffset: Int
      /// How many bytes there are of the next reply.
      var partial = 0
      /// How many replies have come, and the place of the next one's moment.
      var completed = 0
      var next = 0
      /// Whether the kernel had no room for what is to be sent.
      var isBlocked = false

      init(offset: Int) {
        sendOffset = offset
        receiveOffset = offset
      }
    }

    init(_ settings: BenchSettings) throws {
      self.settings = settings
      connections = try Connections(settings)
      // Each begins elsewhere, so that one that gets another's bytes notices.
      states = (0..<settings.connections).map { State(offset: $0 * 61 % Pattern.period) }
      moments = .init(repeating: 0, count: settings.rate == nil ? settings.connections * settings.pipeline : 0)
    }

    mutating func begin(at now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws {
      for index in 0..<connections.count {
        guard let connection = connections[index] else { continue }
        // With edges the kernel need not look at a socket again that was emptied.
        try poller.add(connection.socket, for: .read, token: UInt64(index), trigger: .edge)
      }
      if let rate = settings.rate {
        schedule = Schedule(start: now, rate: rate)
        return
      }
      for index in 0..<connections.count {
        for place in 0..<settings.pipeline { moments[index * settings.pipeline + place] = now }
        try queue(settings.pipeline, index, &poller, &tally)
      }
    }

    mutating func advance(to now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws -> Int64 {
      guard let schedule else { return .max }
      // Not for ever: replies want their turn.
      for _ in 0..<1024 {
        guard schedule.due(scheduled) <= now else { break }
        let index = scheduled % connections.count
        scheduled += 1
        if connections[index] == nil { tally.errors += 1 }
        try queue(1, index, &poller, &tally)
      }
      return schedule.due(scheduled)
    }

    mutating func handle(_ event: Poller.Event, _ poller: inout Poller, _ tally: inout Tally) throws {
      let index = Int(event.token)
      guard let connection = connections[index] else { return }
      do throws(ConnectionFailure) {
        if states[index].isBlocked, event.readiness.canSend { try send(index, connection.socket, &poller) }
        guard event.readiness.canReceive else { return }
        // Fewer bytes than there was room for were all; but an end that came with them is not told of again.
        let isEnding = !event.readiness.isDisjoint(with: [.readClosed, .hangUp, .error])
        while try receive(index, connection.socket, &poller, &tally, isEnding: isEnding) {}
      } catch {
        try connections.fail(index, error, &poller, &tally)
      }
    }

    mutating func end(at now: Int64, _ tally: inout Tally) {
      defer { connections.end() }
      guard let schedule else { return }
      // What has been waited for until now without a reply counts too: at least so long.
      while schedule.due(scheduled) <= now { scheduled += 1 }
      for index in states.indices where connections[index] != nil {
        var number = states[index].completed * states.count + index
        while number < scheduled {
          tally.note(waiting: now - schedule.due(number))
          number += states.count
        }
      }
    }

    /// Makes so many more requests on a connection.
    private mutating func queue(
      _ count: Int, _ index: Int, _ poller: inout Poller, _ tally: inout Tally
    ) throws {
      guard let connection = connections[index] else { return }
      states[index].queued += count * settings.payload
      guard !states[index].isBlocked else { return }
      do throws(ConnectionFailure) {
        try send(index, connection.socket, &poller)
      } catch {
        try connections.fail(index, error, &poller, &tally)
      }
    }

    /// Sends what there is to send, as far as the kernel has room.
    private mutating func send(
      _ index: Int, _ socket: borrowing Socket, _ poller: inout Poller
    ) throws(ConnectionFailure) {
      var state = states[index]
      defer { states[index] = state }
      do throws(SocketError) {
        while state.sent < state.queued {
          let count = min(state.queued - state.sent, Pattern.chunk)
          let sent = try socket.send(pattern.bytes(at: state.sendOffset, count: count), until: .now)
          state.sent += sent
          state.sendOffset = Pattern.advance(state.sendOffset, by: sent)
        }
        guard state.isBlocked else { return }
        state.isBlocked = false
        try poller.modify(socket, for: .read, token: UInt64(index), trigger: .edge)
      } catch {
        guard error.errno == .wouldBlock else { throw .failed(error) }
        guard !state.isBlocked else { return }
        state.isBlocked = true
        do throws(SocketError) {
          try poller.modify(socket, for: [.read, .write], token: UInt64(index), trigger: .edge)
        } catch {
          throw .failed(error)
        }
      }
    }

    /// Receives once, and makes a new request for each whose reply is there; true if there may be more to receive.
    private mutating func receive(
      _ index: Int, _ socket: borrowing Socket, _ poller: inout Poller, _ tally: inout Tally, isEnding: Bool
    ) throws(ConnectionFailure) -> Bool {
      guard let count = try socket.receiveNow(into: &buffer) else { return false }
      guard count > 0 else { throw .ended }
      let now = monotonicNanoseconds()
      var state = states[index]
      guard state.received + count <= state.sent,
        pattern.matches(buffer.span.extracting(first: count), at: state.receiveOffset)
      else { throw .wrong(connection: index) }
      state.received += count
      state.receiveOffset = Pattern.advance(state.receiveOffset, by: count)
      state.partial += count
      while state.partial >= settings.payload {
        state.partial -= settings.payload
        if let schedule {
          tally.complete(after: now - schedule.due(state.completed * states.count + index))
        } else {
          let place = index * settings.pipeline + state.next
          tally.complete(after: now - moments[place])
          moments[place] = now
          state.next += 1
          if state.next == settings.pipeline { state.next = 0 }
          state.queued += settings.payload
        }
        state.completed += 1
      }
      states[index] = state
      if state.sent < state.queued, !state.isBlocked { try send(index, socket, &poller) }
      return count == buffer.count || isEnding
    }
  }
#endif
