import Foundation
import Testing

/// What goes wrong is said in one line, and ends a program with 1.
@Suite("A failure") struct FailureTests {
  /// Checks that a program has ended with one line, and with nothing on its standard output that is not expected.
  private func expectFailure(_ program: Program, says line: String, after output: String = "") {
    #expect(program.ending == .exited(1), "\(program)")
    #expect(program.errorLines == [line[...]])
    #expect(program.output == output)
  }

  @Test("to connect names the endpoint and the reason")
  func refused() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      // A port that is taken, so that nobody else listens there, and not listened on.
      let endpoint = try peer.bind("taken", to: "tcp://127.0.0.1:0")
      let address = endpoint.dropFirst(6)
      for options in [[], ["--raw"]] {
        expectFailure(
          try sandbox.session(endpoint, options, input: .text("hello\n")),
          says: "echo-client: \(endpoint): connect to \(address): connection refused (ECONNREFUSED)")
      }
      for scheme in ["unix", "unixgram"] {
        let path = sandbox.path("nothing")
        expectFailure(
          try sandbox.session("\(scheme)://\(path)", input: .text("hello\n")),
          says: "echo-client: \(scheme)://\(path): connect to unix:\(path): no such file or directory (ENOENT)")
      }
    }
  }

  @Test("to find a host names it", arguments: ["echo-server", "echo-client"])
  func unknownHost(program: String) throws {
    try withSandbox { sandbox in
      let failed = try sandbox.run(
        [Sandbox.program(program), "tcp://nowhere.invalid:80"], within: .seconds(60))
      #expect(failed.ending == .exited(1), "\(failed)")
      #expect(failed.errorLines.count == 1, "\(failed)")
      // Where no server of names can be asked, the reason is another.
      #expect(failed.error.hasPrefix("\(program): tcp://nowhere.invalid:80: look up nowhere.invalid: "))
      #expect(failed.error.contains("(EAI_"))
      #expect(failed.output == "")
    }
  }

  @Test("to listen names the endpoint and the reason", arguments: ["tcp", "udp"])
  func addressInUse(scheme: String) throws {
    try withSandbox { sandbox in
      let first = try sandbox.server("\(scheme)://127.0.0.1:0", .poll)
      let address = "127.0.0.1:\(first.port)"
      let reason = "address already in use (EADDRINUSE)"
      expectFailure(
        try sandbox.endingServer([first.endpoint]),
        says: "echo-server: \(first.endpoint): bind to \(address): \(reason)")
      // An address that nobody has, and a directory that does not exist.
      expectFailure(
        try sandbox.endingServer(["\(scheme)://192.0.2.1:0"]),
        says: "echo-server: \(scheme)://192.0.2.1:0: bind to 192.0.2.1:0: "
          + "cannot assign requested address (EADDRNOTAVAIL)")
      let path = sandbox.path("none/socket")
      expectFailure(
        try sandbox.endingServer(["unix://\(path)"]),
        says: "echo-server: unix://\(path): bind to unix:\(path): no such file or directory (ENOENT)")
    }
  }

  @Test("of the server ends a client that waits for its user, at once", arguments: ["close", "reset", "end"])
  func serverGoesAway(how: String) throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let endpoint = try peer.listen("listener", on: "tcp://127.0.0.1:0")
      let client = try sandbox.client(endpoint)
      try peer.accept("server", from: "listener")
      try peer.send(greeting, from: "server")
      try client.waitForOutput("Enter string to send:")
      client.type("hello\n")
      #expect(try peer.receive(6, at: "server") == "hello\n")
      try peer.send("hello\n", from: "server")
      try client.waitForOutput("Enter string to send:", times: 2)
      switch how {
      case "close": try peer.close("server")
      case "reset": try peer.reset("server")
      default: try peer.endSending("server")
      }
      // Its input is open all the while.
      try client.waitForEnd()
      #expect(client.ending == .exited(1))
      #expect(client.errorLines == ["echo-client: \(endpoint): the server closed the connection"])
    }
  }

  @Test("of a server that says why ends a client at its prompt, which shows it")
  func lastWordsAtPrompt() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let endpoint = try peer.listen("listener", on: "tcp://127.0.0.1:0")
      let client = try sandbox.client(endpoint)
      try peer.accept("server", from: "listener")
      try client.waitForOutput("Enter string to send:")
      try peer.send("closing down\n", from: "server")
      try peer.close("server")
      // Its input is open all the while.
      #expect(try client.waitForEnd() == .exited(1))
      #expect(client.output == "connected to server\nEnter string to send:closing down\n")
      #expect(client.errorLines == ["echo-client: \(endpoint): the server closed the connection"])
    }
  }

  @Test("of the server in the middle of a reply ends the client, which shows what there was of it")
  func serverGoesAwayMeanwhile() throws {
    try withSandbox { sandbox in
      for isReset in [false, true] {
        let peer = try Peer(in: sandbox)
        let endpoint = try peer.listen("listener", on: "tcp://127.0.0.1:0")
        let client = try sandbox.client(endpoint)
        try peer.accept("server", from: "listener")
        client.type("hello\n")
        #expect(try peer.receive(6, at: "server") == "hello\n")
        try peer.send("hel", from: "server")
        if isReset { try peer.reset("server") } else { try peer.close("server") }
        #expect(try client.waitForEnd() == .exited(1))
        #expect(client.errorLines == ["echo-client: \(endpoint): the server closed the connection"])
        // A reset may throw away what came before it.
        if !isReset { #expect(client.output == "connected to server\nEnter string to send:hel") }
      }
    }
  }

  @Test("of the server ends a raw client that still sends: trap 7", arguments: 1...8)
  func serverGoesAwayRaw(attempt: Int) throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let endpoint = try peer.listen("listener", on: "tcp://127.0.0.1:0")
      let client = try sandbox.client(endpoint, ["--raw"], input: .bytes([UInt8](repeating: 0x78, count: 32 << 20)))
      try peer.accept("server", from: "listener")
      #expect(try peer.receive(5, at: "server") == "xxxxx")
      // What has come and is not received makes the system reset the connection. Whichever of the client's two threads
      // has the news first, it is told.
      try peer.close("server")
      #expect(try client.waitForEnd() == .exited(1), "\(client)")
      #expect(client.errorLines.count == 1, "\(client)")
      #expect(client.error.hasPrefix("echo-client: \(endpoint): "))
    }
  }

  @Test("of a datagram to come back is waited for in vain, and said")
  func noReply() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      for endpoint in ["udp://127.0.0.1:0", "unixgram://\(sandbox.path("silent"))"] {
        let silent = try peer.bind(endpoint, to: endpoint)
        expectFailure(
          try sandbox.session(silent, input: .text("hello\n")),
          says: "echo-client: \(silent): no reply within 2.0 seconds",
          after: "connected to server\nEnter string to send:")
      }
    }
  }

  @Test("of a datagram to arrive is said")
  func nobodyThere() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      // A port that was free a moment ago.
      let endpoint = try peer.bind("gone", to: "udp://127.0.0.1:0")
      try peer.close("gone")
      expectFailure(
        try sandbox.session(endpoint, input: .text("hello\n")),
        says: "echo-client: \(endpoint): receive: connection refused (ECONNREFUSED)",
        after: "connected to server\nEnter string to send:")
    }
  }

  @Test("to write what comes back is said")
  func fullOutput() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll)
      let words = [try Sandbox.program("echo-client"), server.endpoint]
      let client = try sandbox.run(["sh", "-c", #""$0" "$@" >/dev/full"#] + words)
      expectFailure(client, says: "echo-client: write to standard output: no space left on device (ENOSPC)")
    }
  }
}
