import Foundation
import Testing

/// Signals and errors that pass: calls that are cut short, or concern a connection that is gone already.
@Suite("Nothing is lost") struct InterruptionTests {
  @Test("while signals come: trap 1", arguments: Mode.allCases, Transport.streams)
  func signals(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let client = try sandbox.start(Sandbox.script("duplex") + [server.endpoint, "\(8 << 20)"])
      var sent = 0
      try eventually("the end of the client", within: .seconds(60), showing: client.description) {
        // A stop that is continued interrupts what a handler does not.
        for signal in [SIGWINCH, SIGSTOP, SIGCONT] {
          server.program.signal(signal)
          client.signal(signal)
        }
        sent += 1
        return client.ending != nil
      }
      try client.waitForEnd()
      #expect(client.output == "intact \(8 << 20)\n", "\(client)")
      #expect(sent > 1)
      #expect(server.program.error == "")
    }
  }

  @Test(
    "when calls of the server fail with EINTR: trap 1", .enabled(if: Tools.canTrace, "strace cannot be used here"),
    arguments: Mode.allCases, Transport.streams)
  func interruptedServer(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let trace = sandbox.path("trace")
      let calls = ["accept4", "recvfrom", "sendto", "epoll_wait", "epoll_pwait2", "ppoll", "poll", "connect"]
      let server = try sandbox.server(
        transport, mode, ["--quiet"],
        startedBy: Prefix.injecting(
          calls.map { "\($0):error=EINTR:when=1+2" }, calls: calls.joined(separator: ","), trace: trace))
      let client = try sandbox.script("duplex", server.endpoint, "\(1 << 20)")
      #expect(client.output == "intact \(1 << 20)\n", "\(client)")
      let lines = try String(contentsOfFile: trace, encoding: .utf8)
      #expect(lines.contains("EINTR (Interrupted system call) (INJECTED)"))
      #expect(server.program.error == "")
    }
  }

  @Test(
    "when calls of the client fail with EINTR: trap 1, trap 9",
    .enabled(if: Tools.canTrace, "strace cannot be used here"), arguments: Transport.allCases)
  func interruptedClient(transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, .poll)
      let calls = ["connect", "recvfrom", "sendto", "ppoll", "poll", "write"]
      for options in [[], ["--raw"]] {
        let trace = sandbox.path("trace")
        let client = try sandbox.run(
          Prefix.injecting(
            calls.map { "\($0):error=EINTR:when=1+2" }, calls: calls.joined(separator: ","), trace: trace)
            + [Sandbox.program("echo-client")] + options + [server.endpoint], input: .text("hello\nworld\n"))
        #expect(client.ending == .exited(0), "\(client)")
        #expect(client.error == "")
        #expect(client.output.contains("hello\n") && client.output.contains("world\n"), "\(client)")
        let lines = try String(contentsOfFile: trace, encoding: .utf8)
        #expect(lines.contains("EINTR (Interrupted system call) (INJECTED)"))
      }
    }
  }

  @Test(
    "and nobody else's descriptor is closed when close fails with EINTR: trap 2",
    .enabled(if: Tools.canTrace, "strace cannot be used here"), arguments: Mode.allCases)
  func interruptedClose(mode: Mode) throws {
    try withSandbox { sandbox in
      let trace = sandbox.path("trace")
      let server = try sandbox.server(.tcp, mode)
      // Not from the start: a program whose files cannot be closed is not even loaded.
      let process = server.program.process
      _ = try sandbox.start(
        Prefix.injecting(["close:error=EINTR"], calls: "close,accept4", trace: trace) + ["-p", "\(process)"])
      try eventually("a trace of the server") {
        try !String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).contains("TracerPid:\t0\n")
      }
      let peer = try Peer(in: sandbox)
      // What an injected close leaves open gets no second user, so each number stands for one connection.
      for name in ["first", "second", "third"] {
        try peer.connect(name, to: server.endpoint)
        #expect(try peer.echo(greeting, at: name).hasPrefix(greeting))
        try peer.reset(name)
      }
      try server.program.waitForOutput("accept client", times: 3)
      var lines: [Substring] = []
      func closes(_ descriptor: Substring) -> Int {
        lines.filter { $0.contains("close(\(descriptor))") && $0.contains("EINTR") }.count
      }
      var accepted: [Substring] = []
      try eventually("a close of each connection", showing: server.program.description) {
        lines = (try? String(contentsOfFile: trace, encoding: .utf8))?.split(separator: "\n") ?? []
        accepted = lines.compactMap { line in
          guard line.contains("accept4("), let result = line.split(separator: " ").last, Int(result) != nil else {
            return nil
          }
          return result
        }
        return accepted.count == 3 && accepted.allSatisfy { closes($0) > 0 }
      }
      // One more connection is served after those, and by then a repeated close would have come.
      try peer.connect("last", to: server.endpoint)
      #expect(try peer.echo(greeting, at: "last").hasPrefix(greeting))
      lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
      for descriptor in accepted { #expect(closes(descriptor) == 1, "\(descriptor): \(lines)") }
    }
  }

  @Test(
    "when a connection is gone before it is accepted: trap 12",
    .enabled(if: Tools.canTrace, "strace cannot be used here"), arguments: Mode.allCases,
    ["ECONNABORTED", "EPROTO", "EINTR", "ENETUNREACH"])
  func abortedConnections(mode: Mode, error: String) throws {
    try withSandbox { sandbox in
      let trace = sandbox.path("trace")
      let server = try sandbox.server(
        .tcp, mode,
        startedBy: Prefix.injecting(["accept4:error=\(error):when=1+2"], calls: "accept4", trace: trace))
      let client = try sandbox.script("half_close", server.endpoint, "20", "apart")
      #expect(client.output == "complete 20\n", "\(client)")
      let lines = try String(contentsOfFile: trace, encoding: .utf8)
      #expect(lines.contains("-1 \(error) ("))
      #expect(server.program.error == "")
    }
  }

  @Test(
    "when memory is short for a while: trap 13", .enabled(if: Tools.canTrace, "strace cannot be used here"),
    arguments: Mode.allCases, ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
  func shortage(mode: Mode, error: String) throws {
    try withSandbox { sandbox in
      let trace = sandbox.path("trace")
      let server = try sandbox.server(
        .tcp, mode,
        startedBy: Prefix.injecting(["accept4:error=\(error):when=1..5"], calls: "accept4", trace: trace))
      let client = try sandbox.session(server.endpoint, input: .text("hello\nquit\n"))
      #expect(client.output.contains("received:hello\n"), "\(client)")
      #expect(client.ending == .exited(0))
      // Each is told, and none ends the server.
      try server.program.waitForError("accept: ", times: 5)
      #expect(server.program.errorLines.allSatisfy { $0.hasSuffix("(\(error))") })
      #expect(server.program.errorLines.count == 5)
    }
  }
}
