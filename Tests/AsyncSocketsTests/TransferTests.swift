import AsyncSockets
import Foundation
import Glibc
import Sockets
import Testing

/// A file with these bytes, open for reading, and without a name.
private func file(_ bytes: [UInt8]) throws -> FileHandle {
  let path = "/tmp/async-sockets-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
}

@Suite(.timeLimit(.minutes(1))) struct TransferTests {
  @Test("a file of megabytes is sent, whole or in part", arguments: Poller.Engine.allCases, [true, false])
  func sendFile(_ engine: Poller.Engine, onLoop: Bool) async throws {
    let large = pattern(4_000_000)
    try await withLoop(engine, onLoop: onLoop) { loop in
      let file = try file(large)
      for kind in Kind.allCases {
        let (connection, peer) = try await kind.joined(on: loop, sendBuffer: 65_536)
        let reader = onThread { try peer.receivedAll() }
        #expect(try await connection.sendFile(file.fileDescriptor, until: .after(soon)) == large.count)
        #expect(try await connection.sendFile(file.fileDescriptor, from: 1000, count: 10, until: .after(soon)) == 10)
        #expect(try await connection.sendFile(file.fileDescriptor, from: 3_999_999, until: .after(soon)) == 1)
        #expect(try await connection.sendFile(file.fileDescriptor, from: 9_000_000, until: .after(soon)) == 0)
        #expect(try await connection.sendFile(file.fileDescriptor, count: 0, until: .after(soon)) == 0)
        try connection.shutdown(.write)
        let isWhole = try await reader.value == large + large[1000..<1010] + large[3_999_999...]
        #expect(isWhole)
      }
    }
  }

  /// How often another task of the loop has its turn while a call is under way.
  private func turns(on loop: EventLoop, during call: () async throws -> Void) async throws -> Int {
    let turns = Task(executorPreference: loop) {
      var turns = 0
      while !Task.isCancelled {
        turns += 1
        await Task.yield()
      }
      return turns
    }
    try await call()
    turns.cancel()
    return await turns.value
  }

  @Test("a call that has much to receive lets others have their turn")
  func longReceive() async throws {
    try await withLoop(.epoll, onLoop: true) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      let (cargo, cargoPeer) = try Kind.unix.pair()
      var control = ControlBuffer()
      try control.append(descriptors: [cargo.socket.descriptor])
      // A receive stops at each byte, and none of them waits: all has come already.
      for _ in 0..<200 { #expect(try peer.socket.send(bytes("x").span, control: control) == 1) }
      var buffer = [UInt8](repeating: 0, count: 200)
      let turns = try await turns(on: loop) {
        var span = buffer.mutableSpan
        try await connection.receiveExactly(into: &span, until: .after(soon))
      }
      #expect(turns >= 3)
      #expect(buffer == [UInt8](repeating: UInt8(ascii: "x"), count: 200))
      _ = cargoPeer
    }
  }

  @Test(
    "a file that all goes at once lets others have their turn, each megabyte",
    .enabled(if: geteuid() == 0, "skipped: it takes a privilege"))
  func longFile() async throws {
    let count = 32 << 20
    try await withLoop(.epoll, onLoop: true) { loop in
      let file = try file([UInt8](repeating: 7, count: count))
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      // Room for all of it, so that it never has to wait.
      try connection.withSocket { socket throws(SocketError) in try socket.set(.forcedSendBufferSize, 4 * count) }
      let turns = try await turns(on: loop) {
        let sent = try await connection.sendFile(file.fileDescriptor, until: .after(soon))
        #expect(sent == count)
      }
      #expect(turns >= count >> 20)
      try connection.shutdown(.write)
      #expect(try peer.receivedAll().count == count)
    }
  }

  @Test("a file that the peer does not take goes on where it stopped", arguments: Poller.Engine.allCases)
  func interrupted(_ engine: Poller.Engine) async throws {
    let large = pattern(8_000_000)
    try await withLoop(engine) { loop in
      let file = try file(large)
      let (connection, peer) = try await Kind.tcp.joined(on: loop, sendBuffer: 65_536)
      let error = await failure {
        try await connection.sendFile(file.fileDescriptor, until: .after(.milliseconds(50)))
      }
      #expect(error?.reason == .timedOut)
      let sent = error?.bytesTransferred ?? 0
      #expect(sent > 0 && sent < large.count)
      let reader = onThread { try peer.receivedAll() }
      let rest = try await connection.sendFile(file.fileDescriptor, from: Int64(sent), until: .after(soon))
      #expect(rest == large.count - sent)
      connection.close()
      let isWhole = try await reader.value == large
      #expect(isWhole)
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct ControlTests {
  /// Receives a message with what came beside it: its bytes, and how many descriptors.
  private static func receive(_ connection: Connection, _ size: Int = 4096) async throws -> (String, Int) {
    var buffer = [UInt8](repeating: 0, count: size)
    var span = buffer.mutableSpan
    var control = ControlBuffer()
    let message = try await connection.receiveMessage(into: &span, control: &control, until: .after(soon))
    return (String(decoding: buffer.prefix(message.count), as: UTF8.self), control.descriptorCount)
  }

  @Test(
    "descriptors cross a Unix stream, and a receive that stops at them does not hang after (trap 32)",
    arguments: Poller.Engine.allCases, [true, false])
  func descriptors(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      let (cargo, cargoPeer) = try Kind.unix.pair()
      for round in 0..<20 {
        var control = ControlBuffer()
        try control.append(descriptors: [cargo.socket.descriptor])
        try peer.socket.sendAll("plain")
        #expect(try peer.socket.send(bytes("one").span, control: control) == 3)
        #expect(try peer.socket.send(bytes("two").span, control: control) == 3)
        try peer.socket.sendAll("after")
        // The kernel stops at each boundary, short of the buffer, with more behind it.
        var seen = ""
        var count = 0
        while seen.utf8.count < 16 {
          let (text, descriptors) = try await Self.receive(connection)
          seen += text
          count += descriptors
        }
        #expect(seen == "plainonetwoafter" && count == 2, "round \(round)")
      }
      _ = cargoPeer
    }
  }

  @Test(
    "plain receives stop at descriptors too, close them, and go on", arguments: Poller.Engine.allCases, [true, false])
  func boundary(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      let (cargo, _) = try Kind.unix.pair()
      for _ in 0..<10 {
        var control = ControlBuffer()
        try control.append(descriptors: [cargo.socket.descriptor])
        for _ in 0..<3 { #expect(try peer.socket.send(bytes("abc").span, control: control) == 3) }
        var all: [UInt8] = []
        all += try await connection.receive(upTo: 100, until: .after(soon))
        while all.count < 9 {
          all += try await connection.receive(until: .after(soon)) { [UInt8](unsafeOf: $0) }
        }
        #expect(all == bytes("abcabcabc"))
      }
      // The one that was sent thirty times, and no copy of it.
      let name = "/proc/self/fd/\(cargo.socket.descriptor)"
      let identity = try FileManager.default.destinationOfSymbolicLink(atPath: name)
      #expect(try openSockets { $0 == identity } == 1)
    }
  }

  @Test("a connection sends descriptors, and waits for room like any other send", arguments: [true, false])
  func send(onLoop: Bool) async throws {
    try await withLoop(.epoll, onLoop: onLoop) { loop in
      let (connection, peer) = try await Kind.unix.joined(on: loop)
      let (cargo, cargoPeer) = try Kind.unix.pair()
      var control = ControlBuffer()
      try control.append(descriptors: [cargo.socket.descriptor])
      #expect(try await connection.send(bytes("x").span, control: control, until: .after(soon)) == 1)
      var buffer = [UInt8](repeating: 0, count: 8)
      var span = buffer.mutableSpan
      var received = ControlBuffer()
      let message = try peer.socket.receiveMessage(into: &span, control: &received, until: .after(soon))
      #expect(message.count == 1)
      guard let descriptor = received.takeDescriptor() else {
        Issue.record("none came")
        return
      }
      try Socket(adopting: descriptor).sendAll("through it")
      #expect(try cargoPeer.received() == bytes("through it"))
    }
  }

  @Test(
    "urgent data stops a receive, and what is behind it comes after", arguments: Poller.Engine.allCases, [true, false])
  func urgent(_ engine: Poller.Engine, onLoop: Bool) async throws {
    try await withLoop(engine, onLoop: onLoop) { loop in
      for isLate in [false, true] {
        let (connection, peer) = try await Kind.tcp.joined(on: loop)
        let send: @Sendable () throws -> Void = {
          try peer.socket.sendAll("abc")
          #expect(try peer.socket.send(bytes("!").span, flags: .outOfBand) == 1)
          try peer.socket.sendAll("def")
        }
        async let late: Void = { if isLate { try send() } }()
        if !isLate { try send() }
        var all: [UInt8] = []
        while all.count < 6 {
          let more = try await connection.receive(upTo: 100, until: .after(soon))
          try #require(!more.isEmpty)
          all += more
          guard !isLate, all.count == 3 else { continue }
          // It can be had until what is behind it is received.
          var urgent: [UInt8] = [0, 0]
          var span = urgent.mutableSpan
          let count = try await connection.receive(into: &span, flags: .outOfBand, until: .now)
          #expect(count == 1 && urgent[0] == UInt8(ascii: "!"))
        }
        #expect(all == bytes("abcdef"))
        try await late
        // And after it all goes on as before.
        try peer.socket.sendAll("ghi")
        #expect(try await connection.receive(upTo: 100, until: .after(soon)) == bytes("ghi"))
        try peer.socket.shutdown(.write)
        #expect(try await connection.receive(upTo: 100, until: .after(soon)) == [])
      }
    }
  }
}
