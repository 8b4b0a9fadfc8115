import Foundation
import Testing

/// How the server ends, and what it leaves.
@Suite("A server that is told to stop") struct ShutdownTests {
  static let signals = Mode.allCases.flatMap { mode in [SIGTERM, SIGINT].map { (mode, $0) } }

  /// Waits until nobody can connect any more.
  private func waitUntilRefused(_ peer: Peer, _ endpoint: String, as reason: String, _ program: Program) throws {
    try eventually("refused connections", showing: program.description) {
      do {
        // Until the listener is gone it may still take one, which must not be left open.
        try peer.connect("late", to: endpoint)
        try peer.close("late")
        return false
      } catch let failure as Peer.Failure {
        return failure.description == reason
      }
    }
  }

  @Test("accepts nobody, finishes what is open, and ends with 0", arguments: signals)
  func graceful(mode: Mode, signal: Int32) throws {
    try withSandbox { sandbox in
      // Without a greeting that a late client would leave unread, and be reset for.
      let server = try sandbox.server(.tcp, mode, ["--no-welcome"])
      let peer = try Peer(in: sandbox)
      for name in ["first", "second"] {
        try peer.connect(name, to: server.endpoint)
        #expect(try peer.echo("hello", at: name) == "hello")
      }
      server.program.signal(signal)
      try waitUntilRefused(peer, server.endpoint, as: "ECONNREFUSED", server.program)
      for name in ["first", "second"] { #expect(try peer.echo("hello", at: name) == "hello") }
      try peer.close("first")
      #expect(try peer.echo("world", at: "second") == "world")
      #expect(server.program.ending == nil)
      try peer.endSending("second")
      #expect(try peer.receiveRest(at: "second") == "")
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(server.program.error == "")
    }
  }

  @Test("does so on Unix sockets too, whose files are gone at once", arguments: Mode.allCases)
  func unix(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server([.unix, .unixgram], mode)
      let paths = ["stream", "datagram"].map(sandbox.path)
      #expect(paths.allSatisfy(FileManager.default.fileExists))
      let peer = try Peer(in: sandbox)
      try peer.connect("open", to: server.endpoints[0])
      #expect(try peer.receive(greeting.utf8.count, at: "open") == greeting)
      server.program.signal(SIGTERM)
      try waitUntilRefused(peer, server.endpoints[0], as: "ENOENT", server.program)
      try eventually("the files to go") { !paths.contains(where: FileManager.default.fileExists) }
      #expect(try peer.echo("hello", at: "open") == "hello")
      try peer.close("open")
      #expect(try server.program.waitForEnd() == .exited(0))
    }
  }

  @Test("ends at once where nobody is connected", arguments: Mode.allCases, Transport.allCases)
  func idle(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      server.program.signal(SIGINT)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(server.program.error == "")
      // Neither a socket's file nor another.
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.directory) == [])
    }
  }

  @Test("twice ends at once, with 0, whoever is connected", arguments: signals)
  func twice(mode: Mode, signal: Int32) throws {
    try withSandbox { sandbox in
      let pidFile = sandbox.path("pid")
      let server = try sandbox.server(
        [.tcp, .unix], mode, ["--quiet", "--pidfile", pidFile])
      let peer = try Peer(in: sandbox)
      for name in server.endpoints + ["deaf"] { try peer.connect(name, to: name == "deaf" ? server.endpoint : name) }
      for name in server.endpoints { #expect(try peer.receive(greeting.utf8.count, at: name) == greeting) }
      // One of them holds bytes that it will never take.
      _ = try peer.flood("deaf", limit: 128 << 20)
      server.program.signal(signal)
      try waitUntilRefused(peer, server.endpoint, as: "ECONNREFUSED", server.program)
      server.program.signal(signal == SIGINT ? SIGTERM : SIGINT)
      #expect(try server.program.waitForEnd() == .exited(0))
      for name in server.endpoints { #expect(try peer.receiveRest(at: name) == "") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.directory) == [])
    }
  }

  @Test("once, closes what is open when the grace period is over, and ends with 0", arguments: Mode.allCases)
  func gracePeriod(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--grace-period", "0.5"])
      let peer = try Peer(in: sandbox)
      for name in ["idle", "deaf"] {
        try peer.connect(name, to: server.endpoint)
        #expect(try peer.receive(greeting.utf8.count, at: name) == greeting)
      }
      _ = try peer.flood("deaf", limit: 128 << 20)
      let clock = ContinuousClock()
      let begin = clock.now
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(begin.duration(to: clock.now) >= .seconds(0.5))
      #expect(try peer.receiveRest(at: "idle") == "")
      #expect(server.program.error == "")
    }
  }

  @Test("once, says nothing of a proxy whose header it waited for", arguments: [Mode.async, .threads])
  func gracePeriodOfProxy(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--grace-period", "0.2", "--proxy-protocol", "127.0.0.1"])
      let peer = try Peer(in: sandbox)
      try peer.connect("silent", to: server.endpoint)
      try peer.send("PROXY TC", from: "silent")
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(server.program.error == "")
    }
  }

  @Test("can be started again at once at the same port", arguments: Mode.allCases)
  func restart(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode)
      let peer = try Peer(in: sandbox)
      // The server's end is closed first, so that it is the server's port that the system keeps for a while.
      try peer.connect("open", to: server.endpoint)
      #expect(try peer.receive(greeting.utf8.count, at: "open") == greeting)
      server.program.signal(SIGTERM)
      try waitUntilRefused(peer, server.endpoint, as: "ECONNREFUSED", server.program)
      server.program.signal(SIGTERM)
      try server.program.waitForEnd()
      let again = try sandbox.server(server.endpoint, mode)
      #expect(again.endpoint == server.endpoint)
      let client = try sandbox.session(again.endpoint, input: .text("hello\nquit\n"))
      #expect(client.output.contains("received:hello\n"))
    }
  }

  @Test("ends an echo-client that waits for its user, which says why", arguments: Mode.allCases)
  func clientAtPrompt(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode)
      let client = try sandbox.client(server.endpoint)
      try client.waitForOutput("Enter string to send:")
      server.program.signal(SIGTERM)
      server.program.signal(SIGINT)
      #expect(try client.waitForEnd() == .exited(1))
      #expect(client.errorLines == ["echo-client: \(server.endpoint): the server closed the connection"])
    }
  }
}
