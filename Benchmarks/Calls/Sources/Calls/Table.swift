import CCalls
import Sockets

/// Every way to make a call that is counted. Those whose name has no colon are C's.
let calls = [
  // What a receive needs before it: counted once, to be left out of the others.
  Call("feed", run: inC(c_feed_many)),

  Call("send", run: inC(c_send)),
  Call("cs_send", against: "send", run: inC(c_cs_send)),
  Call("send(_:)", against: "send") { count in
    let socket = try loop()
    for _ in 0..<count { _ = try socket.send(payload.span) }
  },
  Call("sendAll(_:)", against: "send") { count in
    let socket = try loop()
    for _ in 0..<count { try socket.sendAll(payload.span) }
  },
  Call("sendAll([UInt8])", against: "send") { count in
    let socket = try loop()
    for _ in 0..<count { try socket.sendAll(payload) }
  },
  Call("send(_:until: .now)", against: "send") { count in
    let socket = try loop()
    for _ in 0..<count { _ = try socket.send(payload.span, until: .now) }
  },
  Call("send(_:until: deadline)", against: "send") { count in
    let socket = try loop()
    let deadline = Deadline.after(.seconds(60))
    for _ in 0..<count { _ = try socket.send(payload.span, until: deadline) }
  },

  Call("recv", after: "feed", run: inC(c_recv)),
  Call("cs_recv", against: "recv", after: "feed", run: inC(c_cs_recv)),
  Call("receive(MutableSpan)", against: "recv", after: "feed") { count in
    let socket = try loop()
    var bytes = [UInt8](repeating: 0, count: 64)
    var buffer = bytes.mutableSpan
    for _ in 0..<count {
      c_feed(socket.descriptor)
      _ = try socket.receive(into: &buffer)
    }
  },
  Call("receive(OutputSpan)", against: "recv", after: "feed") { count in
    let socket = try loop()
    var bytes: [UInt8] = []
    try bytes.append(addingCapacity: 64) { output throws(SocketError) in
      for _ in 0..<count {
        c_feed(socket.descriptor)
        output.removeAll()
        _ = try socket.receive(into: &output)
      }
    }
  },
  Call("receiveExactly(MutableSpan)", against: "recv", after: "feed") { count in
    let socket = try loop()
    var bytes = [UInt8](repeating: 0, count: 64)
    var buffer = bytes.mutableSpan
    for _ in 0..<count {
      c_feed(socket.descriptor)
      try socket.receiveExactly(into: &buffer)
    }
  },

  Call("sendto", run: inC(c_sendto)),
  Call("send(_:to:)", against: "sendto") { count in
    let socket = try loop()
    let address = try socket.localAddress
    for _ in 0..<count { try socket.send(payload.span, to: address) }
  },
  Call("recvfrom", after: "feed", run: inC(c_recvfrom)),
  Call("recvmsg", against: "recvfrom", after: "feed", run: inC(c_recvmsg)),
  Call("receiveDatagram(MutableSpan)", against: "recvfrom", after: "feed") { count in
    let socket = try loop()
    var bytes = [UInt8](repeating: 0, count: 64)
    var buffer = bytes.mutableSpan
    for _ in 0..<count {
      c_feed(socket.descriptor)
      guard try socket.receiveDatagram(into: &buffer).count == 64 else { return }
    }
  },

  // Sixteen datagrams at once, counted for each.
  Call("sendmmsg", run: inC(c_sendmmsg)),
  Call("sendAll(DatagramBatch)", against: "sendmmsg") { count in
    let socket = try loop()
    let address = try socket.localAddress
    var batch = DatagramBatch(capacity: 16, datagramCapacity: 64)
    for _ in 0..<count / 16 {
      batch.removeAll()
      while batch.append(payload.span, to: address) {}
      try socket.sendAll(&batch)
    }
  },
  Call("recvmmsg", after: "feed", run: inC(c_recvmmsg)),
  Call("receive(DatagramBatch)", against: "recvmmsg", after: "feed") { count in
    let socket = try loop()
    var batch = DatagramBatch(capacity: 16, datagramCapacity: 64)
    for _ in 0..<count / 16 {
      for _ in 0..<16 { c_feed(socket.descriptor) }
      try socket.receive(into: &batch)
    }
  },

  Call("epoll_wait", run: inC(c_epoll_wait)),
  Call("Poller.wait(into:)", against: "epoll_wait") { count in
    let socket = try loop()
    var poller = try Poller()
    try poller.add(socket, for: .read, token: 1)
    c_feed(socket.descriptor)
    var events: [Poller.Event] = []
    for _ in 0..<count {
      try poller.wait(into: &events)
      guard events.count == 1, events[0].token == 1 else { return }
    }
  },

  // With the connect before it and the close behind it.
  Call("accept4") { count in
    let listener = try listener()
    c_accept(listener.descriptor, try listener.localAddress.port ?? 0, count)
    try listener.close()
  },
  Call("accept()", against: "accept4") { count in
    let listener = try listener()
    let port = try listener.localAddress.port ?? 0
    for _ in 0..<count {
      c_visit(port)
      let accepted = try listener.accept()
      try accepted.socket.close()
    }
  },
]

/// What is sent: one array for all, which no call has to make.
private let payload = [UInt8](repeating: 1, count: 64)

/// A UDP socket that is connected with itself: what is sent can be received, and is dropped where nobody does.
@inline(never) private func loop() throws(SocketError) -> Socket {
  let socket = try Socket(.ipv4, .datagram)
  try socket.bind(to: .loopback(port: 0))
  try socket.connect(to: try socket.localAddress)
  return socket
}

private func inC(_ call: @escaping @Sendable (Int32, Int) -> Void) -> @Sendable (Int) throws -> Void {
  { count in
    let socket = try loop()
    call(socket.descriptor, count)
    try socket.close()
  }
}

@inline(never) private func listener() throws(SocketError) -> Socket {
  let socket = try Socket(.ipv4, .stream)
  try socket.bind(to: .loopback(port: 0))
  try socket.listen()
  return socket
}
