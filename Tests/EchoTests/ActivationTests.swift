import Foundation
import Testing

/// The server with sockets that somebody else has opened.
@Suite("With a service manager, the server") struct ActivationTests {
  private func isHere(_ program: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: program)
  }

  @Test("serves what it hands over, and says so to it", arguments: Mode.allCases)
  func handedOver(mode: Mode) throws {
    try withSandbox { sandbox in
      let stream = sandbox.path("stream")
      let words = ["tcp", "udp", "unix:\(stream)", "--", try Sandbox.program("echo-server"), "--mode", mode.rawValue]
      let server = try sandbox.start(["env", "NOTIFY=\(sandbox.path("notify"))"] + Sandbox.script("activate") + words)
      try server.waitForOutput("notified STATUS=listening on tcp://127.0.0.1:")
      let listening = server.output.split(separator: "\n").filter { $0.hasPrefix("listening on ") }
        .map { String($0.dropFirst(13)) }
      #expect(listening.count == 3)
      #expect(listening[2] == "unix://\(stream)")
      #expect(server.output.contains("notified READY=1\n"))
      for endpoint in listening where !endpoint.hasPrefix("udp") {
        let client = try sandbox.session(endpoint, input: .text("hello\nquit\n"))
        #expect(client.output.contains("hello\n"), "\(client)")
      }
      let datagram = try sandbox.session(listening[1], input: .text("datagram\nquit\n"))
      #expect(datagram.output.contains("datagram\n"), "\(datagram)")
      #expect(!server.output.contains("STOPPING"))
      server.signal(SIGTERM)
      #expect(try server.waitForEnd() == .exited(0))
      #expect(server.output.contains("notified STOPPING=1\n"))
      #expect(server.output.contains("kept next\n"))
      #expect(server.output.hasSuffix("ended 0\n"))
      // The file is not the server's own.
      #expect(FileManager.default.fileExists(atPath: stream))
    }
  }

  @Test("tells it that it works, as often as it wants to know", arguments: Mode.allCases)
  func watchdog(mode: Mode) throws {
    try withSandbox { sandbox in
      let words = ["tcp", "--", try Sandbox.program("echo-server"), "--mode", mode.rawValue]
      let variables = ["NOTIFY=\(sandbox.path("notify"))", "WATCHDOG_USEC=100000"]
      let server = try sandbox.start(["env"] + variables + Sandbox.script("activate") + words)
      let notice = "notified WATCHDOG=1\n"
      try server.waitForOutput(notice, times: 3)
      let endpoint = try #require(server.output.firstMatch(of: /listening on (.*)/)?.1)
      let client = try sandbox.client(String(endpoint))
      try client.waitForOutput("Enter string to send:")
      server.signal(SIGTERM)
      try server.waitForOutput("notified STOPPING=1\n")
      // It works until what is open is finished.
      try server.waitForOutput(notice, times: server.output.occurrences(of: notice) + 2)
      client.endInput()
      #expect(try server.waitForEnd() == .exited(0))
    }
  }

  @Test("is not told where it wants to hear from another, and an interval that is none is refused")
  func otherWatchdog() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, startedBy: ["env", "WATCHDOG_USEC=1", "WATCHDOG_PID=1"])
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(server.program.error == "")
      let refused = try sandbox.run(["env", "WATCHDOG_USEC=0", Sandbox.program("echo-server"), "tcp://127.0.0.1:0"])
      #expect(refused.ending == .exited(1))
      #expect(refused.error.hasPrefix("echo-server: WATCHDOG_USEC"), "\(refused)")
      #expect(refused.errorLines.count == 1)
    }
  }

  @Test("tells an abstract socket")
  func abstract() throws {
    try withSandbox { sandbox in
      let words = ["tcp", "--", try Sandbox.program("echo-server")]
      let server = try sandbox.start(["env", "NOTIFY=@\(sandbox.path("n"))"] + Sandbox.script("activate") + words)
      try server.waitForOutput("notified READY=1\n")
      server.signal(SIGTERM)
      #expect(try server.waitForEnd() == .exited(0))
      #expect(server.output.contains("notified STOPPING=1\n"))
    }
  }

  @Test(
    "refuses what is nothing to serve",
    arguments: [
      ("connected", "not a socket that clients come to"),
      ("file", "LISTEN_FDS=\"1\": descriptor 3: "),
    ])
  func refused(kind: String, message: String) throws {
    try withSandbox { sandbox in
      let server = try sandbox.run(
        Sandbox.script("activate") + [kind, "--", try Sandbox.program("echo-server")])
      #expect(server.output == "ended 1\n", "\(server)")
      #expect(server.error.contains(message), "\(server)")
      #expect(server.errorLines.count == 1, "\(server)")
    }
  }

  @Test("leaves sockets alone where it is given endpoints, or they are another process's")
  func notForIt() throws {
    try withSandbox { sandbox in
      let endpoint = "unix://\(sandbox.path("own"))"
      let server = try sandbox.start(
        Sandbox.script("activate") + ["tcp", "--", try Sandbox.program("echo-server"), endpoint])
      try server.waitForOutput("listening on \(endpoint)\n")
      server.signal(SIGTERM)
      try server.waitForEnd()
      #expect(server.output == "listening on \(endpoint)\nended 0\n")
    }
  }

  @Test("serves what systemd-socket-activate hands over", arguments: Mode.allCases)
  func systemd(mode: Mode) throws {
    let activate = "/usr/bin/systemd-socket-activate"
    try #require(isHere(activate))
    try withSandbox { sandbox in
      let path = sandbox.path("systemd")
      let server = try sandbox.start(
        [activate, "--listen", path, try Sandbox.program("echo-server"), "--mode", mode.rawValue])
      // It starts the server when the first client comes.
      try eventually("a socket") { FileManager.default.fileExists(atPath: path) }
      let client = try sandbox.session("unix://\(path)", input: .text("hello\nquit\n"))
      #expect(client.output.contains("hello\n"), "\(client) \(server)")
      try server.waitForOutput("listening on unix://\(path)\n")
      server.signal(SIGTERM)
      #expect(try server.waitForEnd() == .exited(0))
    }
  }
}
