import Foundation
import Testing

/// The programs against socat, in both parts.
@Suite("With socat", .enabled(if: Tools.hasSocat, "there is no socat here")) struct SocatTests {
  /// How socat calls an endpoint.
  private func address(_ server: Server, _ transport: Transport, in sandbox: Sandbox) -> String {
    let name = String(server.endpoint.split(separator: "://", maxSplits: 1)[1])
    return switch transport {
    case .tcp: "TCP:\(name)"
    case .udp: "UDP:\(name)"
    case .unix: "UNIX-CONNECT:\(name)"
    case .abstract: "ABSTRACT-CONNECT:\(name.dropFirst())"
    case .unixgram: "UNIX-SENDTO:\(name),bind=\(sandbox.path("socat"))"
    }
  }

  @Test("as the client a stream is greeted and comes back", arguments: Mode.allCases, Transport.streams)
  func streamClient(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let text = String(repeating: "All work and no play makes Jack a dull boy.\n", count: 20_000)
      // It ends its sending side at the end of the input, and waits for the server to do the same.
      let socat = try sandbox.run(
        ["socat", "-t", "30", "-", address(server, transport, in: sandbox)], input: .text(text))
      #expect(socat.ending == .exited(0), "\(socat)")
      let isIntact = socat.output == greeting + text
      #expect(isIntact, "\(socat)")
    }
  }

  @Test("as the client a datagram comes back", arguments: Mode.allCases, Transport.datagrams)
  func datagramClient(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let socat = try sandbox.start(["socat", "-", address(server, transport, in: sandbox)], input: .open)
      for text in ["hello\n", "world\n"] {
        socat.type(text)
        try socat.waitForOutput(text)
      }
      #expect(socat.output == "hello\nworld\n")
    }
  }

  @Test("as the server a stream session shows what comes back, and no greeting")
  func streamServer() throws {
    try withSandbox { sandbox in
      let socat = try sandbox.start(["socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1,fork", "PIPE"])
      try socat.waitForError("listening on AF=2 127.0.0.1:")
      let line = try #require(socat.errorLines.first { $0.contains("listening on AF=2 ") })
      let client = try sandbox.session(
        "tcp://\(try #require(line.split(separator: " ").last))", input: .text("hello\nworld\nquit\n"))
      #expect(
        client.output == """
          connected to server
          Enter string to send:received:hello
          Enter string to send:received:world
          Enter string to send:
          """)
      #expect(client.ending == .exited(0))
    }
  }

  @Test("as the server a Unix session does the same")
  func unixServer() throws {
    try withSandbox { sandbox in
      let path = sandbox.path("socat")
      _ = try sandbox.start(["socat", "UNIX-LISTEN:\(path),fork", "PIPE"])
      try eventually("socat's socket") { FileManager.default.fileExists(atPath: path) }
      let client = try sandbox.session("unix://\(path)", ["--raw"], input: .text("hello"))
      #expect(client.output == "hello")
      #expect(client.ending == .exited(0))
    }
  }
}
