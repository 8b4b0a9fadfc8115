import Glibc
import Sockets
import Testing

@Suite struct AcceptTests {
  @Test("a connection is accepted with its peer's address")
  func accept() throws {
    let listener = try listener()
    let client = try Socket.connected(to: listener.localAddress)
    let accepted = try listener.accept()
    #expect(try accepted.peer == client.localAddress)
    #expect(try accepted.socket.peerAddress == client.localAddress)
    #expect(try accepted.socket.localAddress == listener.localAddress)
    let isNonBlocking = try accepted.socket.isNonBlocking
    #expect(!isNonBlocking)
  }

  @Test("with nobody there, accept waits until the deadline and no longer", arguments: [false, true])
  func deadline(_ isBlocking: Bool) throws {
    let listener = try listener()
    // As a descriptor may come from elsewhere.
    try listener.setNonBlocking(!isBlocking)
    #expect(socketFailure { _ = try listener.accept(until: .now) } == SocketError(.accept, .errno(.wouldBlock)))
    #expect(
      socketFailure { _ = try listener.accept(until: .after(.milliseconds(20))) } == SocketError(.accept, .timedOut))
    #expect(socketFailure { _ = try listener.accept(until: .after(.seconds(-1))) } == SocketError(.accept, .timedOut))
  }

  @Test("listen makes the descriptor non-blocking, and accept without a deadline waits all the same")
  func waits() throws {
    let listener = try listener()
    #expect(try listener.isNonBlocking)
    let address = try listener.localAddress
    let client = Background { try Socket.connected(to: address, until: .after(soon)).release() }
    let accepted = try listener.accept()
    let connected = try Socket(adopting: client.value())
    #expect(try connected.localAddress == accepted.peer)
  }

  @Test("trap 31: of two that wait for one connection, the one that comes too late goes on waiting")
  func spurious() throws {
    let listener = try listener()
    let tasks = try (0..<2).map { _ in
      let descriptor = try listener.duplicate().release()
      return Background {
        let listener = try Socket(adopting: descriptor)
        do throws(SocketError) {
          _ = try listener.accept(until: .after(.milliseconds(300)))
          return true
        } catch {
          guard error.reason == .timedOut else { throw error }
          return false
        }
      }
    }
    let client = try Socket.connected(to: listener.localAddress)
    var count = 0
    for task in tasks { count += try task.value() ? 1 : 0 }
    #expect(count == 1)
    #expect(try client.peerAddress == listener.localAddress)
  }

  @Test("trap 12: a connection that was reset before it is accepted harms nobody")
  func aborted() throws {
    let listener = try listener()
    for _ in 0..<20 {
      let client = try Socket.connected(to: listener.localAddress)
      try client.set(.linger, .zero)
      try client.close()
    }
    let client = try Socket.connected(to: listener.localAddress)
    // Linux hands out connections that are dead already: whichever comes, none is an error.
    while try listener.accept(until: .after(soon)).peer != client.localAddress {}
  }

  @Test("trap 13: without a free descriptor accept says so, and the connection waits in the backlog")
  func exhausted() async {
    await #expect(processExitsWith: .success) {
      let listener = try listener()
      let client = try Socket.connected(to: listener.localAddress)
      // None is free below 1, whatever the process's other threads open and close meanwhile.
      var limit = rlimit()
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      // The limit is written, and read, before the call returns.
      ensure(unsafe getrlimit(resource, &limit) == 0)
      let before = limit.rlim_cur
      limit.rlim_cur = 1
      // As above.
      ensure(unsafe setrlimit(resource, &limit) == 0)
      let error = socketFailure { _ = try listener.accept(until: .after(soon)) }
      ensure(error?.errno == .tooManyOpenFiles && error!.isShortage, "\(error.map { "\($0)" } ?? "no error")")
      ensure("\(error!)" == "accept: too many open files (EMFILE)")
      limit.rlim_cur = before
      // As above.
      ensure(unsafe setrlimit(resource, &limit) == 0)
      let accepted = try listener.accept(until: .after(soon))
      ensure(try accepted.peer == client.localAddress)
    }
  }

  @Test("trap 13: the pause doubles from 5 ms to 1 s, and begins again after a success")
  func backoff() {
    var backoff = AcceptBackoff()
    let delays = (0..<10).map { _ in backoff.next() }
    #expect(delays.prefix(4) == [.milliseconds(5), .milliseconds(10), .milliseconds(20), .milliseconds(40)])
    #expect(delays.suffix(2) == [.seconds(1), .seconds(1)])
    backoff.reset()
    #expect(backoff.next() == .milliseconds(5))
  }

  @Test("trap 1: a signal does not end a wait for a connection, and shortens none; unless asked to")
  func interrupted() async {
    await #expect(processExitsWith: .success) {
      let listener = try listener()
      interruptEvery(milliseconds: 5)
      let start = Deadline.after(.zero)
      let error = socketFailure { _ = try listener.accept(until: .after(.milliseconds(200))) }
      ensure(error?.reason == .timedOut)
      ensure(signalCount > 10 && start.timeLeft == .zero)
      ensure(!(Deadline.after(.milliseconds(-190)) < start), "waited for the whole time")
      let second = socketFailure { _ = try listener.accept(retryOnInterrupt: false) }
      ensure(second?.errno == .interrupted)
    }
  }
}
