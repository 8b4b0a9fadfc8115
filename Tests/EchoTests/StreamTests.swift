import Foundation
import Testing

private let megabytes8 = 8 << 20

/// Bytes that must come back as they went.
@Suite("A stream") struct StreamTests {
  static let streams = Mode.allCases.flatMap { mode in Transport.streams.map { (mode, $0) } }

  /// 8 MiB that look random, and are the same each time; none of them is a newline.
  private static let noise: [UInt8] = {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    return (0..<megabytes8).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let byte = UInt8(truncatingIfNeeded: state >> 56)
      return byte == UInt8(ascii: "\n") ? 0 : byte
    }
  }()

  @Test("comes back intact while as much goes the other way: 8 MiB at once", arguments: streams)
  func bothWays(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let client = try sandbox.script("duplex", server.endpoint, "\(megabytes8)")
      #expect(client.output == "intact \(megabytes8)\n", "\(client)")
    }
  }

  @Test("is printed while it comes back, and intact all the same", arguments: Mode.allCases)
  func loud(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode)
      let client = try sandbox.script("duplex", server.endpoint, "\(1 << 20)")
      #expect(client.output == "intact \(1 << 20)\n", "\(client)")
    }
  }

  @Test("takes a line of 8 MiB", arguments: Mode.allCases)
  func longLine(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--quiet"])
      let line = Self.noise
      let client = try sandbox.session(
        server.endpoint, input: .bytes(line + Array("\nquit\n".utf8)), within: .seconds(60))
      #expect(client.ending == .exited(0))
      let expected = Array("received:".utf8) + line + Array("\nEnter string to send:".utf8)
      let isIntact = client.outputBytes.suffix(expected.count) == expected[...]
      #expect(isIntact, "\(client)")
    }
  }

  @Test("goes through echo-client --raw, end and all: 8 MiB", arguments: streams)
  func raw(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let data = Self.noise
      let client = try sandbox.session(server.endpoint, ["--raw"], input: .bytes(data), within: .seconds(60))
      #expect(client.ending == .exited(0))
      #expect(client.error == "")
      let isIntact = client.outputBytes == Array(greeting.utf8) + data
      #expect(isIntact, "\(client)")
    }
  }

  @Test("comes back whole although it has ended, as after a half close: trap 28", arguments: streams)
  func halfClose(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let client = try sandbox.script("half_close", server.endpoint, "300", "apart")
      #expect(client.output == "complete 300\n", "\(client)")
    }
  }

  @Test("comes back whole although its end is in the same segment: trap 28, trap 32", arguments: streams)
  func endWithData(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let client = try sandbox.script("half_close", server.endpoint, "100", "together")
      #expect(client.output == "complete 100\n", "\(client)")
    }
  }

  @Test("is one of 1,000 that are open at once", arguments: Mode.allCases)
  func crowd(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, startedBy: Prefix.limited(descriptors: 4096))
      let client = try sandbox.script("crowd", server.endpoint, "1000")
      #expect(client.output == "open 1000\nechoed 1000\n", "\(client)")
    }
  }

  @Test("that nobody reads is read no further, and holds up nobody else: trap 33", arguments: streams)
  func neverRead(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let peer = try Peer(in: sandbox)
      try peer.connect("busy", to: server.endpoint)
      #expect(try peer.receive(greeting.utf8.count, at: "busy") == greeting)
      let before = try ProcessFacts(server.program).memory
      try peer.connect("deaf", to: server.endpoint)
      // Far more than the kernel keeps for a connection, both ways.
      let limit = 128 << 20
      let sent = try peer.flood("deaf", limit: limit)
      #expect(sent > 0)
      #expect(sent < limit)
      #expect(try peer.echo("hello", at: "busy") == "hello")
      let grown = try ProcessFacts(server.program).memory - before
      #expect(grown < 32 << 20)
      // None of it is lost once somebody reads.
      try peer.drain("deaf", count: sent)
      #expect(try peer.echo("world", at: "deaf") == "world")
    }
  }

  @Test("that is reset ends alone: trap 29", arguments: Mode.allCases)
  func reset(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode)
      let peer = try Peer(in: sandbox)
      for name in ["idle", "busy", "full"] {
        try peer.connect(name, to: server.endpoint)
        #expect(try peer.receive(greeting.utf8.count, at: name) == greeting)
      }
      // One while the server waits for it to send, one while it waits for it to receive.
      _ = try peer.flood("full", limit: 128 << 20)
      let full = try peer.address(of: "full")
      let idle = try peer.address(of: "idle")
      try peer.reset("idle")
      try peer.reset("full")
      try server.program.waitForError("client \(idle): receive: connection reset by peer (ECONNRESET)")
      try server.program.waitForError("client \(full): ")
      #expect(server.program.errorLines.count == 2, "\(server.program)")
      #expect(try peer.echo("hello", at: "busy") == "hello")
    }
  }
}
