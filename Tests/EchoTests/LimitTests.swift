import Foundation
import Testing

/// What the server allows its clients.
@Suite("A limit") struct LimitTests {
  @Test("of connections leaves a client in the backlog until another has gone", arguments: Mode.allCases)
  func connections(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--max-connections", "2"])
      let peer = try Peer(in: sandbox)
      for name in ["first", "second", "third", "fourth"] { try peer.connect(name, to: server.endpoint) }
      for name in ["first", "second"] { #expect(try peer.receive(greeting.utf8.count, at: name) == greeting) }
      // The server has its turns, and does not use them for the others.
      for _ in 0..<20 { #expect(try peer.echo("hello\n", at: "second") == "hello\n") }
      #expect(try !peer.isReadable("third"))
      // What they send meanwhile is not lost.
      try peer.send("early\n", from: "third")
      try peer.close("first")
      #expect(try peer.receive(greeting.utf8.count + 6, at: "third") == greeting + "early\n")
      #expect(try !peer.isReadable("fourth"))
      try peer.reset("second")
      #expect(try peer.receive(greeting.utf8.count, at: "fourth") == greeting)
      #expect(try peer.echo("hello\n", at: "third") == "hello\n")
    }
  }

  @Test("of connections counts those of all endpoints together", arguments: Mode.allCases)
  func endpointsTogether(mode: Mode) throws {
    try withSandbox { sandbox in
      let endpoints = Transport.streams.map { $0.endpoint(in: sandbox) }
      let server = try sandbox.server(endpoints, mode, ["--max-connections", "1"])
      let peer = try Peer(in: sandbox)
      for endpoint in server.endpoints { try peer.connect(endpoint, to: endpoint) }
      // Whichever the server takes first.
      var waiting = server.endpoints
      while !waiting.isEmpty {
        var served = ""
        try eventually("one that is served", showing: server.program.description) {
          served = try waiting.first(where: peer.isReadable) ?? ""
          return !served.isEmpty
        }
        waiting.removeAll { $0 == served }
        #expect(try peer.receive(greeting.utf8.count, at: served) == greeting)
        for _ in 0..<5 { #expect(try peer.echo("hello", at: served) == "hello") }
        #expect(try !waiting.contains(where: peer.isReadable))
        try peer.close(served)
      }
    }
  }

  @Test("of idle time ends a silent client, and not one that goes on", arguments: Mode.allCases)
  func idleTime(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server([.tcp, .unix], mode, ["--idle-timeout", "1"])
      let peer = try Peer(in: sandbox)
      // The busy one is there before the silent ones, so that its own time would be over before theirs.
      try peer.connect("busy", to: server.endpoints[0])
      #expect(try peer.receive(greeting.utf8.count, at: "busy") == greeting)
      for endpoint in server.endpoints {
        try peer.connect(endpoint, to: endpoint)
        #expect(try peer.receive(greeting.utf8.count, at: endpoint) == greeting)
      }
      try eventually("the end of the silent ones", showing: server.program.description) {
        #expect(try peer.echo("hello\n", at: "busy") == "hello\n")
        return try server.endpoints.allSatisfy(peer.isReadable)
      }
      for endpoint in server.endpoints { #expect(try peer.receiveRest(at: endpoint) == "") }
      #expect(try peer.echo("hello\n", at: "busy") == "hello\n")
      // To be idle is no failure.
      #expect(server.program.error == "")
    }
  }

  @Test("of idle time ends a client that never reads", arguments: Mode.allCases, Transport.streams)
  func neverRead(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet", "--idle-timeout", "0.3"])
      let peer = try Peer(in: sandbox)
      try peer.connect("deaf", to: server.endpoint)
      // The server may end it while it still sends.
      _ = try? peer.flood("deaf", limit: 128 << 20)
      try peer.waitForEnd(of: "deaf")
      #expect(server.program.error == "")
      let client = try sandbox.session(server.endpoint, input: .text("hello\nquit\n"))
      #expect(client.ending == .exited(0))
    }
  }

  @Test(
    "of descriptors pauses accepting without spinning, and ends with the shortage: trap 13", arguments: Mode.allCases)
  func descriptors(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, startedBy: Prefix.limited(descriptors: 24))
      let facts = ProcessFacts(server.program)
      let peer = try Peer(in: sandbox)
      let clients = (0..<40).map { "client \($0)" }
      for client in clients { try peer.connect(client, to: server.endpoint) }
      try server.program.waitForError("accept: too many open files (EMFILE)")

      // What it does while nothing changes.
      let begin = ContinuousClock.now
      let before = try facts.processorTime
      try eventually("a second to pass") { ContinuousClock.now - begin > .seconds(1) }
      let used = try facts.processorTime - before
      let elapsed = ContinuousClock.now - begin
      #expect(used < elapsed * 0.3)
      let attempts = server.program.errorLines.count
      // After 5 ms, 10 ms and so on up to a second, then every second.
      #expect(attempts <= 10 + Int(elapsed.components.seconds), "\(server.program)")

      // Those that have been accepted are served, the others wait.
      let accepted = server.program.output.split(separator: "\n").filter { $0.hasPrefix("accept client ") }.count
      #expect(accepted >= 5 && accepted < 24)
      for client in clients.prefix(accepted) {
        #expect(try peer.receive(greeting.utf8.count, at: client) == greeting)
        #expect(try peer.echo("hello", at: client) == "hello")
      }
      #expect(server.program.ending == nil)
      #expect(try !clients.dropFirst(accepted).contains(where: peer.isReadable))

      // Each that goes makes room for the next.
      for (client, next) in zip(clients, clients.dropFirst(accepted)) {
        try peer.close(client)
        #expect(try peer.receive(greeting.utf8.count, at: next) == greeting)
        #expect(try peer.echo("world", at: next) == "world")
      }
    }
  }

  /// What of the server's calls fails so that a client cannot be taken on, and the reason that is told.
  static let refusals: [(mode: Mode, injection: String, reason: String)] = [
    (.threads, "clone3:error=EAGAIN:when=1", "start a thread: resource temporarily unavailable (EAGAIN)"),
    // The first three calls are made before a client comes.
    (.poll, "epoll_ctl:error=ENOSPC:when=4", "no space left on device (ENOSPC)"),
    (.async, "epoll_ctl:error=ENOSPC:when=4", "no space left on device (ENOSPC)"),
    (.handler, "epoll_ctl:error=ENOSPC:when=4", "no space left on device (ENOSPC)"),
  ]

  @Test(
    "of another kind ends the one client that cannot be taken on",
    .enabled(if: Tools.canTrace, "strace cannot be used here"), arguments: refusals)
  func refused(refusal: (mode: Mode, injection: String, reason: String)) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(
        .tcp, refusal.mode, ["--no-welcome"] + (refusal.mode.hasLoops ? ["--loops", "1"] : []),
        startedBy: Prefix.injecting(
          [refusal.injection], calls: String(refusal.injection.prefix { $0 != ":" }), trace: sandbox.path("trace")))
      let peer = try Peer(in: sandbox)
      try peer.connect("unlucky", to: server.endpoint)
      let address = try peer.address(of: "unlucky")
      #expect(try peer.receiveRest(at: "unlucky") == "")
      try server.program.waitForError(refusal.reason)
      #expect(server.program.error.hasPrefix("echo-server: client \(address): "))
      #expect(server.program.errorLines.count == 1)
      for client in ["next", "another"] {
        try peer.connect(client, to: server.endpoint)
        #expect(try peer.echo("hello\n", at: client) == "hello\n")
      }
    }
  }
}
