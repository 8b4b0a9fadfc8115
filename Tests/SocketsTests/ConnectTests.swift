import Glibc
import Sockets
import Testing

/// An address that takes a connect and never answers: a listener whose backlog is full.
private func unanswering() throws -> Unanswering {
  let listener = try listener(backlog: 0)
  let address = try listener.localAddress
  // One waits in the backlog of 0, and the next gets no answer.
  let first = try Socket.connected(to: address, until: .after(soon))
  let second = try Socket(.ipv4, .stream)
  try second.setNonBlocking(true)
  _ = socketFailure { try second.connect(to: address, until: .now) }
  return Unanswering(address: address, sockets: .init(listener: listener, first: first, second: second))
}

private struct Unanswering: ~Copyable {
  struct Sockets: ~Copyable {
    let listener: Socket
    let first: Socket
    let second: Socket
  }
  let address: SocketAddress
  let sockets: Sockets
}

@Suite struct ConnectTests {
  @Test("a refused connect says so, with the address", arguments: [Deadline.never, .after(soon)])
  func refused(_ deadline: Deadline) throws {
    let address = try SocketAddress("127.0.0.1:1")
    let error = try #require(socketFailure { _ = try Socket.connected(to: address, until: deadline) })
    #expect(error.errno == .connectionRefused)
    #expect(error.address == address)
    #expect("\(error)" == "connect to 127.0.0.1:1: connection refused (ECONNREFUSED)")
  }

  @Test("trap 9: a connect that has begun is completed by waiting, and an error that comes later is thrown")
  func inProgress() throws {
    let listener = try listener()
    let socket = try Socket(.ipv4, .stream)
    try socket.setNonBlocking(true)
    // On loopback a non-blocking connect may be done at once, or not.
    if let error = socketFailure({ try socket.connect(to: listener.localAddress, until: .now) }) {
      #expect(error.errno == .inProgress)
      #expect(try socket.wait(for: .write, until: .after(soon)).canSend)
      try socket.connect(to: listener.localAddress, until: .now)
    }
    #expect(try socket.peerAddress == listener.localAddress)
    // EISCONN is success for the address it is connected to, and an error for any other.
    try socket.connect(to: listener.localAddress)
    #expect(socketFailure { try socket.connect(to: SocketAddress("127.0.0.1:1")) }?.errno == .isConnected)
  }

  @Test("trap 9: a signal during a connect does not end it, unless asked to")
  func interrupted() async {
    await #expect(processExitsWith: .success) {
      let nobody = try unanswering()
      interruptEvery(milliseconds: 10)
      let error = socketFailure { _ = try Socket.connected(to: nobody.address, until: .after(.milliseconds(200))) }
      ensure(error?.reason == .timedOut, "\(error!)")
      let socket = try Socket(.ipv4, .stream)
      let second = socketFailure { try socket.connect(to: nobody.address, retryOnInterrupt: false) }
      ensure(second?.errno == .interrupted, "\(second!)")
      ensure(signalCount > 5)
    }
  }

  @Test("trap 10: a connect that a deadline ends leaves nothing open, the mode as it was, and nothing under way")
  func timeout() async {
    await #expect(processExitsWith: .success) {
      let nobody = try unanswering()
      let before = try openSockets()
      let error = socketFailure { _ = try Socket.connected(to: nobody.address, until: .after(.milliseconds(50))) }
      ensure(error?.reason == .timedOut)
      ensure("\(error!)" == "connect to \(nobody.address): timed out")
      ensure(try openSockets() == before)
      for isNonBlocking in [false, true] {
        let socket = try Socket(.ipv4, .stream)
        try socket.setNonBlocking(isNonBlocking)
        let error = socketFailure { try socket.connect(to: nobody.address, until: .after(.milliseconds(50))) }
        ensure(error?.reason == .timedOut)
        ensure(try socket.isNonBlocking == isNonBlocking)
        // Called off: it can be connected to somebody who answers.
        let other = try listener()
        try socket.connect(to: other.localAddress, until: .after(soon))
        ensure(try socket.peerAddress == other.localAddress)
        ensure(try socket.isNonBlocking == isNonBlocking)
      }
    }
  }

  @Test("a connect with a deadline leaves a blocking socket blocking when it succeeds")
  func modeAfterSuccess() throws {
    let listener = try listener()
    let socket = try Socket.connected(to: listener.localAddress, until: .after(soon))
    let isNonBlocking = try socket.isNonBlocking
    #expect(!isNonBlocking)
  }

  @Test("trap 9: the full backlog of a Unix listener is said to be that, and waited for until the deadline")
  func unixQueue() throws {
    let name = SocketAddress.unix(try UnixAddress(abstract: "sockets-\(UInt64.random(in: 0 ... .max))"))
    let listener = try listener(name, backlog: 0)
    let first = try Socket.connected(to: name)
    let full = try #require(socketFailure { _ = try Socket.connected(to: name, until: .now) })
    #expect(full.errno == .wouldBlock)
    #expect("\(full)".hasSuffix("the listener's queue is full (EAGAIN)"))
    let socket = try Socket(.unix, .stream)
    let timedOut = socketFailure { try socket.connect(to: name, until: .after(.milliseconds(50))) }
    #expect(timedOut?.reason == .timedOut)
    #expect(try socket.get(.sendTimeout) == nil)
    let isNonBlocking = try socket.isNonBlocking
    #expect(!isNonBlocking)
    // Room again: the same socket gets in.
    _ = try listener.accept(until: .after(soon))
    try socket.connect(to: name, until: .after(soon))
    #expect(try first.peerAddress == name)
  }

  @Test("trap 9: a non-blocking Unix socket waits for room in the backlog like a blocking one, and stays non-blocking")
  func unixQueueNonBlocking() throws {
    let name = SocketAddress.unix(try UnixAddress(abstract: "sockets-\(UInt64.random(in: 0 ... .max))"))
    let listener = try listener(name, backlog: 0)
    let first = try Socket.connected(to: name)
    let socket = try Socket(.unix, .stream)
    try socket.setNonBlocking(true)
    #expect(socketFailure { try socket.connect(to: name, until: .after(.milliseconds(20))) }?.reason == .timedOut)
    #expect(try socket.isNonBlocking)
    let copy = try listener.duplicate().release()
    let accepter = Background { _ = try Socket(adopting: copy).accept(until: .after(soon)) }
    try socket.connect(to: name)
    try accepter.value()
    #expect(try socket.isNonBlocking)
    #expect(try first.peerAddress == name)
  }

  @Test("trap 1: signals do not lengthen a Unix connect past its deadline, nor end it early")
  func unixInterrupted() async {
    await #expect(processExitsWith: .success) {
      let name = SocketAddress.unix(try UnixAddress(abstract: "sockets-\(UInt64.random(in: 0 ... .max))"))
      let listener = try listener(name, backlog: 0)
      let first = try Socket.connected(to: name)
      interruptEvery(milliseconds: 20)
      let deadline = Deadline.after(.milliseconds(200))
      let error = socketFailure { _ = try Socket.connected(to: name, until: deadline) }
      ensure(error?.reason == .timedOut && deadline.hasPassed, "\(error.map { "\($0)" } ?? "no error")")
      // Had each signal begun the time anew, it would never have ended.
      ensure(Deadline.after(.seconds(-5)) < deadline)
      let socket = try Socket(.unix, .stream)
      let second = socketFailure { try socket.connect(to: name, until: .after(soon), retryOnInterrupt: false) }
      ensure(second?.errno == .interrupted)
      ensure(try socket.get(.sendTimeout) == nil && listener.descriptor >= 0 && first.descriptor >= 0)
    }
  }

  @Test("the socket's own time limit holds for a connect without a deadline")
  func socketTimeout() throws {
    let nobody = try unanswering()
    let socket = try Socket(.ipv4, .stream)
    try socket.set(.sendTimeout, .milliseconds(20))
    #expect(socketFailure { try socket.connect(to: nobody.address) }?.errno == .inProgress)
  }

  @Test("a socket that is bound first comes from that address")
  func from() throws {
    let listener = try listener()
    let local = try SocketAddress("127.0.0.2:0")
    let socket = try Socket.connected(to: listener.localAddress, from: local, until: .after(soon))
    let accepted = try listener.accept(until: .after(soon))
    #expect(accepted.peer.with(port: 0) == local)
    #expect(try socket.localAddress == accepted.peer)
  }

  @Test("a connect to an IPv4 address written as an IPv6 one reaches it")
  func mapped() throws {
    let address = SocketAddress.ipv6(IPv6Address(mapping: .loopback), port: 0)
    let bound = try Socket(for: address, .stream)
    try bound.bind(to: address)
    #expect(try bound.localAddress.unmapped.ip == .ipv4(.loopback))
    let listener = try listener()
    let port = try #require(try listener.localAddress.port)
    let socket = try Socket.connected(to: .ipv6(IPv6Address(mapping: .loopback), port: port), until: .after(soon))
    #expect(try socket.peerAddress.unmapped == listener.localAddress)
  }

  @Test("trap 37: the pending error is one thing, and failing to ask for it another")
  func pendingError() throws {
    let socket = try Socket(.ipv4, .stream)
    #expect(try socket.get(.error) == nil)
    try socket.setNonBlocking(true)
    let error = socketFailure { try socket.connect(to: SocketAddress("127.0.0.1:1"), until: .now) }
    if error?.errno == .inProgress {
      #expect(try socket.wait(for: .write, until: .after(soon)).contains(.error))
      #expect(try socket.get(.error) == .connectionRefused)
      #expect(try socket.get(.error) == nil)
    } else {
      #expect(error?.errno == .connectionRefused)
    }
  }
}
