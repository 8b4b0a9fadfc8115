import Glibc
import Sockets
import Testing

@Suite struct StreamTests {
  @Test("bytes are received as they were sent, into an array, a buffer or what is appended to")
  func receive() throws {
    let pair = try Socket.pair()
    try pair.first.sendAll("one two three")
    #expect(try pair.second.receive(upTo: 3) == bytes("one"))
    var buffer = [UInt8](repeating: 0, count: 4)
    var span = buffer.mutableSpan
    #expect(try pair.second.receive(into: &span) == 4)
    #expect(buffer == bytes(" two"))
    var appended = bytes("and")
    try appended.append(addingCapacity: 100) { output throws(SocketError) in
      let count = try pair.second.receive(into: &output)
      ensure(count == 6)
    }
    #expect(appended == bytes("and three"))
  }

  @Test("what is sent from a span, an array and a text is the same")
  func send() throws {
    let pair = try Socket.pair()
    #expect(try pair.first.send(bytes("a").span) == 1)
    try pair.first.sendAll(bytes("b").span)
    try pair.first.sendAll([0x63])
    try pair.first.sendAll("d")
    #expect(try pair.second.receive(upTo: 10) == bytes("abcd"))
  }

  @Test("trap 15: no bytes to send and no room to receive are no trap, no system call's wait and no end of stream")
  func empty() throws {
    let pair = try Socket.pair()
    #expect(try pair.first.send(Span<UInt8>()) == 0)
    try pair.first.sendAll(Span<UInt8>())
    try pair.first.sendAll([])
    // Nothing is there: with room for it this would wait.
    var nothing = MutableSpan<UInt8>()
    #expect(try pair.second.receive(into: &nothing) == 0)
    try pair.second.receiveExactly(into: &nothing)
    #expect(try pair.second.peek(into: &nothing) == 0)
    #expect(try pair.second.receive(upTo: 0) == [])
    #expect(try pair.second.receive(upTo: -1) == [])
    try pair.first.sendAll("x")
    #expect(try pair.second.receive(upTo: .max) == bytes("x"))
  }

  @Test("peek leaves the bytes where they are")
  func peek() throws {
    let pair = try Socket.pair()
    try pair.first.sendAll("abc")
    for _ in 0..<2 {
      var buffer = [UInt8](repeating: 0, count: 2)
      var span = buffer.mutableSpan
      #expect(try pair.second.peek(into: &span) == 2)
      #expect(buffer == bytes("ab"))
    }
    #expect(try pair.second.received() == bytes("abc"))
    try pair.first.shutdown(.write)
    var buffer = [UInt8](repeating: 0, count: 2)
    var span = buffer.mutableSpan
    #expect(try pair.second.peek(into: &span) == 0)
  }

  @Test("receiveExactly fills the buffer across pieces, and says how much it has when the stream ends first")
  func exactly() throws {
    let pair = try Socket.pair()
    try pair.first.sendAll("abcde")
    var buffer = [UInt8](repeating: 0, count: 4)
    do {
      var span = buffer.mutableSpan
      try pair.second.receiveExactly(into: &span)
    }
    #expect(buffer == bytes("abcd"))
    try pair.first.shutdown(.write)
    let error = socketFailure {
      var span = buffer.mutableSpan
      try pair.second.receiveExactly(into: &span)
    }
    #expect(error?.reason == .endOfStream)
    #expect(error?.bytesTransferred == 1)
    #expect(buffer[0] == UInt8(ascii: "e"))
    #expect(error.map { "\($0)" } == "receive: the peer ended the stream, after 1 bytes")
  }

  @Test(
    "a call that would wait throws EAGAIN now, and times out later, in either blocking mode", arguments: [false, true])
  func deadlines(_ isNonBlocking: Bool) throws {
    let pair = try Socket.pair()
    try pair.first.setNonBlocking(isNonBlocking)
    #expect(socketFailure { _ = try pair.first.receive(upTo: 1, until: .now) }?.errno == .wouldBlock)
    #expect(
      socketFailure { _ = try pair.first.receive(upTo: 1, until: .after(.milliseconds(10))) }?.reason == .timedOut)
    let chunk = [UInt8](repeating: 0, count: 65_536)
    while socketFailure({ _ = try pair.first.send(chunk.span, until: .now) }) == nil {}
    #expect(socketFailure { _ = try pair.first.send(chunk.span, until: .now) }?.errno == .wouldBlock)
    #expect(
      socketFailure { _ = try pair.first.send(chunk.span, until: .after(.milliseconds(10))) }?.reason == .timedOut)
    #expect(try pair.first.isNonBlocking == isNonBlocking)
  }

  @Test("without a deadline a call waits on a non-blocking socket too")
  func waitsWhenNonBlocking() throws {
    let pair = try Socket.pair()
    try pair.first.setNonBlocking(true)
    let other = try pair.second.duplicate().release()
    let task = Background {
      let other = try Socket(adopting: other)
      // Ready to send from the start; what the other side waits for comes only after it has asked.
      let question = try other.received()
      try other.sendAll(question + bytes("!"))
    }
    try pair.first.sendAll("well")
    #expect(try pair.first.receive(upTo: 10) == bytes("well!"))
    try task.value()
  }

  @Test("the socket's own time limit holds where there is no deadline")
  func socketTimeout() throws {
    let pair = try Socket.pair()
    try pair.first.set(.receiveTimeout, .milliseconds(10))
    #expect(socketFailure { _ = try pair.first.receive(upTo: 1) }?.errno == .wouldBlock)
  }

  @Test("trap 14: sendAll sends everything through a small buffer, and says how much went when it fails")
  func sendAll() throws {
    let pair = try Socket.pair()
    try pair.first.set(.sendBufferSize, 4096)
    let data = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let other = try pair.second.duplicate().release()
    let task = Background {
      let other = try Socket(adopting: other)
      var all: [UInt8] = []
      while all.count < 1 << 20 { all += try other.received() }
      return all
    }
    try pair.first.sendAll(data.span, until: .after(soon))
    #expect(try task.value() == data)

    let error = try #require(
      socketFailure { try pair.first.sendAll(data.span, until: .after(.milliseconds(50))) })
    #expect(error.reason == .timedOut)
    #expect(error.bytesTransferred > 0 && error.bytesTransferred < data.count)
    // Exactly so many arrive.
    try pair.first.shutdown(.write)
    var count = 0
    while case let chunk = try pair.second.received(), !chunk.isEmpty { count += chunk.count }
    #expect(count == error.bytesTransferred)
  }

  @Test("trap 7: to send to a peer that is gone is EPIPE and no signal")
  func brokenPipe() async {
    await #expect(processExitsWith: .success) {
      // As a program finds it.
      _ = signal(SIGPIPE, SIG_DFL)
      for type in [SocketType.stream, .sequencedPacket] {
        let pair = try Socket.pair(type)
        let sender = pair.first
        try pair.second.close()
        ensure(socketFailure { _ = try sender.send(bytes("x").span) }?.errno == .brokenPipe)
        ensure(socketFailure { try sender.sendAll("x", until: .after(soon)) }?.errno == .brokenPipe)
      }
      let tcp = try tcpPair()
      try tcp.client.shutdown(.write)
      ensure(socketFailure { try tcp.client.sendAll("x") }?.errno == .brokenPipe)
      // The process's own handlers were never touched.
      var action = sigaction()
      // The callee writes one sigaction.
      unsafe sigaction(SIGPIPE, nil, &action)
      ensure(unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 0)
    }
  }

  @Test("trap 1: a signal does not end a send or a receive, and shortens no deadline; unless asked to")
  func interrupted() async {
    await #expect(processExitsWith: .success) {
      let pair = try Socket.pair()
      interruptEvery(milliseconds: 5)
      let start = Deadline.after(.zero)
      ensure(
        socketFailure { _ = try pair.first.receive(upTo: 1, until: .after(.milliseconds(100))) }?.reason == .timedOut)
      ensure(!(Deadline.after(.milliseconds(-95)) < start))
      ensure(
        socketFailure { _ = try pair.first.receive(upTo: 1, retryOnInterrupt: false) }?.errno == .interrupted)
      let chunk = [UInt8](repeating: 0, count: 1 << 20)
      let error = socketFailure { try pair.first.sendAll(chunk, until: .after(.milliseconds(100))) }
      ensure(error?.reason == .timedOut && error!.bytesTransferred > 0)
      ensure(socketFailure { try pair.first.sendAll(chunk, retryOnInterrupt: false) }?.errno == .interrupted)
      ensure(
        socketFailure { _ = try pair.first.wait(for: .read, retryOnInterrupt: false) }?.errno == .interrupted)
      ensure(try pair.first.wait(for: .read, until: .after(.milliseconds(50))).isEmpty)
      ensure(signalCount > 20)
    }
  }

  @Test("trap 28: after the peer's end of stream we can still send, and data and end together are both seen")
  func halfClose() throws {
    let tcp = try tcpPair()
    try tcp.client.sendAll("question")
    try tcp.client.shutdown(.write)
    #expect(try tcp.server.wait(for: .read, until: .after(soon)).contains(.readClosed))
    #expect(try tcp.server.received() == bytes("question"))
    #expect(try tcp.server.received() == [])
    try tcp.server.sendAll("answer")
    try tcp.server.close()
    #expect(try tcp.client.received() == bytes("answer"))
    #expect(try tcp.client.received() == [])
  }

  @Test("trap 28: to shut down what is not connected is a typed error")
  func shutdown() throws {
    let unconnected = try Socket(.ipv4, .stream)
    #expect(socketFailure { try unconnected.shutdown(.both) } == SocketError(.shutdown, .errno(.notConnected)))
    let tcp = try tcpPair()
    let client = tcp.client
    try tcp.server.set(.linger, .zero)
    try tcp.server.close()
    #expect(try client.wait(for: .read, until: .after(soon)).canReceive)
    #expect(socketFailure { try client.shutdown(.both) }?.errno == .notConnected)
  }

  @Test("trap 29: a reset is ECONNRESET on the connection it happened to")
  func reset() throws {
    let first = try tcpPair()
    let second = try tcpPair()
    let client = first.client
    try first.server.set(.linger, .zero)
    try first.server.close()
    let error = socketFailure { _ = try client.received() }
    #expect(error == SocketError(.receive, .errno(.connectionReset)))
    #expect(error.map { "\($0)" } == "receive: connection reset by peer (ECONNRESET)")
    try second.client.sendAll("unharmed")
    #expect(try second.server.received() == bytes("unharmed"))
  }

  @Test("trap 8: the errno is the call's own, whatever happens between the call and the catch")
  func errno() throws {
    let pair = try Socket.pair()
    for _ in 0..<1000 {
      do {
        _ = try pair.first.receive(upTo: 1, until: .now)
        Issue.record("nothing was sent")
      } catch {
        Glibc.errno = ENOENT
        #expect(error.errno == .wouldBlock)
      }
    }
  }
}
