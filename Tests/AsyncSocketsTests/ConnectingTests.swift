import AsyncSockets
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectingTests {
  @Test(
    "a connection is made to an address, from one, and to each kind", arguments: Poller.Engine.allCases, [true, false])
  func connect(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for address in [SocketAddress.loopback(port: 0), .ipv6(.loopback, port: 0), try abstractName()] {
        let listener = try await Listener(at: address, on: loop)
        let target = try listener.localAddress
        let client = try await Connection.connected(to: target, on: loop, until: .after(soon))
        let served = try await listener.accept(until: .after(soon))
        if address.family != .unix { #expect(try client.localAddress == served.peerAddress) }
        try await client.sendAll("x")
        #expect(try await served.receive(upTo: 9, until: .after(soon)) == bytes("x"))
      }
      let listener = try await Listener(at: .loopback(port: 0), on: loop)
      let local = try SocketAddress("127.0.0.2:0")
      let client = try await Connection.connected(to: listener.localAddress, from: local, on: loop, until: .after(soon))
      #expect(try client.localAddress.with(port: 0) == local)
    }
  }

  @Test(
    "a refused connect says so, with the address, and leaves nothing (trap 10)", arguments: Poller.Engine.allCases,
    [true, false])
  func refused(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      for address in [try SocketAddress("127.0.0.1:1"), try SocketAddress("[::1]:1"), try abstractName()] {
        for _ in 0..<100 {
          let error = await failure { _ = try await Connection.connected(to: address, on: loop, until: .after(soon)) }
          #expect(error?.errno == .connectionRefused && error?.address == address)
        }
      }
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  /// An address that takes a connect and never answers: a listener whose backlog is full.
  private static func unanswering() throws -> (address: SocketAddress, sockets: [Held]) {
    let listener = try listening(backlog: 0)
    let address = try listener.localAddress
    let first = try Socket.connected(to: address, until: .after(soon))
    let second = try Socket(.ipv4, .stream)
    try second.setNonBlocking(true)
    _ = socketFailure { try second.connect(to: address, until: .now) }
    return (address, [Held(listener), Held(first), Held(second)])
  }

  @Test(
    "a connect that nobody answers ends with its deadline, its task, or its loop (trap 10)",
    arguments: Poller.Engine.allCases, [true, false])
  func unanswered(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      let nobody = try Self.unanswering()
      let late = await failure {
        _ = try await Connection.connected(to: nobody.address, on: loop, until: .after(.milliseconds(30)))
      }
      #expect(late?.reason == .timedOut && late?.address == nobody.address)
      let byName = try Endpoint("\(nobody.address)")
      do throws(ConnectError) {
        _ = try await Connection.connected(to: byName, on: loop, until: .after(.milliseconds(30)))
        Issue.record("nobody answers")
      } catch {
        #expect(error.attempts.map(\.error.reason) == [.timedOut])
      }
      await withTaskGroup(of: SocketError.Reason?.self) { group in
        group.addTask {
          await failure {
            _ = try await Connection.connected(to: nobody.address, on: loop, until: .after(soon))
          }?.reason
        }
        for _ in 0..<5 { await Task.yield() }
        group.cancelAll()
        #expect(await group.next() == .cancelled)
      }
      async let stopped = failure {
        _ = try await Connection.connected(to: nobody.address, on: loop, until: .after(soon))
      }
      for _ in 0..<5 { await Task.yield() }
      loop.stop()
      #expect(await stopped?.reason == .loopClosed)
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test("the full backlog of a Unix listener is waited for (trap 9)", arguments: Poller.Engine.allCases, [true, false])
  func unixBacklog(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let name = try abstractName()
      let listener = try await Listener(at: name, backlog: 0, on: loop)
      let first = try await Connection.connected(to: name, on: loop, until: .after(soon))
      let full = await failure { _ = try await Connection.connected(to: name, on: loop, until: .now) }
      #expect(full?.errno == .wouldBlock)
      let late = await failure {
        _ = try await Connection.connected(to: name, on: loop, until: .after(.milliseconds(20)))
      }
      #expect(late?.reason == .timedOut && late?.address == name, "\(late.map { "\($0)" } ?? "none")")
      await withTaskGroup(of: SocketError.Reason?.self) { group in
        group.addTask {
          await failure { _ = try await Connection.connected(to: name, on: loop, until: .after(soon)) }?.reason
        }
        for _ in 0..<5 { await Task.yield() }
        group.cancelAll()
        #expect(await group.next() == .cancelled)
      }
      async let second = Connection.connected(to: name, on: loop, until: .after(soon))
      for _ in 0..<5 { await Task.yield() }
      _ = try await listener.accept(until: .after(soon))
      try await second.sendAll("x")
      let served = try await listener.accept(until: .after(soon))
      #expect(try await served.receive(upTo: 9, until: .after(soon)) == bytes("x"))
      first.close()
    }
  }

  @Test("a name is looked up and connected to", arguments: Poller.Engine.allCases, [true, false])
  func name(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      // It stands for ::1 too, where nobody listens: the other one is tried then.
      let listener = try await Listener(at: .loopback(port: 0), on: loop)
      let endpoint = try Endpoint("localhost:\(listener.localAddress.port!)")
      for _ in 0..<20 {
        async let accepted = listener.accept(until: .after(soon))
        let client = try await Connection.connected(to: endpoint, on: loop, until: .after(soon))
        let served = try await accepted
        #expect(try client.localAddress == served.peerAddress)
        try await served.sendAll("x")
        #expect(try await client.receive(upTo: 9, until: .after(soon)) == bytes("x"))
      }
      listener.close()
      do throws(ConnectError) {
        _ = try await Connection.connected(to: endpoint, on: loop, until: .after(soon))
        Issue.record("nobody listens")
      } catch {
        #expect(!error.attempts.isEmpty && error.resolveError == nil)
        #expect(error.attempts.allSatisfy { $0.error.errno == .connectionRefused })
      }
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test(
    "a name that nobody has is the look-up's error, and many at once are looked up (trap 35)", arguments: [true, false])
  func unknown(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let endpoint = try Endpoint("nobody.invalid:1")
      let local = try Endpoint("localhost:1")
      await withTaskGroup { group in
        for number in 0..<50 {
          group.addTask {
            do throws(ConnectError) {
              _ = try await Connection.connected(
                to: number % 2 == 0 ? endpoint : local, on: loop, until: .after(.seconds(30)))
              Issue.record("nobody listens")
            } catch {
              #expect((error.resolveError != nil) == (number % 2 == 0))
              #expect(error.interruption == nil)
            }
          }
        }
      }
    }
  }

  @Test("a look-up is waited for no longer than the deadline, or its task", arguments: [true, false])
  func interrupted(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let endpoint = try Endpoint("localhost:1")
      do throws(ConnectError) {
        _ = try await Connection.connected(to: endpoint, on: loop, until: .after(.seconds(-1)))
        Issue.record("nobody listens")
      } catch {
        // Whichever is first: the look-up, or the deadline that has passed.
        #expect(error.interruption?.reason == .timedOut || !error.attempts.isEmpty)
      }
      let reason = await withTaskGroup(of: ConnectError?.self) { group in
        group.cancelAll()
        group.addTask {
          do throws(ConnectError) {
            _ = try await Connection.connected(to: endpoint, on: loop, until: .after(soon))
            return nil
          } catch {
            return error
          }
        }
        return await group.next()!
      }
      #expect(reason?.interruption?.reason == .cancelled || reason?.attempts.isEmpty == false)
    }
  }
}
