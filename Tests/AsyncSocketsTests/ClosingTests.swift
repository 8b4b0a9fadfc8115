import AsyncSockets
import Sockets
import Testing

@Suite(.timeLimit(.minutes(2))) struct ClosingTests {
  @Test("closing wakes every call that waits (trap 3)", arguments: Poller.Engine.allCases, [true, false])
  func wakes(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(2_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop, sendBuffer: 8192)
        let listener = try await Listener(at: .loopback(port: 0), on: loop)
        await withTaskGroup(of: SocketError.Reason?.self) { group in
          group.addTask { await failure { _ = try await connection.receive(upTo: 1, until: .after(soon)) }?.reason }
          group.addTask { await failure { try await connection.sendAll(large, until: .after(soon)) }?.reason }
          group.addTask { await failure { _ = try await listener.accept(until: .after(soon)) }?.reason }
          for _ in 0..<5 { await Task.yield() }
          connection.close()
          listener.close()
          for await reason in group { #expect(reason == .closed) }
        }
        #expect(connection.isClosed && listener.isClosed)
        // What was sent before still comes, and then the end.
        #expect(try peer.receivedAll().count < large.count)
      }
    }
  }

  @Test("a closed connection refuses every call, and may be closed again (trap 3)", arguments: [true, false])
  func after(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.tcp.joined(on: loop)
      #expect(!connection.isClosed)
      connection.close()
      connection.close()
      #expect(connection.isClosed)
      #expect(try peer.received() == [])
      // In its place there is another by now.
      let (other, otherPeer) = try await Kind.tcp.joined(on: loop)
      connection.close()
      #expect(connection.isClosed && !other.isClosed)
      let outcome = await failure { _ = try await connection.receive(upTo: 1) }
      #expect(outcome?.reason == .closed)
      let outcome2 = await failure { _ = try await connection.receive { $0.count } }
      #expect(outcome2?.reason == .closed)
      let outcome3 = await failure { try await connection.sendAll("x") }
      #expect(outcome3?.reason == .closed)
      let outcome4 = await failure { try connection.shutdown(.both) }
      #expect(outcome4?.reason == .closed)
      let outcome5 = await failure { _ = try connection.localAddress }
      #expect(outcome5?.reason == .closed)
      try await other.sendAll("x")
      #expect(try otherPeer.received() == bytes("x"))
    }
  }

  @Test("a socket is closed once nobody uses it, and not before (trap 3)")
  func lent() async throws {
    try await withLoop { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      try connection.withSocket { socket throws(SocketError) in
        connection.close()
        try socket.sendAll("still")
      }
      #expect(try peer.receivedAll() == bytes("still"))
    }
  }

  @Test(
    "closing that races with a receive ends it, thousands of times, and closes each descriptor once (trap 3, trap 5)",
    arguments: Poller.Engine.allCases, [true, false])
  func race(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      for round in 0..<2000 {
        let pair = try Socket.pair()
        let connection = try await Connection(pair.first.duplicate(), on: loop)
        if round % 3 == 0 { try pair.second.sendAll("x") }
        async let received = failure { _ = try await connection.receive(upTo: 1, until: .after(soon)) }
        async let closed: Void = Task.detached { connection.close() }.value
        let reason = await received?.reason
        await closed
        #expect(reason == .closed || reason == nil && round % 3 == 0)
        #expect(connection.isClosed)
      }
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("what nobody refers to is closed (trap 5)", arguments: [true, false])
  func forgotten(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let peer: Held
      do {
        let (connection, other) = try await Kind.unix.joined(on: loop)
        try await connection.sendAll("x")
        peer = other
      }
      #expect(try peer.received() == bytes("x"))
      #expect(try peer.received() == [])
    }
  }

  @Test(
    "what comes for a socket never reaches another with its number (trap 4)", arguments: Poller.Engine.allCases,
    [true, false])
  func reuse(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for round in 0..<100 {
        var old: [(connection: Connection, peer: Held)] = []
        for _ in 0..<20 { old.append(try await Kind.unix.joined(on: loop)) }
        try await withThrowingTaskGroup { group in
          // Half of them wait, and all are to hear of something.
          for (connection, _) in old[..<10] {
            group.addTask { _ = await failure { _ = try await connection.receive(upTo: 9, until: .after(soon)) } }
          }
          await Task.yield()
          for (_, peer) in old { try peer.socket.sendAll("old") }
          for (connection, _) in old { connection.close() }
          // New ones in their places, before the loop has looked.
          for number in 0..<20 {
            let (connection, peer) = try await Kind.unix.joined(on: loop)
            group.addTask {
              let outcome = await failure { _ = try await connection.receive(upTo: 9, until: .now) }
              #expect(outcome?.errno == .wouldBlock)
              async let received = connection.receive(upTo: 99, until: .after(soon))
              try peer.socket.sendAll("\(round)/\(number)")
              #expect(try await received == bytes("\(round)/\(number)"))
            }
          }
          try await group.waitForAll()
        }
      }
    }
  }

  @Test(
    "a close that SO_LINGER makes wait holds up nobody (trap 27)", arguments: Poller.Engine.allCases, [true, false])
  func linger(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(4_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.tcp.joined(on: loop, sendBuffer: 16_384)
      try connection.withSocket { socket throws(SocketError) in try socket.set(.linger, .seconds(5)) }
      let sent = await failure { try await connection.sendAll(large, until: .after(.milliseconds(20))) }
      #expect(sent?.reason == .timedOut)
      let duration = try await elapsed {
        connection.close()
        for _ in 0..<5 { try await loop.sleep(until: .after(.milliseconds(1))) }
      }
      #expect(duration < .seconds(2))
      // What was sent before the close comes all the same.
      #expect(try peer.receivedAll().count == sent?.bytesTransferred)
    }
  }
}
