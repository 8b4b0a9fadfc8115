import AsyncSockets
import Sockets
import Testing

@Suite(.timeLimit(.minutes(2))) struct CancellationTests {
  @Test(
    "a cancelled task's calls end where they would wait, and not before", arguments: Poller.Engine.allCases,
    [true, false])
  func cancelled(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(2_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop, sendBuffer: 8192)
      let listener = try await Listener(at: .loopback(port: 0), on: loop)
      await withTaskGroup(of: SocketError.Reason?.self) { group in
        group.addTask { await failure { _ = try await connection.receive(upTo: 1, until: .after(soon)) }?.reason }
        group.addTask { await failure { try await connection.sendAll(large, until: .after(soon)) }?.reason }
        group.addTask { await failure { _ = try await listener.accept(until: .after(soon)) }?.reason }
        for _ in 0..<5 { await Task.yield() }
        group.cancelAll()
        for await reason in group { #expect(reason == .cancelled) }
      }
      // What is there already is still received, and the connection is as good as before.
      let sent = try peer.received(1 << 20).count
      #expect(sent > 0 && sent < large.count)
      try peer.socket.sendAll("x")
      let received = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        group.cancelAll()
        group.addTask {
          var all = try await connection.receive(upTo: 9, until: .now)
          all += bytes(await failure { _ = try await connection.receive(upTo: 9) }?.reason == .cancelled ? "!" : "?")
          return all
        }
        return try await group.next()!
      }
      #expect(received == bytes("x!"))
      try peer.socket.sendAll("y")
      #expect(try await connection.receive(upTo: 9, until: .after(soon)) == bytes("y"))
    }
  }

  @Test(
    "a cancellation that races with what comes loses no byte, thousands of times (trap 5)",
    arguments: Poller.Engine.allCases, [true, false])
  func race(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      let rounds = 3000
      var next = 0
      for round in 0..<rounds {
        let task = Task(executorPreference: onLoop ? loop : nil) {
          do throws(SocketError) {
            return Result<[UInt8], SocketError>.success(try await connection.receive(upTo: 100, until: .after(soon)))
          } catch {
            return .failure(error)
          }
        }
        // From another thread, so that both come at any moment.
        try await Task.detached {
          if round % 2 == 0 { task.cancel() }
          try peer.socket.sendAll([UInt8(truncatingIfNeeded: round)].span)
          if round % 2 != 0 { task.cancel() }
        }.value
        switch await task.value {
        case .success(let bytes):
          for byte in bytes {
            #expect(byte == UInt8(truncatingIfNeeded: next))
            next += 1
          }
        case .failure(let error): #expect(error.reason == .cancelled)
        }
      }
      while next < rounds {
        for byte in try await connection.receive(upTo: 100, until: .after(soon)) {
          #expect(byte == UInt8(truncatingIfNeeded: next))
          next += 1
        }
      }
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test(
    "a cancellation that races with an accept loses no connection (trap 5)", arguments: Poller.Engine.allCases,
    [true, false])
  func acceptRace(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      let name = try abstractName()
      let listener = try await Listener(at: name, on: loop)
      let rounds = 1000
      var taken = 0
      for _ in 0..<rounds {
        let task = Task(executorPreference: onLoop ? loop : nil) {
          await failure { _ = try await listener.accept(until: .after(soon)) }?.reason
        }
        try await Task.detached {
          _ = try Socket.connected(to: name, until: .after(soon))
          task.cancel()
        }.value
        let reason = await task.value
        #expect(reason == nil || reason == .cancelled)
        if reason == nil { taken += 1 }
      }
      while taken < rounds {
        _ = try await listener.accept(until: .after(soon))
        taken += 1
      }
      let outcome = await failure { _ = try await listener.accept(until: .now) }
      #expect(outcome?.errno == .wouldBlock)
    }
    let outcome2 = try await eventually { try openSockets() <= before }
    #expect(outcome2)
  }

  @Test(
    "a loop that stops wakes the calls of its sockets, and closes nothing twice (trap 5)",
    arguments: Poller.Engine.allCases, [true, false])
  func stopped(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    for _ in 0..<50 {
      let loop = try EventLoop(engine: engine)
      try loop.start()
      try await withTaskExecutorPreference(onLoop ? loop : nil) {
        let (connection, peer) = try await Kind.unix.joined(on: loop)
        let listener = try await Listener(at: .loopback(port: 0), on: loop)
        await withTaskGroup(of: SocketError.Reason?.self) { group in
          group.addTask { await failure { _ = try await connection.receive(upTo: 1, until: .after(soon)) }?.reason }
          group.addTask { await failure { _ = try await listener.accept(until: .after(soon)) }?.reason }
          await Task.yield()
          loop.stop()
          for await reason in group { #expect(reason == .loopClosed) }
        }
        let outcome = await failure { _ = try await connection.receive(upTo: 1) }
        #expect(outcome?.reason == .loopClosed)
        let outcome2 = await failure { _ = try await Kind.unix.joined(on: loop) }
        #expect(outcome2?.reason == .loopClosed)
        try peer.socket.sendAll("x")
        connection.close()
        let outcome3 = await failure { _ = try await connection.receive(upTo: 1) }
        #expect(outcome3?.reason == .closed)
      }
    }
    let outcome4 = try await eventually { try openSockets() <= before }
    #expect(outcome4)
  }
}
