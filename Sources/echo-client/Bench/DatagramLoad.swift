#if Programs
  internal import EchoSupport
  internal import Sockets

  /// Requests that are a datagram each, numbered, so that a reply is known for whose it is, and one that is lost is
  /// missed. With segments, those that can be sent to a server at the same time go with one call.
  struct DatagramLoad: Load, ~Copyable {
    /// How long a reply may take: what is not there by then is lost. How often to look.
    private static let patience: Int64 = 200_000_000
    private static let checkInterval: Int64 = 20_000_000
    /// Bytes of the number.
    private static let numberLength = 8
    /// How often to receive from one connection before others have their turn.
    private static let receiveLimit = 64

    private let settings: BenchSettings
    private let pattern = Pattern()
    private var connections: Connections
    /// How many requests a connection can have under way: places one behind another, those of each connection together.
    private let window: Int
    private var slots: [Slot]
    /// How many of a connection's requests are to be sent, and whether the kernel had no room for them.
    private var unsent: [Int]
    private var isBlocked: [Bool]
    private var schedule: Schedule?
    private var scheduled = 0
    private var nextCheck: Int64 = 0
    /// Datagrams to send, complete but for their numbers, and where those that are sent together have their places.
    private var outgoing: [UInt8] = []
    private var places: [Int] = []
    private let burst: Int
    private var buffer: [UInt8]
    private var batch: DatagramBatch

    /// A place for a request.
    private struct Slot {
      enum State {
        case free, unsent, sent
      }

      /// Its number: the connection's index, and so many times the number of connections as the connection has had
      /// requests before.
      var number: Int
      var state = State.free
      /// When it was made or due, and when it was sent.
      var moment: Int64 = 0
      var sent: Int64 = 0
    }

    init(_ settings: BenchSettings) throws {
      self.settings = settings
      connections = try Connections(settings)
      let count = settings.connections
      // On schedule: as many as can be due before the first of them is lost, and then some.
      window = settings.rate.map { Int($0 / Double(count) * 0.25) + 2 } ?? settings.pipeline
      slots = []
      for index in 0..<count {
        for place in 0..<window { slots.append(Slot(number: place * count + index)) }
      }
      unsent = .init(repeating: 0, count: count)
      isBlocked = .init(repeating: false, count: count)
      burst = settings.kind == .segments ? settings.pipeline : 1
      let body = [UInt8](copying: Pattern().bytes(at: 0, count: settings.payload - Self.numberLength))
      for _ in 0..<burst { outgoing += [UInt8](repeating: 0, count: Self.numberLength) + body }
      // One more than there can be, so that a reply that is too long shows.
      buffer = .init(repeating: 0, count: settings.payload + 1)
      let isSegmented = settings.kind == .segments
      batch = DatagramBatch(capacity: isSegmented ? 16 : 1, datagramCapacity: isSegmented ? 65_535 : 1)
    }

    mutating func begin(at now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws {
      for index in 0..<connections.count {
        guard let connection = connections[index] else { continue }
        if settings.kind == .segments { try connection.socket.set(.receiveSegments, true) }
        try poller.add(connection.socket, for: .read, token: UInt64(index))
      }
      nextCheck = now + Self.checkInterval
      if let rate = settings.rate {
        schedule = Schedule(start: now, rate: rate)
        return
      }
      for index in 0..<connections.count {
        for place in index * window..<(index + 1) * window { make(place, index, at: now) }
        try flush(index, now, &poller, &tally)
      }
    }

    mutating func advance(to now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws -> Int64 {
      if now >= nextCheck {
        nextCheck = now + Self.checkInterval
        try giveUpLost(now, &poller, &tally)
      }
      guard let schedule else { return nextCheck }
      // Not for ever: replies want their turn.
      for _ in 0..<1024 {
        let due = schedule.due(scheduled)
        guard due <= now else { break }
        let (number, index) = (scheduled, scheduled % connections.count)
        scheduled += 1
        guard let connection = connections[index] else {
          tally.errors += 1
          continue
        }
        let place = place(of: number)
        // The one that had the place has had its time.
        if slots[place].state != .free { tally.lost += 1 }
        if slots[place].state == .unsent { unsent[index] -= 1 }
        slots[place].number = number
        make(place, index, at: due)
        guard !isBlocked[index] else { continue }
        places.append(place)
        do throws(ConnectionFailure) {
          try send(index, now, connection.socket, &poller)
        } catch {
          try connections.fail(index, error, &poller, &tally)
        }
      }
      return min(schedule.due(scheduled), nextCheck)
    }

    mutating func handle(_ event: Poller.Event, _ poller: inout Poller, _ tally: inout Tally) throws {
      let index = Int(event.token)
      if isBlocked[index], event.readiness.canSend {
        try flush(index, monotonicNanoseconds(), &poller, &tally)
      }
      guard event.readiness.canReceive, let connection = connections[index] else { return }
      do throws(ConnectionFailure) {
        for _ in 0..<(window > 1 ? Self.receiveLimit : 1) {
          guard
            try settings.kind == .segments
              ? receiveSegments(index, connection.socket, &tally) : receive(index, connection.socket, &tally)
          else { break }
        }
        if unsent[index] > 0, !isBlocked[index] {
          try flush(index, monotonicNanoseconds(), connection.socket, &poller)
        }
      } catch {
        try connections.fail(index, error, &poller, &tally)
      }
    }

    mutating func end(at now: Int64, _ tally: inout Tally) {}
  }

  extension DatagramLoad {
    /// The place of a request.
    private func place(of number: Int) -> Int {
      let (turn, index) = number.quotientAndRemainder(dividingBy: connections.count)
      return index * window + turn % window
    }

    /// Makes a request that is to be sent.
    private mutating func make(_ place: Int, _ index: Int, at moment: Int64) {
      slots[place].moment = moment
      slots[place].state = .unsent
      unsent[index] += 1
    }

    /// Makes the next request in the place of one that is done with.
    private mutating func makeNext(_ place: Int, _ index: Int, at moment: Int64) {
      slots[place].number += window * connections.count
      make(place, index, at: moment)
    }

    /// Counts those as lost that no reply has come to.
    private mutating func giveUpLost(_ now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws {
      for index in 0..<connections.count where connections[index] != nil {
        for place in index * window..<(index + 1) * window
        where slots[place].state == .sent && now - slots[place].sent > Self.patience {
          tally.lost += 1
          slots[place].state = .free
          if schedule == nil { makeNext(place, index, at: now) }
        }
        if unsent[index] > 0, !isBlocked[index] { try flush(index, now, &poller, &tally) }
      }
    }

    private mutating func flush(_ index: Int, _ now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws {
      guard let connection = connections[index] else { return }
      do throws(ConnectionFailure) {
        try flush(index, now, connection.socket, &poller)
      } catch {
        try connections.fail(index, error, &poller, &tally)
      }
    }

    /// Sends everything that is to be sent, as far as the kernel has room.
    private mutating func flush(
      _ index: Int, _ now: Int64, _ socket: borrowing Socket, _ poller: inout Poller
    ) throws(ConnectionFailure) {
      let wasBlocked = isBlocked[index]
      isBlocked[index] = false
      for place in index * window..<(index + 1) * window {
        guard unsent[index] > 0, !isBlocked[index] else { break }
        guard slots[place].state == .unsent else { continue }
        places.append(place)
        // The last of them fills a burst, or ends it.
        if places.count == burst || places.count == unsent[index] { try send(index, now, socket, &poller) }
      }
      guard wasBlocked, !isBlocked[index] else { return }
      try watch(index, for: .read, socket, &poller)
    }

    /// Sends the requests at some places with one call.
    private mutating func send(
      _ index: Int, _ now: Int64, _ socket: borrowing Socket, _ poller: inout Poller
    ) throws(ConnectionFailure) {
      defer { places.removeAll(keepingCapacity: true) }
      for (position, place) in places.enumerated() {
        let number = UInt64(slots[place].number)
        for byte in 0..<Self.numberLength {
          outgoing[position * settings.payload + byte] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
        }
      }
      var sent = places.count
      do throws(SocketError) {
        let bytes = outgoing.span.extracting(first: places.count * settings.payload)
        if places.count == 1 {
          _ = try socket.send(bytes, until: .now)
        } else {
          try socket.sendSegments(bytes, of: settings.payload, until: .now)
        }
      } catch {
        guard error.errno == .wouldBlock else { throw .failed(error) }
        sent = error.bytesTransferred / settings.payload
        isBlocked[index] = true
        try watch(index, for: [.read, .write], socket, &poller)
      }
      for place in places.prefix(sent) {
        slots[place].state = .sent
        slots[place].sent = now
      }
      unsent[index] -= sent
    }

    private func watch(
      _ index: Int, for interest: Interest, _ socket: borrowing Socket, _ poller: inout Poller
    ) throws(ConnectionFailure) {
      do throws(SocketError) {
        try poller.modify(socket, for: interest, token: UInt64(index))
      } catch {
        throw .failed(error)
      }
    }

    /// Receives a datagram; false if there is none.
    private mutating func receive(
      _ index: Int, _ socket: borrowing Socket, _ tally: inout Tally
    ) throws(ConnectionFailure) -> Bool {
      guard let count = try socket.receiveNow(into: &buffer) else { return false }
      let number = try number(of: buffer.span.extracting(first: count), index)
      try complete(number, index, monotonicNanoseconds(), &tally)
      return true
    }

    /// Receives what datagrams there are, some of which may have come as one; false if there is none.
    private mutating func receiveSegments(
      _ index: Int, _ socket: borrowing Socket, _ tally: inout Tally
    ) throws(ConnectionFailure) -> Bool {
      do throws(SocketError) {
        try socket.receive(into: &batch, until: .now)
      } catch {
        guard error.errno == .wouldBlock else { throw .failed(error) }
        return false
      }
      let now = monotonicNanoseconds()
      for datagram in 0..<batch.count {
        let length = batch.bytes(at: datagram).count
        let size = batch.segmentSize(at: datagram) ?? max(length, 1)
        for start in stride(from: 0, to: max(length, 1), by: size) {
          let end = min(start + size, length)
          let number = try number(of: batch.bytes(at: datagram).extracting(start..<end), index)
          try complete(number, index, now, &tally)
        }
      }
      return true
    }

    /// The number of a reply, which is otherwise what was sent.
    private func number(of reply: Span<UInt8>, _ index: Int) throws(ConnectionFailure) -> Int {
      guard reply.count == settings.payload,
        pattern.matches(reply.extracting(Self.numberLength...), at: 0)
      else { throw .wrong(connection: index) }
      var number: UInt64 = 0
      for byte in 0..<Self.numberLength { number |= UInt64(reply[byte]) << UInt64(8 * byte) }
      guard let number = Int(exactly: number) else { throw .wrong(connection: index) }
      return number
    }

    /// A reply has come.
    private mutating func complete(
      _ number: Int, _ index: Int, _ now: Int64, _ tally: inout Tally
    ) throws(ConnectionFailure) {
      guard number % connections.count == index else { throw .wrong(connection: index) }
      let place = place(of: number)
      // One that was given up has come after all, or twice; one that was not sent yet has not come from here.
      guard number <= slots[place].number else { throw .wrong(connection: index) }
      guard number == slots[place].number, slots[place].state == .sent else { return }
      tally.complete(after: now - slots[place].moment)
      slots[place].state = .free
      if schedule == nil { makeNext(place, index, at: now) }
    }
  }
#endif
