import Foundation
import Testing

/// Messages that come back one for one.
@Suite("A datagram") struct DatagramTests {
  static let datagrams = Mode.allCases.flatMap { mode in Transport.datagrams.map { (mode, $0) } }

  @Test("comes back whole whatever its size", arguments: datagrams)
  func sizes(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let client = try sandbox.script("datagrams", server.endpoint, "1", "1472", "1473", "9000", "65507", "1")
      #expect(client.output == "echoed 1 1472 1473 9000 65507 1\n", "\(client)")
      #expect(server.program.error == "")
    }
  }

  @Test("that is empty comes back as one, and ends nothing: trap 15", arguments: datagrams)
  func empty(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let client = try sandbox.script("datagrams", server.endpoint, "0", "0", "5", "0")
      #expect(client.output == "echoed 0 0 5 0\n", "\(client)")
    }
  }

  @Test("between Unix sockets may have 100,000 bytes", arguments: Mode.allCases)
  func large(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.unixgram, mode, ["--quiet"])
      let client = try sandbox.script("datagrams", server.endpoint, "100000", "1", "100000")
      #expect(client.output == "echoed 100000 1 100000\n", "\(client)")
    }
  }

  @Test("comes back to the client that sent it, of a hundred", arguments: datagrams)
  func crowd(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let client = try sandbox.script("datagram_crowd", server.endpoint, "100")
      #expect(client.output == "echoed 100\n", "\(client)")
    }
  }

  @Test("from a socket without a name cannot be answered, which the server says", arguments: Mode.allCases)
  func unnamed(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.unixgram, mode)
      let peer = try Peer(in: sandbox)
      try peer.makeUnnamed("nameless")
      try peer.send("hello\n", from: "nameless", to: server.endpoint)
      try server.program.waitForError(
        "echo-server: \(server.endpoint): a datagram from a socket without a name cannot be answered\n")
      let client = try sandbox.session(server.endpoint, input: .text("world\nquit\n"))
      #expect(client.output == "connected to server\nEnter string to send:received:world\nEnter string to send:")
      #expect(server.program.errorLines.count == 1)
    }
  }

  @Test("that its sender does not fetch is lost, and no other", arguments: Mode.allCases)
  func neverRead(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.unixgram, mode, ["--quiet"])
      let peer = try Peer(in: sandbox)
      _ = try peer.bind("deaf", to: "unixgram://\(sandbox.path("deaf"))")
      try peer.connect("other", to: server.endpoint)
      // More than the kernel keeps for a socket that is connected with nobody (net.unix.max_dgram_qlen).
      for number in 0..<40 { try peer.send("\(number)", from: "deaf", to: server.endpoint) }
      try server.program.waitForError("(EAGAIN)")
      #expect(try peer.echo("hello", at: "other") == "hello")
      // What has room stays, in order.
      #expect(try peer.receive(1, at: "deaf") == "0")
      #expect(try peer.receive(1, at: "deaf") == "1")
    }
  }

  @Test("from a client that is gone when the answer comes harms nobody", arguments: datagrams)
  func gone(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let peer = try Peer(in: sandbox)
      for number in 0..<20 {
        try peer.connect("gone", to: server.endpoint)
        try peer.send("hello \(number)\n", from: "gone")
        try peer.close("gone")
      }
      try server.program.waitForOutput("hello 19\n")
      try peer.connect("there", to: server.endpoint)
      #expect(try peer.echo("world", at: "there") == "world")
    }
  }

  @Test("goes through echo-client --raw", arguments: datagrams)
  func raw(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let client = try sandbox.session(server.endpoint, ["--raw"], input: .text("hello"))
      #expect(client.output == "hello")
      #expect(client.ending == .exited(0))
      #expect(client.error == "")
    }
  }
}
