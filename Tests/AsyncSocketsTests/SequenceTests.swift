import AsyncSockets
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1))) struct SequenceTests {
  @Test("chunks come as they are, to the end, and none is empty", arguments: [true, false])
  func chunks(onLoop: Bool) async throws {
    let large = pattern(1_000_000)
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      for maximum in [1000, 65_536, .max] {
        let (connection, peer) = try await Kind.tcp.connections(on: loop)
        async let sent: Void = {
          try await peer.sendAll(large, until: .after(soon))
          peer.close()
        }()
        var all: [UInt8] = []
        for try await chunk in connection.chunks(ofAtMost: maximum) {
          #expect(!chunk.isEmpty && chunk.count <= maximum)
          all += chunk
        }
        try await sent
        let isWhole = all == large
        #expect(isWhole)
      }
    }
  }

  @Test("chunks of a connection that is reset end with the error")
  func reset() async throws {
    try await withLoop { loop in
      let (connection, peer) = try await Kind.tcp.joined(on: loop)
      connection.close()
      let outcome = await failure { for try await _ in connection.chunks() {} }
      #expect(outcome?.reason == .closed)
      _ = peer
    }
  }

  @Test(
    "lines end with LF, or CR LF, or the end",
    arguments: [
      ("", []), ("\n", [""]), ("\r\n", [""]), ("a\nb\n", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
      ("a\n\n\nb", ["a", "", "", "b"]),
      ("last", ["last"]), ("a\nlast\r", ["a", "last\r"]), ("a\rb\n", ["a\rb"]), ("a\r\r\n", ["a\r"]),
      ("\n\n", ["", ""]),
    ] as [(String, [String])])
  func lines(_ text: String, _ expected: [String]) async throws {
    try await withLoop { loop in
      // In one piece, and byte by byte.
      for size in [1000, 1] {
        let (connection, peer) = try await Kind.unix.connections(on: loop)
        async let sent: Void = {
          var rest = Array(text.utf8)[...]
          while !rest.isEmpty {
            try await peer.sendAll(Array(rest.prefix(size)), until: .after(soon))
            rest = rest.dropFirst(size)
            await Task.yield()
          }
          peer.close()
        }()
        var lines: [String] = []
        for try await line in connection.lines() { lines.append(String(decoding: line, as: UTF8.self)) }
        try await sent
        #expect(lines == expected)
      }
    }
  }

  @Test(
    "a line may have as many bytes as allowed, and not one more", arguments: ["\n", "\r\n", ""],
    [0, 1, 5, 20_000, 65_536])
  func limit(_ end: String, _ maximum: Int) async throws {
    try await withLoop { loop in
      for excess in [0, 1, 2, 100_000] {
        let (connection, peer) = try await Kind.unix.connections(on: loop)
        let text = String(repeating: "x", count: maximum + excess)
        async let sent: Void = {
          try await peer.sendAll(String("first".prefix(maximum)) + "\n" + text + end)
          peer.close()
        }()
        var lines = connection.lines(ofAtMost: maximum).makeAsyncIterator()
        #expect(try await lines.next()?.count == min(5, maximum))
        if excess > 0 {
          let outcome = await failure { _ = try await lines.next() }
          #expect(outcome?.reason == .lineTooLong)
          connection.close()
          try? await sent
        } else {
          let line = try await lines.next()
          // An empty text without an end is no line at all.
          #expect(line?.count == (maximum == 0 && end == "" ? nil : maximum))
          #expect(try await lines.next() == nil)
          try await sent
        }
      }
    }
  }

  @Test("an endless line is not kept")
  func endless() async throws {
    try await withLoop { loop in
      let (connection, peer) = try await Kind.unix.connections(on: loop)
      async let sent = failure {
        while true { try await peer.sendAll(pattern(1).map { _ in 120 }, until: .after(soon)) }
      }
      let outcome = await failure { for try await _ in connection.lines(ofAtMost: 1000) {} }
      #expect(outcome?.reason == .lineTooLong)
      connection.close()
      let errno = await sent?.errno
      #expect(errno == .brokenPipe || errno == .connectionReset)
    }
  }

  @Test("a hundred thousand lines come in order")
  func many() async throws {
    try await withLoop { loop in
      let (connection, peer) = try await Kind.tcp.connections(on: loop)
      let text = (0..<100_000).map { "\($0)\n" }.joined()
      async let sent: Void = {
        try await peer.sendAll(text, until: .after(soon))
        peer.close()
      }()
      var number = 0
      for try await line in connection.lines() {
        if line != bytes("\(number)") { Issue.record("\(line)") }
        number += 1
      }
      #expect(number == 100_000)
      try await sent
    }
  }
}
