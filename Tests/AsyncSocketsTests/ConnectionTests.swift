import AsyncSockets
import Sockets
import Testing

/// Both ends of a connection: one on a loop, the other not.
struct Pair: ~Copyable {
  let connection: Connection
  let peer: Socket

  private init(_ connection: Connection, _ peer: consuming Socket) {
    self.connection = connection
    self.peer = peer
  }

  static func joined(on loop: EventLoop, sendBuffer: Int? = nil) async throws -> Pair {
    let pair = try Socket.pair()
    if let sendBuffer { try pair.first.set(.sendBufferSize, sendBuffer) }
    let peer = try pair.second.duplicate()
    let connection = try await Connection(pair.first.duplicate(), on: loop)
    return Pair(connection, peer)
  }
}

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
  @Test("what is sent arrives, on the loop's thread and off it", arguments: Poller.Engine.allCases, [false, true])
  func roundTrip(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let loop = try EventLoop(engine: engine)
    try loop.start()
    defer { loop.stop() }
    try await Task(executorPreference: onLoop ? loop : nil) {
      #expect(loop.isCurrent == onLoop)
      let pair = try await Pair.joined(on: loop)
      try await pair.connection.sendAll("hello")
      #expect(try pair.peer.receive(upTo: 100, until: .after(soon)) == Array("hello".utf8))
      for number in 0..<100 {
        try pair.peer.sendAll("line \(number)")
        let bytes = try await pair.connection.receive(upTo: 100, until: .after(soon))
        #expect(String(decoding: bytes, as: UTF8.self) == "line \(number)")
      }
      // Waiting before it comes.
      let peer = try pair.peer.duplicate().release()
      let connection = pair.connection
      async let received = connection.receive(upTo: 100, until: .after(soon))
      async let sent: Void = Task.detached {
        let socket = try Socket(adopting: peer)
        try socket.sendAll("late")
      }.value
      try await sent
      #expect(try await received == Array("late".utf8))
    }.value
  }
}
