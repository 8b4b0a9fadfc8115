import AsyncSockets
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1))) struct CallTests {
  @Test("bytes come into spans, lent buffers and arrays", arguments: Poller.Engine.allCases, [true, false])
  func receive(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop)
        var buffer = [UInt8](repeating: 0xaa, count: 6)
        try peer.socket.sendAll("span")
        do {
          var span = buffer.mutableSpan
          let count = try await connection.receive(into: &span, until: .after(soon))
          #expect(count == 4)
        }
        #expect(buffer == bytes("span") + [0xaa, 0xaa])

        try peer.socket.sendAll("output")
        let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 10)
        // Given back when nobody uses it any more; the span is its only user.
        defer { unsafe storage.deallocate() }
        var output = unsafe OutputSpan(buffer: storage, initializedCount: 0)
        output.append(UInt8(ascii: "-"))
        let appended = try await connection.receive(into: &output, until: .after(soon))
        #expect(appended == 6)
        let text = String(decoding: (0..<output.count).map { output[$0] }, as: UTF8.self)
        #expect(text == "-output")

        try peer.socket.sendAll("lent")
        let lent = try await connection.receive(until: .after(soon)) { bytes in
          (0..<bytes.count).map { bytes[$0] }
        }
        #expect(lent == bytes("lent"))
        // The bytes stay what they are while the function waits and others use buffers too.
        try peer.socket.sendAll("kept")
        let (other, otherPeer) = try await kind.joined(on: loop)
        try otherPeer.socket.sendAll("other")
        let kept = try await connection.receive(until: .after(soon)) { bytes async throws(SocketError) in
          try await loop.sleep(until: .after(.milliseconds(1)))
          let more = try await other.receive(until: .after(soon)) { bytes in (0..<bytes.count).map { bytes[$0] } }
          return (0..<bytes.count).map { bytes[$0] } + more
        }
        #expect(kept == bytes("keptother"))

        try peer.socket.sendAll("array")
        #expect(try await connection.receive(upTo: 0) == [])
        #expect(try await connection.receive(upTo: 1, until: .after(soon)) == bytes("a"))
        #expect(try await connection.receive(upTo: 1 << 20, until: .after(soon)) == bytes("rray"))
        try peer.socket.shutdown(.write)
        #expect(try await connection.receive(upTo: 100, until: .after(soon)) == [])
        let outcome = try await connection.receive(until: .after(soon)) { $0.isEmpty }
        #expect(outcome)
      }
    }
  }

  @Test(
    "sendNow sends what there is room for and keeps the rest, which sendAll sends then",
    arguments: Poller.Engine.allCases, [true, false])
  func now(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(3_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop, sendBuffer: 8192)
        var left = try connection.sendNow(copyingRestOf: large.span)
        #expect(!left.isEmpty && left.count < large.count)
        // Until there is no room, and it does not wait.
        while case let sent = try connection.sendNow(left.span), sent > 0 { left.removeFirst(sent) }
        let rest = left
        async let sending: Void = connection.sendAll(rest, until: .after(soon))
        let received = try await onThread {
          var all: [UInt8] = []
          while all.count < large.count { all += try peer.received(1 << 20) }
          return all
        }.value
        try await sending
        let isWhole = received == large
        #expect(isWhole)
        let one = bytes("x")
        left = try connection.sendNow(copyingRestOf: one.span)
        #expect(left.isEmpty)
        connection.close()
        #expect(await failure { _ = try connection.sendNow(one.span) }?.reason == .closed)
      }
    }
  }

  @Test("a send of several buffers says how much had gone when it fails", arguments: [true, false])
  func failing(onLoop: Bool) async throws {
    let large = pattern(2_000_000)
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop, sendBuffer: 8192)
      let outcome = await failure {
        var parts = SendBuffers<2>()
        parts.append(large.span)
        parts.append(large.span)
        try await connection.sendAll(&parts, until: .after(.milliseconds(30)))
      }
      #expect(outcome?.reason == .timedOut)
      let sent = outcome?.bytesTransferred ?? 0
      let received = try await onThread {
        var all: [UInt8] = []
        while all.count < sent { all += try peer.received(1 << 20) }
        return all
      }.value
      #expect(sent > 0)
      let isBeginning = received[...] == large[..<received.count]
      #expect(isBeginning && received.count == sent)
    }
  }

  @Test("no room is no call that waits (trap 15)", arguments: [true, false])
  func empty(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.tcp.joined(on: loop)
      var none: [UInt8] = []
      var span = none.mutableSpan
      #expect(try await connection.receive(into: &span) == 0)
      var parts = ReceiveBuffers<2>()
      #expect(try await connection.receive(into: &parts) == 0)
      try await connection.sendAll([])
      var nothing = SendBuffers<2>()
      try await connection.sendAll(&nothing)
      // It was not taken for the end.
      try peer.socket.sendAll("x")
      #expect(try await connection.receive(upTo: 9, until: .after(soon)) == bytes("x"))
    }
  }

  @Test("a stream of megabytes arrives whole in every form", arguments: Poller.Engine.allCases, [true, false])
  func megabytes(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(3_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        for form in 0..<4 {
          let (sender, receiver) = try await kind.connections(on: loop, sendBuffer: 65_536)
          async let sent: Void = {
            try await sender.sendAll(large, until: .after(soon))
            try sender.shutdown(.write)
          }()
          var all: [UInt8] = []
          var count = 0
          repeat {
            switch form {
            case 0:
              let more = try await receiver.receive(upTo: 300_000, until: .after(soon))
              count = more.count
              all += more
            case 1:
              let more = try await receiver.receive(until: .after(soon)) { bytes in
                [UInt8](unsafeOf: bytes)
              }
              count = more.count
              all += more
            case 2:
              var buffer = [UInt8](repeating: 0, count: 100_000)
              do {
                var span = buffer.mutableSpan
                count = try await receiver.receive(into: &span, until: .after(soon))
              }
              all += buffer[..<count]
            default:
              all = try await receiver.received(exactly: large.count)
              count = try await receiver.receive(upTo: 1, until: .after(soon)).count
              #expect(count == 0)
            }
          } while count > 0
          try await sent
          let isWhole = all == large
          #expect(isWhole, "\(kind) \(form): \(all.count) bytes")
        }
      }
    }
  }

  @Test("receiveExactly says how much came before the end, or the deadline", arguments: [true, false])
  func exactly(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop)
        var buffer = [UInt8](repeating: 0, count: 8)
        var span = buffer.mutableSpan
        try peer.socket.sendAll("abc")
        do throws(SocketError) {
          try await connection.receiveExactly(into: &span, until: .after(.milliseconds(20)))
          Issue.record("it did not fill the buffer")
        } catch {
          #expect(error.reason == .timedOut && error.bytesTransferred == 3)
        }
        try peer.socket.sendAll("defgh")
        try peer.socket.shutdown(.write)
        do throws(SocketError) {
          try await connection.receiveExactly(into: &span, until: .after(soon))
          Issue.record("it did not fill the buffer")
        } catch {
          #expect(error.reason == .endOfStream && error.bytesTransferred == 5)
        }
        #expect(Array(buffer.prefix(5)) == bytes("defgh"))
      }
    }
  }

  @Test("several buffers go and come as one", arguments: Poller.Engine.allCases, [true, false])
  func vectored(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let (first, second) = (pattern(700_000), pattern(900_000))
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (sender, receiver) = try await kind.connections(on: loop, sendBuffer: 65_536)
        async let sent: Int = {
          var parts = SendBuffers<2>()
          parts.append(first.span)
          parts.append(second.span)
          try await sender.sendAll(&parts, until: .after(soon))
          return parts.byteCount
        }()
        var all: [UInt8] = []
        while all.count < first.count + second.count {
          var left = [UInt8](repeating: 0, count: 1000)
          var right = [UInt8](repeating: 0, count: 200_000)
          let count: Int
          do {
            var parts = ReceiveBuffers<2>()
            parts.append(left.mutableSpan)
            parts.append(right.mutableSpan)
            count = try await receiver.receive(into: &parts, until: .after(soon))
          }
          try #require(count > 0)
          all += (left + right)[..<count]
        }
        #expect(try await sent == 0)
        let isWhole = all == first + second
        #expect(isWhole)
      }
    }
  }

  @Test(
    "a peer that reads late gets all; one that never reads suspends the sender (trap 14, trap 33)",
    arguments: Poller.Engine.allCases, [true, false])
  func slowPeer(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(4_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop, sendBuffer: 8192)
        var sent = 0
        do throws(SocketError) {
          try await connection.sendAll(large, until: .after(.milliseconds(30)))
          Issue.record("nobody has taken it")
        } catch {
          #expect(error.reason == .timedOut)
          sent = error.bytesTransferred
        }
        #expect(sent > 0 && sent < large.count)
        let reader = onThread { try peer.receivedAll() }
        try await connection.sendAll(large.span.extracting(droppingFirst: sent), until: .after(soon))
        try connection.shutdown(.write)
        let isWhole = try await reader.value == large
        #expect(isWhole)
      }
    }
  }

  @Test("send says how much the kernel took", arguments: [true, false])
  func partly(onLoop: Bool) async throws {
    let large = pattern(4_000_000)
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop, sendBuffer: 8192)
      let count = try await connection.send(large.span, until: .after(soon))
      #expect(count > 0 && count < large.count)
      #expect(try peer.received(count + 1) == Array(large[..<count]))
    }
  }

  @Test(
    "deadlines: none to wait for, one that has passed, and one to come", arguments: Poller.Engine.allCases,
    [true, false])
  func deadlines(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(4_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop, sendBuffer: 8192)
        let start = Deadline.after(.milliseconds(20))
        for (deadline, reason) in [
          (Deadline.now, SocketError.Reason.errno(.wouldBlock)), (.after(.seconds(-1)), .timedOut), (start, .timedOut),
        ] {
          let outcome = await failure { _ = try await connection.receive(upTo: 1, until: deadline) }
          #expect(outcome?.reason == reason)
          let outcome2 = await failure { try await connection.sendAll(large, until: deadline) }
          #expect(outcome2?.reason == reason)
        }
        #expect(start.hasPassed)
        // None of them is in the way of the next.
        try peer.socket.sendAll("x")
        #expect(try await connection.receive(upTo: 9, until: .after(soon)) == bytes("x"))
        try peer.socket.sendAll("y")
        let outcome3 = await eventually {
          (try? connection.withSocket { socket throws(SocketError) in try socket.receiveQueueSize }) == 1
        }
        #expect(outcome3)
        #expect(try await connection.receive(upTo: 9, until: .now) == bytes("y"))
      }
    }
  }

  @Test("what is peeked at is received again", arguments: Poller.Engine.allCases, [true, false])
  func peek(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop)
        try peer.socket.sendAll("peek")
        var buffer = [UInt8](repeating: 0, count: 10)
        for _ in 0..<3 {
          var span = buffer.mutableSpan
          let count = try await connection.receive(into: &span, flags: .peek, until: .after(soon))
          #expect(count == 4)
        }
        #expect(Array(buffer.prefix(4)) == bytes("peek"))
        #expect(try await connection.receive(upTo: 10, until: .after(soon)) == bytes("peek"))
        let outcome = await failure { _ = try await connection.receive(upTo: 1, until: .now) }
        #expect(outcome?.errno == .wouldBlock)
      }
    }
  }

  @Test(
    "a second reader, and a second writer, is told that there is one", arguments: Poller.Engine.allCases, [true, false])
  func busy(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(2_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.tcp.joined(on: loop, sendBuffer: 8192)
      try await withThrowingTaskGroup(of: SocketError.Reason?.self) { group in
        for _ in 0..<2 {
          group.addTask {
            await failure { _ = try await connection.receive(upTo: 1, until: .after(soon)) }?.reason
          }
        }
        #expect(try await group.next() == .busy)
        try peer.socket.sendAll("x")
        #expect(try await group.next() == .some(nil))
        for _ in 0..<2 {
          group.addTask { await failure { try await connection.sendAll(large, until: .after(soon)) }?.reason }
        }
        #expect(try await group.next() == .busy)
        let reader = onThread {
          var count = 0
          while count < large.count { count += try peer.received(1 << 20).count }
        }
        #expect(try await group.next() == .some(nil))
        try await reader.value
      }
      // A reader and a writer are not in each other's way.
      async let received = connection.receive(upTo: 1, until: .after(soon))
      try await connection.sendAll("y")
      #expect(try peer.received() == bytes("y"))
      try peer.socket.sendAll("z")
      #expect(try await received == bytes("z"))
    }
  }

  @Test("a task that never waits for long lets others have their turn")
  func fairness() async throws {
    try await withLoop { loop in
      let (busy, peer) = try await Kind.unix.joined(on: loop)
      let (other, otherPeer) = try await Kind.unix.joined(on: loop)
      let isOver = Shared(false)
      try await withThrowingTaskGroup { group in
        group.addTask {
          // Always ready: it sends itself what it receives.
          while !isOver.current {
            try peer.socket.sendAll("x")
            _ = try await busy.receive(upTo: 1, until: .after(soon))
          }
        }
        for _ in 0..<50 {
          try otherPeer.socket.sendAll("y")
          #expect(try await other.receive(upTo: 1, until: .after(soon)) == bytes("y"))
        }
        isOver.withLock { $0 = true }
        try await group.waitForAll()
      }
    }
  }
}

extension [UInt8] {
  /// A copy of what is lent, in one piece.
  init(unsafeOf bytes: Span<UInt8>) {
    // Read while it is lent.
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
