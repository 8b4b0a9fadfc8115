import Foundation
import Testing

/// The server behind a proxy that says whose connections it passes on.
@Suite("Behind a proxy, the server") struct ProxyTests {
  static let modes: [Mode] = [.async, .threads]

  /// Connects, sends bytes, and prints what comes back until the server has closed or as much has come as was asked for.
  private func exchange(_ server: Server, sending text: String, in sandbox: Sandbox) throws -> Program {
    try sandbox.run(["socat", "-t", "30", "-", "TCP:127.0.0.1:\(server.port)"], input: .text(text))
  }

  @Test("believes a trusted one's header, and echoes what follows it", arguments: modes)
  func believed(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(
        .tcp, mode, ["--proxy-protocol", "192.0.2.0/24", "--proxy-protocol", "127.0.0.1"])
      let client = try exchange(
        server, sending: "PROXY TCP4 203.0.113.7 127.0.0.1 4711 80\r\nhello\n", in: sandbox)
      #expect(client.output == greeting + "hello\n", "\(client)")
      try server.program.waitForOutput("accept client 203.0.113.7:4711\nhello\n")
      // A health check is the proxy's own.
      let check = try exchange(server, sending: "PROXY UNKNOWN\r\n", in: sandbox)
      #expect(check.output == greeting)
      try server.program.waitForOutput("accept client 127.0.0.1:")
      #expect(server.program.error == "")
    }
  }

  @Test("reports no reset of a connection that nobody is said to be behind, and a client's as ever", arguments: modes)
  func reset(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--proxy-protocol", "127.0.0.1", "--log-level", "debug"])
      var resets = 0
      for (header, message) in [
        ("PROXY UNKNOWN", "debug: client 127.0.0.1:"),
        ("PROXY TCP4 203.0.113.7 127.0.0.1 4711 80", "client 127.0.0.1:"),
      ] {
        let client = try sandbox.run(Sandbox.script("resetting") + ["\(server.port)", header + "\r\n", greeting])
        #expect(client.ending == .exited(0), "\(client)")
        resets += 1
        try server.program.waitForError("(ECONNRESET)\n", times: resets)
        let line = server.program.errorLines.last { $0.hasSuffix("(ECONNRESET)") }
        #expect(line?.hasPrefix("echo-server: \(message)") == true, "\(server.program)")
      }
    }
  }

  @Test("closes a trusted one's connection that has no header, in one line", arguments: modes)
  func noHeader(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--proxy-protocol", "127.0.0.0/8"])
      let client = try exchange(server, sending: "hello\n", in: sandbox)
      #expect(client.output == "")
      try server.program.waitForError("not a PROXY header: byte 0: neither version's signature\n")
      let short = try exchange(server, sending: "PROXY TC", in: sandbox)
      #expect(short.output == "")
      try server.program.waitForError("the peer ended the stream within its PROXY header\n")
      let silent = try sandbox.start(["socat", "-", "TCP:127.0.0.1:\(server.port)"], input: .open)
      try server.program.waitForError("no PROXY header within 5 seconds\n")
      try silent.waitForEnd()
      #expect(server.program.errorLines.count == 3, "\(server.program)")
      #expect(!server.program.output.contains("accept client"))
    }
  }

  @Test("serves who is not trusted as it is", arguments: modes)
  func notTrusted(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--proxy-protocol", "192.0.2.0/24"])
      let line = "PROXY TCP4 203.0.113.7 127.0.0.1 4711 80\r\n"
      let client = try exchange(server, sending: line, in: sandbox)
      #expect(client.output == greeting + line)
      try server.program.waitForOutput("accept client 127.0.0.1:")
      #expect(!server.program.output.contains("accept client 203"))
    }
  }

  @Test("refuses it in other modes, and what is no prefix", arguments: ["poll", "handler"])
  func refused(mode: String) throws {
    try withSandbox { sandbox in
      let server = try sandbox.endingServer(["--mode", mode, "--proxy-protocol", "::1"])
      #expect(server.ending == .exited(64))
      #expect(server.error.contains("--proxy-protocol is for the modes async and threads"))
      let bad = try sandbox.endingServer(["--proxy-protocol", "10.0.0.0/33"])
      #expect(bad.ending == .exited(64))
      #expect(bad.error.contains("\"10.0.0.0/33\" is not an IP prefix: byte 9: a number above 32"))
    }
  }

  @Test("is one of two that HAProxy shares clients out to, and prints the clients' own addresses", arguments: modes)
  func haproxy(mode: Mode) throws {
    try withSandbox { sandbox in
      let first = try sandbox.server(.tcp, mode, ["--proxy-protocol", "127.0.0.1"])
      let second = try sandbox.server(.tcp, mode, ["--proxy-protocol", "127.0.0.1"])
      let configuration = """
        defaults
          mode tcp
          timeout connect 10s
          timeout client 60s
          timeout server 60s
        listen echo
          bind fd@3
          balance roundrobin
          server first 127.0.0.1:\(first.port) send-proxy
          server second 127.0.0.1:\(second.port) send-proxy-v2 proxy-v2-options crc32c,unique-id
        """
      let file = sandbox.path("haproxy.cfg")
      try (configuration + "\n").write(toFile: file, atomically: true, encoding: .utf8)
      // It takes no port of the kernel's choice, but a socket that has one.
      let proxy = try sandbox.start(
        ["env", "PORTS=1"] + Sandbox.script("activate") + ["tcp", "--", "haproxy", "-db", "-f", file])
      try proxy.waitForOutput("\n")
      let port = try #require(proxy.output.split(whereSeparator: \.isWhitespace).dropFirst().first).description
      var sources: [String] = []
      for _ in 0..<4 {
        let client = try sandbox.run(Sandbox.script("proxied") + [port, greeting])
        #expect(client.ending == .exited(0), "\(client) \(proxy)")
        sources.append(client.output.trimmingCharacters(in: .newlines))
      }
      for (index, source) in sources.enumerated() {
        let server = index % 2 == 0 ? first : second
        try server.program.waitForOutput("accept client \(source)\n")
      }
      for server in [first, second] {
        #expect(server.program.output.split(separator: "\n").filter { $0.hasPrefix("accept") }.count == 2)
        #expect(server.program.error == "")
      }
    }
  }
}
