import Sockets

/// Long enough for anything that happens at all.
private func soon() -> Deadline { .after(.seconds(10)) }

/// The calls that must not allocate. One that is called again and again belongs here.
let hotPaths = [
  HotPath(name: "send a span, receive into a span") {
    let pair = try Socket.pair()
    var bytes = [UInt8](repeating: 1, count: 64)
    return try allocations {
      _ = try pair.first.send(bytes.span)
      var buffer = bytes.mutableSpan
      _ = try pair.second.receive(into: &buffer)
    }
  },
  HotPath(name: "send all, receive exactly, with a deadline") {
    let pair = try Socket.pair()
    var bytes = [UInt8](repeating: 1, count: 64)
    return try allocations {
      try pair.first.sendAll(bytes.span, until: soon())
      var buffer = bytes.mutableSpan
      try pair.second.receiveExactly(into: &buffer, until: soon())
    }
  },
  HotPath(name: "send all of an array and of a text, append to an array with room") {
    let pair = try Socket.pair()
    let bytes = [UInt8](repeating: 1, count: 64)
    var received = [UInt8]()
    received.reserveCapacity(128)
    return try allocations {
      try pair.first.sendAll(bytes)
      try pair.first.sendAll("a text of more than sixteen bytes")
      received.removeAll(keepingCapacity: true)
      try received.append(addingCapacity: 128) { output in _ = try pair.second.receive(into: &output) }
    }
  },
  HotPath(name: "UDP: send to an address, receive a datagram") {
    let socket = try Socket(.ipv4, .datagram)
    try socket.bind(to: .loopback(port: 0))
    return try echoToItself(socket)
  },
  HotPath(name: "UDP over IPv6: send to an address, receive a datagram") {
    let socket = try Socket(.ipv6, .datagram)
    try socket.bind(to: .ipv6(.loopback, port: 0))
    return try echoToItself(socket)
  },
  HotPath(name: "Unix: send to an address, receive a datagram") {
    let socket = try Socket(.unix, .datagram)
    try socket.bind(to: .unix(.unnamed))
    return try echoToItself(socket)
  },
  HotPath(name: "UDP: a batch of sixteen, sent and received") {
    let socket = try Socket(.ipv4, .datagram)
    try socket.bind(to: .loopback(port: 0))
    let address = try socket.localAddress
    var batch = DatagramBatch(capacity: 16, datagramCapacity: 64)
    let bytes = [UInt8](repeating: 1, count: 64)
    return try allocations {
      batch.removeAll()
      while batch.append(bytes.span, to: address) {}
      try socket.sendAll(&batch)
      try socket.receive(into: &batch)
      for index in 0..<batch.count where batch.address(at: index) != address { throw SocketError(.receive, .timedOut) }
    }
  },
  HotPath(name: "UDP: four segments in one send") {
    let socket = try Socket(.ipv4, .datagram)
    try socket.bind(to: .loopback(port: 0))
    let address = try socket.localAddress
    var batch = DatagramBatch(capacity: 4, datagramCapacity: 64)
    let bytes = [UInt8](repeating: 1, count: 64)
    return try allocations {
      try socket.sendSegments(bytes.span, of: 16, to: address)
      try socket.receive(into: &batch)
    }
  },
  HotPath(name: "send several buffers as one, receive into several") {
    let pair = try Socket.pair()
    var head = [UInt8](repeating: 1, count: 8)
    var body = [UInt8](repeating: 2, count: 64)
    return try allocations {
      var sent = SendBuffers<2>()
      sent.append(head.span)
      sent.append(body.span)
      _ = try pair.first.send(sent)
      try pair.first.sendAll(&sent)
      for _ in 0..<2 {
        var received = ReceiveBuffers<2>()
        received.append(head.mutableSpan)
        received.append(body.mutableSpan)
        _ = try pair.second.receive(into: &received)
      }
    }
  },
  HotPath(name: "send and receive a message without control data") {
    let pair = try Socket.pair()
    var bytes = [UInt8](repeating: 1, count: 64)
    let nothing = ControlBuffer(capacity: 0)
    var control = ControlBuffer()
    return try allocations {
      _ = try pair.first.send(bytes.span, control: nothing)
      var buffer = bytes.mutableSpan
      _ = try pair.second.receiveMessage(into: &buffer, control: &control)
    }
  },
  HotPath(name: "send and receive a message with a segment size and a destination") {
    let socket = try Socket(.ipv4, .datagram)
    try socket.bind(to: .loopback(port: 0))
    try socket.set(.packetInfo, true)
    let address = try socket.localAddress
    var bytes = [UInt8](repeating: 1, count: 64)
    var sent = ControlBuffer()
    try sent.append(.segmentSize(1200))
    var control = ControlBuffer()
    return try allocations {
      _ = try socket.send(bytes.span, control: sent, to: address)
      var buffer = bytes.mutableSpan
      _ = try socket.receiveMessage(into: &buffer, control: &control)
    }
  },
  HotPath(name: "send and receive descriptors") {
    let pair = try Socket.pair()
    var bytes: [UInt8] = [1]
    var sent = ControlBuffer()
    try sent.append(descriptors: [pair.first.descriptor, pair.second.descriptor])
    var control = ControlBuffer()
    return try allocations {
      _ = try pair.first.send(bytes.span, control: sent)
      var buffer = bytes.mutableSpan
      _ = try pair.second.receiveMessage(into: &buffer, control: &control)
      while control.takeDescriptor() != nil {}
    }
  },
  HotPath(name: "TCP: connect, accept, close") {
    try connectAndAccept(.loopback(port: 0))
  },
  HotPath(name: "Unix: connect, accept, close") {
    try connectAndAccept(.unix(.unnamed))
  },
  HotPath(name: "get and set options") {
    let socket = try Socket(.ipv4, .stream)
    return try allocations {
      try socket.set(.noDelay, true)
      _ = try socket.get(.noDelay)
      try socket.set(.receiveBufferSize, 65_536)
      _ = try socket.get(.receiveBufferSize)
    }
  },
  HotPath(name: "wait for one socket") {
    let pair = try Socket.pair()
    return try allocations {
      _ = try pair.first.wait(for: .write, until: soon())
      _ = try pair.first.wait(for: .read, until: .now)
    }
  },
  HotPath(name: "Poller, epoll: wait") { try poll(.epoll, .level) },
  HotPath(name: "Poller, epoll, edge-triggered: wait") { try poll(.epoll, .edge) },
  HotPath(name: "Poller, poll: wait") { try poll(.poll, .level) },
  HotPath(name: "Poller, poll, edge-triggered: wait, rearm") { try poll(.poll, .edge) },
  HotPath(name: "nothing to receive, and no time") {
    let pair = try Socket.pair()
    let deadlines = [Deadline.now, .after(.zero)]
    var bytes = [UInt8](repeating: 1, count: 64)
    return try allocations {
      var buffer = bytes.mutableSpan
      for deadline in deadlines {
        do throws(SocketError) {
          _ = try pair.first.receive(into: &buffer, until: deadline)
        } catch {
          precondition(error.errno == .wouldBlock || error.reason == .timedOut)
        }
      }
    }
  },
  HotPath(name: "nobody to accept, and no time") {
    let listener = try Socket(.ipv4, .stream)
    try listener.listen()
    return try allocations {
      do throws(SocketError) {
        _ = try listener.accept(until: .now)
      } catch {
        precondition(error.errno == .wouldBlock)
      }
    }
  },
  HotPath(name: "the socket's address and its peer's") {
    let pair = try Socket.pair()
    return try allocations {
      _ = try pair.first.localAddress
      _ = try pair.first.peerAddress
    }
  },
  HotPath(name: "read and write addresses") {
    let texts: [[UInt8]] = [
      "127.0.0.1:8000", "[fe80::1%lo]:8000", "unix:/run/echo.sock", "unix:@abstract", "vsock:2:5000",
    ].map { Array($0.utf8) }
    var written = [UInt8]()
    written.reserveCapacity(SocketAddress.maximumTextLength)
    return try allocations {
      for text in texts {
        let address = try SocketAddress(parsing: text.span)
        written.removeAll(keepingCapacity: true)
        written.append(addingCapacity: SocketAddress.maximumTextLength) { address.write(into: &$0) }
        precondition(written == text)
      }
    }
  },
]

/// Datagrams from a socket to itself.
private func echoToItself(_ socket: borrowing Socket) throws -> UInt {
  let address = try socket.localAddress
  var bytes = [UInt8](repeating: 1, count: 64)
  return try allocations {
    try socket.send(bytes.span, to: address)
    var buffer = bytes.mutableSpan
    let datagram = try socket.receiveDatagram(into: &buffer)
    precondition(datagram.sender == address)
  }
}

/// Connections, made and closed one after the other.
private func connectAndAccept(_ address: SocketAddress) throws -> UInt {
  let listener = try Socket(address.family, .stream)
  try listener.bind(to: address)
  try listener.listen()
  let name = try listener.localAddress
  return try allocations {
    let client = try Socket.connected(to: name, until: soon())
    let accepted = try listener.accept(until: soon())
    try accepted.socket.close()
    try client.close()
  }
}

/// A poller with a socket that is ready and one that is not.
private func poll(_ engine: Poller.Engine, _ trigger: Poller.Trigger) throws -> UInt {
  let pair = try Socket.pair()
  var bytes: [UInt8] = [1]
  var poller = try Poller(engine: engine)
  try poller.add(pair.first, for: .read, token: 1, trigger: trigger)
  try poller.add(pair.second, for: .read, token: 2, trigger: trigger)
  var events: [Poller.Event] = []
  return try allocations {
    _ = try pair.first.send(bytes.span)
    try poller.wait(into: &events, until: soon())
    precondition(events.count == 1 && events[0].token == 2)
    var buffer = bytes.mutableSpan
    _ = try pair.second.receive(into: &buffer)
    poller.rearm(pair.second, for: .read)
  }
}
