import AsyncSockets
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1))) struct DatagramTests {
  /// A UDP socket on a loopback address.
  private static func udp(on loop: EventLoop) async throws -> DatagramSocket {
    let socket = try Socket(.ipv4, .datagram)
    try socket.bind(to: .loopback(port: 0))
    return try await DatagramSocket(socket, on: loop)
  }

  /// A Unix socket that takes datagrams at a name.
  private static func unix(_ name: SocketAddress, on loop: EventLoop) async throws -> DatagramSocket {
    let socket = try Socket(.unix, .datagram)
    try socket.bind(to: name)
    return try await DatagramSocket(socket, on: loop)
  }

  @Test("datagrams come with their senders, and are answered", arguments: Poller.Engine.allCases, [true, false])
  func echo(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let server = try await Self.udp(on: loop)
      let client = try await Self.udp(on: loop)
      let (serverAddress, clientAddress) = try (server.localAddress, client.localAddress)
      async let served: Void = {
        for _ in 0..<100 {
          try await server.receive(until: .after(soon)) { bytes, datagram async throws(SocketError) in
            #expect(datagram.sender == clientAddress && !datagram.isTruncated && datagram.count == bytes.count)
            try await server.send(bytes, to: datagram.sender, until: .after(soon))
          }
        }
      }()
      for number in 0..<100 {
        // One of them is empty, and a datagram all the same (trap 15).
        let text = number == 50 ? [] : pattern(number * 600)
        try await client.send(text.span, to: serverAddress, until: .after(soon))
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var span = buffer.mutableSpan
        let datagram = try await client.receive(into: &span, until: .after(soon))
        #expect(datagram.count == text.count && datagram.sender == serverAddress)
        #expect(Array(buffer.prefix(datagram.count)) == text)
      }
      try await served
    }
  }

  @Test("a datagram that does not fit says so, with its length (trap 17)", arguments: [true, false])
  func truncated(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let pair = try Socket.pair(.datagram)
      try pair.second.set(.sendBufferSize, 400_000)
      let socket = try await DatagramSocket(pair.first.duplicate(), on: loop)
      let large = pattern(100_000)
      try pair.second.sendAll(large.span)
      let (datagram, isPrefix) = try await socket.receive(until: .after(soon)) { bytes, datagram in
        (datagram, [UInt8](unsafeOf: bytes) == Array(large.prefix(65_536)))
      }
      #expect(datagram.isTruncated && datagram.count == 65_536 && datagram.length == 100_000)
      #expect(isPrefix)
      try pair.second.sendAll("short")
      var buffer = [UInt8](repeating: 0, count: 3)
      var span = buffer.mutableSpan
      let short = try await socket.receive(into: &span, until: .after(soon))
      #expect(short.isTruncated && short.count == 3 && short.length == 5)
      let outcome = await failure { try await socket.receive(until: .now) { _, _ in } }
      #expect(outcome?.errno == .wouldBlock)
    }
  }

  @Test("batches go and come, however many there are", arguments: Poller.Engine.allCases, [true, false])
  func batches(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (server, client) = (try await Self.udp(on: loop), try await Self.udp(on: loop))
      let address = try server.localAddress
      for round in 0..<20 {
        var outgoing = DatagramBatch(capacity: 16, datagramCapacity: 100)
        for number in 0..<16 {
          let isAdded = outgoing.append(bytes("\(round)/\(number)").span, to: address)
          #expect(isAdded)
        }
        try await client.sendAll(&outgoing, until: .after(soon))
        var seen: [String] = []
        // Fewer than there are, as many, and more: each leaves the rest to be had.
        var incoming = DatagramBatch(capacity: [5, 16, 64][round % 3], datagramCapacity: 100)
        while seen.count < 16 {
          let count = try await server.receive(into: &incoming, until: .after(soon))
          for index in 0..<count {
            seen.append(String(decoding: [UInt8](unsafeOf: incoming.bytes(at: index)), as: UTF8.self))
          }
        }
        #expect(seen == (0..<16).map { "\(round)/\($0)" })
      }
      var incoming = DatagramBatch(capacity: 4)
      let outcome = await failure { _ = try await server.receive(into: &incoming, until: .after(.milliseconds(10))) }
      #expect(
        outcome?.reason
          == .timedOut)
    }
  }

  @Test("a datagram goes with descriptors beside it, to the peer and to an address", arguments: [true, false])
  func control(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let address = try abstractName()
      let receiver = try Socket(.unix, .datagram)
      try receiver.bind(to: address)
      let client = try await DatagramSocket(Socket(.unix, .datagram), on: loop)
      let (cargo, cargoPeer) = try Kind.unix.pair()
      var control = ControlBuffer()
      try control.append(descriptors: [cargo.socket.descriptor])
      let unconnected = await failure { try await client.send(bytes("lost").span, control: control) }
      #expect(unconnected?.errno == .notConnected)
      try await client.send(bytes("one").span, control: control, to: address, until: .after(soon))
      try client.withSocket { socket throws(SocketError) in try socket.connect(to: address) }
      try await client.send(bytes("two").span, control: control, until: .after(soon))
      for text in ["one", "two"] {
        var buffer = [UInt8](repeating: 0, count: 8)
        var span = buffer.mutableSpan
        var received = ControlBuffer()
        let message = try receiver.receiveMessage(into: &span, control: &received, until: .after(soon))
        #expect(Array(buffer.prefix(message.count)) == bytes(text))
        let count = received.descriptorCount
        #expect(count == 1)
      }
      _ = cargoPeer
    }
  }

  @Test("segments that are too large for a datagram are refused", arguments: [true, false])
  func largeSegments(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (server, client) = (try await Self.udp(on: loop), try await Self.udp(on: loop))
      let address = try server.localAddress
      let large = pattern(140_000)
      let outcome = await failure {
        try await client.sendSegments(large.span, of: 70_000, to: address, until: .after(soon))
      }
      #expect(outcome?.errno == .messageTooLong && outcome?.bytesTransferred == 0)
    }
  }

  @Test("segments are cut by the kernel", arguments: [true, false])
  func segments(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (server, client) = (try await Self.udp(on: loop), try await Self.udp(on: loop))
      let large = pattern(10_500)
      try await client.sendSegments(large.span, of: 1000, to: server.localAddress, until: .after(soon))
      var all: [UInt8] = []
      for number in 0..<11 {
        let part = try await server.receive(until: .after(soon)) { bytes, _ in [UInt8](unsafeOf: bytes) }
        #expect(part.count == (number < 10 ? 1000 : 500))
        all += part
      }
      #expect(all == large)
    }
  }

  @Test(
    "a full queue of a Unix socket is waited for until it is read", arguments: Poller.Engine.allCases, [true, false])
  func full(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let name = try abstractName()
      let receiver = try await Self.unix(name, on: loop)
      for isConnected in [false, true] {
        let socket = try Socket(.unix, .datagram)
        if isConnected { try socket.connect(to: name) }
        let sender = try await DatagramSocket(socket, on: loop)
        let target = isConnected ? nil : name
        var sent = 0
        while await failure({ try await sender.send(bytes("\(sent)").span, to: target, until: .now) }) == nil {
          sent += 1
        }
        #expect(sent > 0)
        let late = await failure {
          try await sender.send(bytes("x").span, to: target, until: .after(.milliseconds(20)))
        }
        #expect(late?.reason == .timedOut)
        let full = sent
        async let rest: Void = {
          for number in full..<(full + 100) {
            try await sender.send(bytes("\(number)").span, to: target, until: .after(soon))
          }
        }()
        await Task.yield()
        for number in 0..<(sent + 100) {
          let text = try await receiver.receive(until: .after(soon)) { bytes, _ in [UInt8](unsafeOf: bytes) }
          #expect(text == bytes("\(number)"))
        }
        try await rest
      }
    }
  }

  @Test(
    "a full queue is waited for no longer than the receiver is there, or the task", arguments: Poller.Engine.allCases,
    [true, false])
  func fullAndGone(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let before = try openSockets()
    try await withLoop(engine, onLoop: onLoop) { loop in
      let name = try abstractName()
      let receiver = try await Self.unix(name, on: loop)
      let sender = try await DatagramSocket(Socket(.unix, .datagram), on: loop)
      while await failure({ try await sender.send(bytes("x").span, to: name, until: .now) }) == nil {}
      await withTaskGroup(of: SocketError.Reason?.self) { group in
        group.addTask {
          await failure { try await sender.send(bytes("x").span, to: name, until: .after(soon)) }?.reason
        }
        for _ in 0..<5 { await Task.yield() }
        group.cancelAll()
        #expect(await group.next() == .cancelled)
      }
      async let sent = failure { try await sender.send(bytes("x").span, to: name, until: .after(soon)) }
      for _ in 0..<5 { await Task.yield() }
      receiver.close()
      #expect(await sent?.errno == .connectionRefused)
    }
    let outcome = try await eventually { try openSockets() <= before }
    #expect(outcome)
  }

  @Test(
    "a peer that is not there is an error, and the socket goes on", arguments: Poller.Engine.allCases, [true, false])
  func refused(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let gone = try Socket(.ipv4, .datagram)
      try gone.bind(to: .loopback(port: 0))
      let address = try gone.localAddress
      try gone.close()
      let socket = try Socket(.ipv4, .datagram)
      try socket.connect(to: address)
      let client = try await DatagramSocket(socket, on: loop)
      async let received = failure { try await client.receive(until: .after(soon)) { _, _ in } }
      await Task.yield()
      try await client.send(bytes("x").span, until: .after(soon))
      #expect(await received?.errno == .connectionRefused)
      let back = try Socket(.ipv4, .datagram)
      try back.bind(to: address)
      try await client.send(bytes("y").span, until: .after(soon))
      #expect(try back.receive(upTo: 9, until: .after(soon)) == bytes("y"))
    }
  }

  @Test(
    "room for what a Unix datagram socket sends is waited for asleep", arguments: Poller.Engine.allCases, [true, false])
  func ownBuffer(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let name = try abstractName()
      let receiver = try Socket(.unix, .datagram)
      try receiver.bind(to: name)
      let large = pattern(60_000)
      let sender = try await DatagramSocket(Socket(.unix, .datagram), on: loop)
      var sent = 0
      while await failure({ try await sender.send(large.span, to: name, until: .now) }) == nil { sent += 1 }
      // Its queue has room for more: it is the sender's buffer that has not.
      #expect(sent > 0 && sent < 9)
      let used = await processTime {
        let late = await failure { try await sender.send(large.span, to: name, until: .after(.milliseconds(300))) }
        #expect(late?.reason == .timedOut)
      }
      #expect(used < .milliseconds(100))
      async let late = failure { try await sender.send(large.span, to: name, until: .after(soon)) }
      await Task.yield()
      for _ in 0..<sent { #expect(try receiver.receive(upTo: 100_000, until: .after(soon)).count == 60_000) }
      #expect(await late == nil)
    }
  }

  /// A socket that hears of errors, its address, and one where nobody is.
  private static func hearingErrors(
    on loop: EventLoop
  ) async throws -> (DatagramSocket, own: SocketAddress, gone: SocketAddress) {
    let gone = try Socket(.ipv4, .datagram)
    try gone.bind(to: .loopback(port: 0))
    let address = try gone.localAddress
    try gone.close()
    let socket = try Socket(.ipv4, .datagram)
    try socket.bind(to: .loopback(port: 0))
    try socket.set(.receiveErrors, true)
    let own = try socket.localAddress
    return (try await DatagramSocket(socket, on: loop), own, address)
  }

  @Test(
    "errors that nobody reads from their queue do not keep a loop awake", arguments: Poller.Engine.allCases,
    [true, false])
  func errorQueue(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (client, own, address) = try await Self.hearingErrors(on: loop)
      try await client.send(bytes("x").span, to: address)
      let first = await failure { try await client.receive(until: .after(.milliseconds(200))) { _, _ in } }
      #expect(first?.errno == .connectionRefused)
      let used = await processTime {
        let late = await failure { try await client.receive(until: .after(.milliseconds(300))) { _, _ in } }
        #expect(late?.reason == .timedOut)
      }
      #expect(used < .milliseconds(engine == .poll ? 180 : 100))
      async let text = client.receive(until: .after(soon)) { bytes, _ in [UInt8](unsafeOf: bytes) }
      await Task.yield()
      let other = try Socket(.ipv4, .datagram)
      try other.send(bytes("y").span, to: own, until: .now)
      #expect(try await text == bytes("y"))
    }
  }

  @Test("who asks for errors does not miss what else there is", arguments: Poller.Engine.allCases, [true, false])
  func errorQueueAndData(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let socket = try Socket(.ipv4, .datagram)
      try socket.bind(to: .loopback(port: 0))
      let own = try socket.localAddress
      let client = try await DatagramSocket(socket, on: loop)
      let other = try Socket(.ipv4, .datagram)
      try other.send(bytes("y").span, to: own, until: .now)
      let used = await processTime {
        let late = await failure {
          var buffer = [UInt8](repeating: 0, count: 100)
          var span = buffer.mutableSpan
          var control = ControlBuffer(capacity: 256)
          _ = try await client.receiveMessage(
            into: &span, control: &control, flags: .errorQueue, until: .after(.milliseconds(300)))
        }
        #expect(late?.reason == .timedOut)
      }
      // What is there, but was not asked for, does not keep it awake.
      #expect(used < .milliseconds(150))
      let text = try? await client.receive(until: .after(.seconds(1))) { bytes, _ in [UInt8](unsafeOf: bytes) }
      #expect(text == bytes("y"))
    }
  }

  @Test("an error is waited for while there is something else", arguments: Poller.Engine.allCases, [true, false])
  func errorQueueWakes(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (client, own, address) = try await Self.hearingErrors(on: loop)
      let other = try Socket(.ipv4, .datagram)
      try other.send(bytes("y").span, to: own, until: .now)
      for _ in 0..<20 {
        let waiting = Task(executorPreference: onLoop ? loop : nil) {
          var buffer = [UInt8](repeating: 0, count: 100)
          var span = buffer.mutableSpan
          var control = ControlBuffer(capacity: 256)
          return try await client.receiveMessage(
            into: &span, control: &control, flags: .errorQueue, until: .after(soon)
          ).count
        }
        // It waits by now, or not: either will do.
        for _ in 0..<10 { await Task.yield() }
        try await client.send(bytes("lost").span, to: address)
        #expect(try await waiting.value == 4)
      }
      let text = try await client.receive(until: .after(soon)) { bytes, _ in [UInt8](unsafeOf: bytes) }
      #expect(text == bytes("y"))
    }
  }
}
