import Glibc
import Sockets
import Testing

/// Both engines are held to the same tests.
@Suite("Poller", .serialized) struct PollerTests {
  private static let engines = Poller.Engine.allCases

  /// The tokens that are ready, without waiting.
  private func ready(_ poller: inout Poller) throws -> [UInt64] {
    var events: [Poller.Event] = []
    try poller.wait(into: &events, until: .now)
    return events.map(\.token).sorted()
  }

  @Test("what is ready is reported with its token, for as long as it is ready", arguments: engines)
  func level(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    let first = try Socket.pair()
    let second = try Socket.pair()
    try poller.add(first.first, for: .read, token: .max)
    try poller.add(second.first, for: [.read, .write], token: 7)
    #expect(try ready(&poller) == [7])
    try first.second.sendAll("x")
    for _ in 0..<3 { #expect(try ready(&poller) == [7, .max]) }
    _ = try first.first.received()
    #expect(try ready(&poller) == [7])
    try poller.modify(second.first, for: .read, token: 8)
    #expect(try ready(&poller) == [])
    try second.second.sendAll("x")
    #expect(try ready(&poller) == [8])
    try poller.remove(second.first)
    #expect(try ready(&poller) == [])
  }

  @Test("the readiness says what was found", arguments: engines)
  func readiness(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    let tcp = try tcpPair()
    try poller.add(tcp.server, for: [.read, .write], token: 1)
    var events: [Poller.Event] = []
    try poller.wait(into: &events, until: .after(soon))
    #expect(events.first?.readiness == .writable)
    try tcp.client.sendAll("x")
    try tcp.client.shutdown(.write)
    repeat {
      try poller.wait(into: &events, until: .after(soon))
    } while events.first?.readiness.contains(.readClosed) == false
    #expect(events.first?.readiness == [.readable, .writable, .readClosed])
    _ = try tcp.server.received()
    #expect(try tcp.server.received() == [])
    try tcp.server.shutdown(.write)
    repeat {
      try poller.wait(into: &events, until: .after(soon))
    } while events.first?.readiness.contains(.hangUp) == false
    // Reported though nothing is asked for.
    try poller.modify(tcp.server, for: [], token: 1)
    #expect(try ready(&poller) == [1])
  }

  @Test("an edge is reported once, and again after the caller has found that it must wait", arguments: engines)
  func edge(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    let pair = try Socket.pair()
    try poller.add(pair.first, for: .read, token: 1, trigger: .edge)
    #expect(try ready(&poller) == [])
    try pair.second.sendAll("abc")
    #expect(try ready(&poller) == [1])
    #expect(try ready(&poller) == [], "once")
    _ = try pair.first.received()
    #expect(socketFailure { _ = try pair.first.receive(upTo: 1, until: .now) }?.errno == .wouldBlock)
    poller.rearm(pair.first, for: .read)
    #expect(try ready(&poller) == [])
    try pair.second.sendAll("d")
    #expect(try ready(&poller) == [1])
  }

  @Test(
    "both directions are edges of their own, and a socket with both does not wake anyone for nothing",
    arguments: engines)
  func edges(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    let pair = try Socket.pair()
    try poller.add(pair.first, for: [.read, .write], token: 1, trigger: .edge)
    #expect(try ready(&poller) == [1], "writable from the start")
    #expect(try ready(&poller) == [])
    try pair.second.sendAll("x")
    #expect(try ready(&poller) == [1])
    #expect(try ready(&poller) == [])
    // Full, drained by the peer, and reported as writable again.
    let chunk = [UInt8](repeating: 0, count: 65_536)
    while socketFailure({ _ = try pair.first.send(chunk.span, until: .now) }) == nil {}
    poller.rearm(pair.first, for: .write)
    #expect(try ready(&poller) == [])
    while (try? pair.second.receive(upTo: 65_536, until: .now)) != nil {}
    #expect(try ready(&poller) == [1])
  }

  @Test("trap 32: a hang-up after a short read is not lost, and does not spin", arguments: engines)
  func edgeWithEnd(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    let pair = try Socket.pair()
    try poller.add(pair.first, for: .read, token: 1, trigger: .edge)
    try pair.second.sendAll("abc")
    #expect(try ready(&poller) == [1])
    #expect(try pair.first.received() == bytes("abc"))
    poller.rearm(pair.first, for: .read)
    try pair.second.close()
    #expect(try ready(&poller) == [1])
    #expect(try ready(&poller) == [])
    #expect(try pair.first.received() == [])
  }

  @Test(
    "trap 4: an event of a socket that is gone never has the token of a new one with the same number",
    arguments: engines)
  func reuse(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    var seen: Set<UInt64> = []
    var numbers: Set<Int32> = []
    for token in UInt64(0)..<50 {
      let pair = try Socket.pair()
      numbers.insert(pair.first.descriptor)
      try poller.add(pair.first, for: [.read, .write], token: token)
      try pair.second.sendAll("x")
      var events: [Poller.Event] = []
      try poller.wait(into: &events, until: .after(soon))
      #expect(events.map(\.token) == [token])
      #expect(seen.insert(token).inserted)
      // A duplicate keeps the socket alive: epoll would go on reporting it if it were only closed.
      let duplicate = try pair.first.duplicate()
      try poller.remove(pair.first)
      #expect(try ready(&poller) == [])
      _ = duplicate.descriptor
    }
    #expect(numbers.count < 50, "the numbers were used again")
  }

  @Test("a socket that was closed without being removed is forgotten", arguments: engines)
  func closed(_ engine: Poller.Engine) async {
    let isEpoll = engine == .epoll
    await #expect(processExitsWith: .success) { [isEpoll = isEpoll as Bool] in
      var poller = try Poller(engine: isEpoll ? .epoll : .poll)
      let keep = try Socket.pair()
      try poller.add(keep.first, for: .write, token: 1)
      do {
        let pair = try Socket.pair()
        try poller.add(pair.first, for: .write, token: 2)
      }
      var events: [Poller.Event] = []
      for _ in 0..<2 {
        try poller.wait(into: &events, until: .after(soon))
        ensure(events.map(\.token) == [1])
      }
    }
  }

  @Test("to add twice, or to change or remove what is not there, is a typed error", arguments: engines)
  func errors(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    let pair = try Socket.pair()
    try poller.add(pair.first, for: .read, token: 1)
    var errors: [Errno?] = []
    do throws(SocketError) { try poller.add(pair.first, for: .read, token: 2) } catch { errors.append(error.errno) }
    do throws(SocketError) { try poller.modify(pair.second, for: .read, token: 2) } catch { errors.append(error.errno) }
    do throws(SocketError) { try poller.remove(pair.second) } catch { errors.append(error.errno) }
    #expect(errors == [.exists, .noSuchFile, .noSuchFile])
  }

  @Test(
    "trap 34: there is no limit of 1,024: thousands of sockets are watched, and those that are ready are found in turn",
    arguments: engines)
  func many(_ engine: Poller.Engine) throws {
    var poller = try Poller(engine: engine)
    var pairs: [Pair] = []
    for token in 0..<1200 {
      let pair = Pair(try Socket.pair())
      try poller.add(pair.value.first, for: .read, token: UInt64(token))
      pairs.append(pair)
    }
    #expect(pairs.last!.value.first.descriptor >= 1024)
    for pair in pairs { try pair.value.second.sendAll("x") }
    var seen: Set<UInt64> = []
    var events: [Poller.Event] = []
    // Nothing is read: a fair poller shows them all, some at a time.
    for _ in 0..<1200 / 100 {
      try poller.wait(into: &events, maximum: 100, until: .after(soon))
      #expect(events.count == 100)
      seen.formUnion(events.map(\.token))
    }
    #expect(seen.count == 1200)
    for pair in pairs.shuffled() { try poller.remove(pair.value.first) }
    #expect(try ready(&poller) == [])
  }

  @Test("trap 1: a signal does not end a wait, unless asked to", arguments: engines)
  func interrupted(_ engine: Poller.Engine) async {
    let isEpoll = engine == .epoll
    await #expect(processExitsWith: .success) { [isEpoll = isEpoll as Bool] in
      var poller = try Poller(engine: isEpoll ? .epoll : .poll)
      interruptEvery(milliseconds: 5)
      let deadline = Deadline.after(.milliseconds(100))
      var events: [Poller.Event] = []
      try poller.wait(into: &events, until: deadline)
      ensure(deadline.hasPassed && signalCount > 5)
      do throws(SocketError) {
        try poller.wait(into: &events, until: .after(soon), retryOnInterrupt: false)
        ensure(false, "nothing is ready")
      } catch {
        ensure(error.errno == .interrupted)
      }
    }
  }
}

/// A pair that an array can hold.
private final class Pair {
  let value: SocketPair

  init(_ value: consuming SocketPair) {
    self.value = value
  }
}
