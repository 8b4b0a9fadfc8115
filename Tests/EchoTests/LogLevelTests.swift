import Foundation
import Testing

/// What the programs tell on standard error besides, and what they leave out.
@Suite("With --log-level") struct LogLevelTests {
  @Test("debug tells steps, trace every transfer, and neither is told unless asked for", arguments: Mode.allCases)
  func levels(mode: Mode) throws {
    try withSandbox { sandbox in
      for level in ["notice", "debug", "trace"] {
        let server = try sandbox.server(.tcp, mode, ["--log-level", level])
        let client = try sandbox.session(server.endpoint, ["--log-level", level], input: .text("hello\nquit\n"))
        #expect(client.ending == .exited(0))
        if level != "notice" {
          try server.program.waitForError(": ended\n")
        }
        server.program.signal(SIGTERM)
        #expect(try server.program.waitForEnd() == .exited(0))
        let printed = "accept client ADDRESS\nhello\n"
        #expect(server.program.output.replacing(/127[0-9.]+:[0-9]+/, with: "ADDRESS").hasSuffix(printed))
        let told = server.program.error.replacing(/127[0-9.]+:[0-9]+/, with: "ADDRESS").split(separator: "\n").sorted()
        let steps = [
          "echo-server: debug: client ADDRESS: ended", "echo-server: debug: mode \(mode)",
          "echo-server: debug: stopping; 0 open",
        ]
        let transfers = ["echo-server: trace: received 6 bytes"]
        switch level {
        case "notice": #expect(told == [] && client.error == "")
        case "debug": #expect(told.map(String.init) == steps)
        default: #expect(told.map(String.init) == steps + transfers)
        }
        #expect(client.error.contains("echo-client: debug: connected: tcp 127.0.0.1:") == (level != "notice"))
        #expect(client.error.contains("echo-client: trace: sent 6 bytes\n") == (level == "trace"))
      }
    }
  }

  @Test("critical leaves failures of clients out, but never what ends the program", arguments: ["error", "critical"])
  func critical(level: String) throws {
    try withSandbox { sandbox in
      let number = getuid() + 1
      let server = try sandbox.server(
        "unix://\(sandbox.path("guarded"))", .threads, ["--log-level", level, "--allow-uid", "\(number)"])
      let refused = try sandbox.session(server.endpoint, ["--log-level", level], input: .text("hello\nquit\n"))
      #expect(refused.ending == .exited(1))
      #expect(refused.errorLines.count == 1)
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      let failure = "echo-server: client unix:(unnamed): user \(getuid()) may not connect"
      #expect(server.program.error == (level == "error" ? "\(failure)\n" : ""), "\(server)")
      let second = try sandbox.endingServer(["--log-level", level, "unix://\(sandbox.path("none"))/none"])
      #expect(second.ending == .exited(1))
      #expect(second.errorLines.count == 1)
    }
  }

  @Test("and no level is refused", arguments: UsageTests.programs)
  func unknown(program: String) throws {
    try withSandbox { sandbox in
      let refused = try sandbox.run([Sandbox.program(program), "--log-level", "loud"])
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains("trace"))
    }
  }
}
