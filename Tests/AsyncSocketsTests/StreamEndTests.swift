import AsyncSockets
import Sockets
import Testing

/// Ways to receive what there is.
enum Form: CaseIterable {
  case array, span, lent

  func receive(_ connection: Connection) async throws -> [UInt8] {
    switch self {
    case .array: return try await connection.receive(upTo: 100_000, until: .after(soon))
    case .lent: return try await connection.receive(until: .after(soon)) { [UInt8](unsafeOf: $0) }
    case .span:
      var buffer = [UInt8](repeating: 0, count: 100_000)
      let count: Int
      do {
        var span = buffer.mutableSpan
        count = try await connection.receive(into: &span, until: .after(soon))
      }
      return Array(buffer[..<count])
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct StreamEndTests {
  @Test(
    "data and an end that come together are both seen, and we can still send (trap 28, trap 32)",
    arguments: Poller.Engine.allCases, [true, false])
  func together(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        for form in Form.allCases {
          for isFirst in [true, false] {
            let (socket, peer) = try kind.pair()
            let end = {
              try peer.socket.sendAll("last")
              try peer.socket.shutdown(.write)
            }
            // There before the loop watches, or after.
            if isFirst { try end() }
            let connection = try await Connection(socket.socket.duplicate(), on: loop)
            if !isFirst { try end() }
            #expect(try await form.receive(connection) == bytes("last"))
            #expect(try await form.receive(connection) == [])
            // Again and again.
            #expect(try await form.receive(connection) == [])
            try await connection.sendAll("answer", until: .after(soon))
            #expect(try peer.received() == bytes("answer"))
          }
        }
      }
    }
  }

  @Test(
    "an end that comes while a receive waits, alone or behind data, wakes it (trap 28, trap 32)",
    arguments: Poller.Engine.allCases, [true, false])
  func late(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        for form in Form.allCases {
          for text in ["", "x"] {
            let (connection, peer) = try await kind.joined(on: loop)
            async let first = form.receive(connection)
            await Task.yield()
            if !text.isEmpty { try peer.socket.sendAll(text) }
            try peer.socket.shutdown(.write)
            #expect(try await first == bytes(text))
            #expect(try await form.receive(connection) == [])
          }
        }
      }
    }
  }

  @Test("each end may be the first to send no more (trap 28)", arguments: Poller.Engine.allCases, [true, false])
  func halfClose(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(1_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.connections(on: loop)
        try connection.shutdown(.write)
        #expect(try await peer.receivedAll() == [])
        async let sent: Void = {
          try await peer.sendAll(large, until: .after(soon))
          try peer.shutdown(.write)
        }()
        let isWhole = try await connection.receivedAll() == large
        #expect(isWhole)
        try await sent
        let outcome = await failure { try await connection.sendAll("x") }
        #expect(outcome?.errno == .brokenPipe)
      }
    }
  }

  @Test("a reset is an error of that connection alone (trap 29)", arguments: Poller.Engine.allCases, [true, false])
  func reset(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (other, otherPeer) = try await Kind.tcp.joined(on: loop)
      for isWaiting in [true, false] {
        let listener = try listening()
        var client: Held? = Held(try Socket.connected(to: listener.localAddress, until: .after(soon)))
        let accepted = try listener.accept(until: .after(soon))
        let connection = try await Connection(accepted.socket, on: loop)
        try client?.socket.set(.linger, .zero)
        async let waited = failure { _ = try await connection.receive(upTo: 1, until: .after(soon)) }
        if isWaiting { await Task.yield() }
        client = nil
        #expect(await waited?.errno == .connectionReset)
        let outcome = await failure { try await connection.sendAll("x") }
        #expect(outcome?.errno == .brokenPipe)
        #expect(try await connection.receive(upTo: 1, until: .after(soon)) == [])
      }
      async let received = other.receive(upTo: 9, until: .after(soon))
      try otherPeer.socket.sendAll("fine")
      #expect(try await received == bytes("fine"))
    }
  }

  @Test("a reset wakes a call that sends (trap 29)", arguments: Poller.Engine.allCases, [true, false])
  func resetWhileSending(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(8_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      let listener = try listening()
      var client: Held? = Held(try Socket.connected(to: listener.localAddress, until: .after(soon)))
      let accepted = try listener.accept(until: .after(soon))
      let connection = try await Connection(accepted.socket, on: loop)
      async let sent = failure { try await connection.sendAll(large, until: .after(soon)) }
      let outcome = await eventually { (try? client?.socket.receiveQueueSize) ?? 0 > 0 }
      #expect(outcome)
      try client?.socket.set(.linger, .zero)
      client = nil
      let errno = await sent?.errno
      #expect(errno == .connectionReset || errno == .brokenPipe)
    }
  }

  @Test(
    "readiness that was for another goes back to waiting (trap 31)", arguments: Poller.Engine.allCases, [true, false])
  func spurious(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      // Two that wait for one connection, and two that wait for the same bytes.
      let socket = try listening()
      let listeners = [
        try await Listener(socket.duplicate(), on: loop), try await Listener(socket.duplicate(), on: loop),
      ]
      let (left, peer) = try Kind.unix.pair()
      let connections = [
        try await Connection(left.socket.duplicate(), on: loop),
        try await Connection(left.socket.duplicate(), on: loop),
      ]
      try await withThrowingTaskGroup(of: SocketAddress.self) { group in
        for listener in listeners { group.addTask { try await listener.accept(until: .after(soon)).peerAddress } }
        for _ in 0..<2 {
          let client = try Socket.connected(to: socket.localAddress, until: .after(soon))
          #expect(try await group.next() == client.localAddress)
        }
      }
      try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for connection in connections { group.addTask { try await connection.receive(upTo: 9, until: .after(soon)) } }
        await Task.yield()
        for text in ["one", "two"] {
          try peer.socket.sendAll(text)
          #expect(try await group.next() == bytes(text))
        }
      }
    }
  }

  @Test(
    "the process sleeps beside a connection that has ended and that nobody receives from",
    arguments: Poller.Engine.allCases)
  func idleAfterEnd(_ engine: Poller.Engine) async throws {
    try await withLoop(engine) { loop in
      let (connection, peer) = try Kind.unix.pair()
      let watched = try await Connection(connection.socket.duplicate(), on: loop)
      try peer.socket.sendAll("unread")
      try peer.socket.shutdown(.both)
      let used = try await processorTime(of: .milliseconds(200), on: loop)
      #expect(used < .milliseconds(100))
      #expect(try await watched.receive(upTo: 9, until: .after(soon)) == bytes("unread"))
    }
  }
}

/// How much processor time a loop's thread uses while its tasks sleep for so long. On the loop's thread.
func processorTime(of duration: Duration, on loop: EventLoop) async throws -> Duration {
  let start = threadTime()
  try await loop.sleep(until: .after(duration))
  return threadTime() - start
}
