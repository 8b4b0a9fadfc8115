import Sockets
import Testing

@Suite struct VectorTests {
  @Test("several buffers are sent as one, and received into several")
  func roundTrip() throws {
    let pair = try Socket.pair()
    let (header, empty, body) = (bytes("head"), bytes(""), bytes("body and soul"))
    var message = SendBuffers<3>()
    message.append(header.span)
    message.append(empty.span)
    message.append(body.span)
    #expect(message.byteCount == 17)
    #expect(try pair.first.send(message) == 17)
    var first = [UInt8](repeating: 0, count: 6)
    var second = [UInt8](repeating: 0, count: 20)
    let count: Int
    do {
      var parts = ReceiveBuffers<2>()
      parts.append(first.mutableSpan)
      parts.append(second.mutableSpan)
      #expect(parts.byteCount == 26)
      count = try pair.second.receive(into: &parts, until: .after(soon))
    }
    #expect(count == 17)
    #expect(first == bytes("headbo"))
    #expect(second.prefix(11) == bytes("dy and soul")[...])
  }

  @Test("a datagram is made of all buffers")
  func datagram() throws {
    let pair = try Socket.pair(.datagram)
    let (left, right) = (bytes("left"), bytes("right"))
    var message = SendBuffers<2>()
    message.append(left.span)
    message.append(right.span)
    #expect(try pair.first.send(message) == 9)
    #expect(try pair.second.received() == bytes("leftright"))
  }

  @Test("trap 14: sendAll sends every buffer through a small socket buffer, and leaves what did not go")
  func sendAll() throws {
    let pair = try Socket.pair()
    try pair.first.set(.sendBufferSize, 4096)
    let first = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let second = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 11) }
    let other = try pair.second.duplicate().release()
    let reader = Background {
      let other = try Socket(adopting: other)
      var all: [UInt8] = []
      while all.count < 500_000 { all += try other.received() }
      return all
    }
    var message = SendBuffers<2>()
    message.append(first.span)
    message.append(second.span)
    try pair.first.sendAll(&message, until: .after(soon))
    #expect(message.byteCount == 0)
    #expect(try reader.value() == first + second)

    var again = SendBuffers<1>()
    again.append(first.span)
    var thrown: SocketError?
    do throws(SocketError) {
      try pair.first.sendAll(&again, until: .after(.milliseconds(20)))
    } catch {
      thrown = error
    }
    #expect(thrown?.reason == .timedOut)
    #expect(again.byteCount == 300_000 - (thrown?.bytesTransferred ?? 0))
    #expect(again.byteCount < 300_000)
  }

  @Test("no buffers, and buffers without room, are no call that waits")
  func empty() throws {
    let pair = try Socket.pair()
    var nothing = SendBuffers<2>()
    try pair.first.sendAll(&nothing)
    #expect(try pair.first.send(nothing) == 0)
    var none = ReceiveBuffers<2>()
    none.append(MutableSpan())
    #expect(try pair.second.receive(into: &none) == 0)
  }

  @Test("flags change one call: peek, urgent data, waiting for all, holding back")
  func flags() throws {
    let tcp = try tcpPair()
    try tcp.client.sendAll("ab", flags: .more)
    try tcp.client.sendAll("cd")
    var buffer = [UInt8](repeating: 0, count: 4)
    do {
      var span = buffer.mutableSpan
      #expect(try tcp.server.receive(into: &span, flags: [.peek, .waitAll]) == 4)
    }
    #expect(buffer == bytes("abcd"))
    #expect(try tcp.server.received() == bytes("abcd"))
    try tcp.client.sendAll("!", flags: .outOfBand)
    #expect(try tcp.server.wait(for: .urgent, until: .after(soon)).contains(.urgent))
    var byte = [UInt8](repeating: 0, count: 1)
    var span = byte.mutableSpan
    #expect(try tcp.server.receive(into: &span, flags: .outOfBand) == 1)
    #expect(byte == bytes("!"))
  }
}
