import Foundation
import Testing

/// What the server is to the system: a number in a file, a title, descriptors.
@Suite("The server's process") struct ProcessTests {
  @Test("has its number in the pid file for as long as it runs", arguments: Mode.allCases)
  func pidFile(mode: Mode) throws {
    try withSandbox { sandbox in
      let path = sandbox.path("pid")
      let server = try sandbox.server(.tcp, mode, ["--pidfile", path])
      let number = try String(contentsOfFile: path, encoding: .utf8)
      #expect(number.trimmingCharacters(in: .newlines) == "\(server.program.process)")
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("runs as many event loops as it is told to, and gives each its share", arguments: [Mode.async, .handler])
  func loops(mode: Mode) throws {
    try withSandbox { sandbox in
      let one = try sandbox.server(.tcp, mode, ["--loops", "1"])
      let four = try sandbox.server(.tcp, mode, ["--loops", "4"])
      // The loops' threads are there when it listens, or a moment later.
      try eventually("three threads more", showing: four.program.description) {
        try ProcessFacts(four.program).threads == ProcessFacts(one.program).threads + 3
      }
      let peer = try Peer(in: sandbox)
      for client in 0..<8 { try peer.connect("\(client)", to: four.endpoint) }
      for client in 0..<8 {
        #expect(try peer.receive(greeting.utf8.count, at: "\(client)") == greeting)
        #expect(try peer.echo("hello\n", at: "\(client)") == "hello\n")
      }
    }
  }

  @Test("refuses to run beside another that has the pid file, and leaves the file alone")
  func secondServer() throws {
    try withSandbox { sandbox in
      let path = sandbox.path("pid")
      let server = try sandbox.server(.tcp, .poll, ["--pidfile", path])
      let second = try sandbox.endingServer(["--pidfile", path, "tcp://127.0.0.1:0"])
      #expect(second.ending == .exited(1))
      #expect(
        second.errorLines == ["echo-server: pid file \(path): already running as process \(server.program.process)"])
      #expect(second.output == "")
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("\(server.program.process)"))
    }
  }

  @Test("takes over the pid file of one that was killed")
  func killed() throws {
    try withSandbox { sandbox in
      let path = sandbox.path("pid")
      let first = try sandbox.server(.tcp, .poll, ["--pidfile", path])
      first.program.signal(SIGKILL)
      try first.program.waitForEnd()
      #expect(FileManager.default.fileExists(atPath: path))
      let second = try sandbox.server(.tcp, .poll, ["--pidfile", path])
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("\(second.program.process)"))
    }
  }

  @Test("removes the pid file and its sockets' files when it cannot start")
  func failedStart() throws {
    try withSandbox { sandbox in
      let taken = try sandbox.server(.tcp, .poll)
      let server = try sandbox.endingServer([
        "--pidfile", sandbox.path("pid"), Transport.unix.endpoint(in: sandbox), taken.endpoint,
      ])
      #expect(server.ending == .exited(1))
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.directory) == [])
    }
  }

  @Test("says where it listens in its title", arguments: Mode.allCases)
  func title(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(Transport.allCases, mode)
      #expect(try ProcessFacts(server.program).title == "echo-server: \(server.endpoints.joined(separator: " "))")
    }
  }

  @Test("hands none of its sockets to a program that it might start: trap 6, trap 36", arguments: Mode.allCases)
  func closeOnExec(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(Transport.allCases, mode)
      let peer = try Peer(in: sandbox)
      try peer.connect("client", to: server.endpoint)
      #expect(try peer.receive(greeting.utf8.count, at: "client") == greeting)
      let facts = ProcessFacts(server.program)
      let own = try facts.socketDescriptors
      #expect(own.count > Transport.allCases.count)
      for (descriptor, target) in own {
        #expect(try facts.isCloseOnExec(descriptor), "\(descriptor) is \(target)")
      }
    }
  }

  @Test("and the client's hand on no socket either: trap 6, trap 36", arguments: [[], ["--raw"]])
  func clientCloseOnExec(options: [String]) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll)
      let client = try sandbox.client(server.endpoint, options)
      try client.waitForOutput(greeting)
      let facts = ProcessFacts(client)
      let own = try facts.socketDescriptors
      #expect(!own.isEmpty)
      for (descriptor, target) in own {
        #expect(try facts.isCloseOnExec(descriptor), "\(descriptor) is \(target)")
      }
    }
  }

  @Test("has as many descriptors after 200 connections as before: trap 5", arguments: Mode.allCases, Transport.streams)
  func noLeak(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let facts = ProcessFacts(server.program)
      // What is opened once is open from now on. This client has seen the server close its connection.
      #expect(try sandbox.script("half_close", server.endpoint, "1", "apart").ending == .exited(0))
      let peer = try Peer(in: sandbox)
      try peer.connect("open", to: server.endpoint)
      #expect(try peer.receive(greeting.utf8.count, at: "open") == greeting)
      let before = try facts.descriptors.count
      #expect(try sandbox.script("half_close", server.endpoint, "180", "apart").ending == .exited(0))
      for _ in 0..<20 {
        try peer.connect("reset", to: server.endpoint)
        try peer.send("hello", from: "reset")
        try peer.reset("reset")
      }
      try server.program.waitForOutput("accept client ", times: 202)
      try eventually("as many descriptors as before", showing: "\(server.program)\n\(facts)") {
        try facts.descriptors.count == before
      }
      #expect(try peer.echo("hello", at: "open") == "hello")
    }
  }

  @Test("is not disturbed by a descriptor that it inherits", arguments: Mode.allCases)
  func inherited(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, startedBy: ["sh", "-c", #"exec 7</dev/null 8<&7 "$0" "$@""#])
      let facts = ProcessFacts(server.program)
      #expect(try facts.descriptors[7] == "/dev/null")
      let client = try sandbox.session(server.endpoint, input: .text("hello\nquit\n"))
      #expect(client.output.contains("received:hello\n"))
      #expect(try facts.descriptors[7] == "/dev/null")
      #expect(try facts.descriptors[8] == "/dev/null")
    }
  }

  @Test("takes no socket for a standard stream that was closed", arguments: Mode.allCases)
  func closedStreams(mode: Mode) throws {
    try withSandbox { sandbox in
      let endpoint = Transport.unix.endpoint(in: sandbox)
      let words = [try Sandbox.program("echo-server"), "--mode", mode.rawValue, endpoint]
      let server = try sandbox.start(["sh", "-c", #"exec "$0" "$@" <&- >&- 2>&-"#] + words)
      let peer = try Peer(in: sandbox)
      // It cannot say when it listens.
      try eventually("a server that listens", showing: server.description) {
        (try? peer.connect("client", to: endpoint)) != nil
      }
      #expect(try peer.receive(greeting.utf8.count, at: "client") == greeting)
      #expect(try peer.echo("hello\n", at: "client") == "hello\n")
      let facts = ProcessFacts(server)
      for descriptor in 0...2 { #expect(try facts.descriptors[descriptor] == "/dev/null") }
      // Nothing that it would have printed has gone to a socket of its own.
      #expect(try peer.echo("world\n", at: "client") == "world\n")
      server.signal(SIGTERM)
      try peer.close("client")
      #expect(try server.waitForEnd() == .exited(0))
    }
  }

  @Test("or the client's whose input was closed ends as at the end of it", arguments: [[], ["--raw"]])
  func closedInput(options: [String]) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll)
      let words = [try Sandbox.program("echo-client")] + options + [server.endpoint]
      let client = try sandbox.run(["sh", "-c", #"exec "$0" "$@" <&-"#] + words)
      #expect(client.ending == .exited(0), "\(client)")
      #expect(client.error == "")
    }
  }
}
