import Foundation
import Testing

/// The client as a person uses it: its input and output are a terminal.
@Suite("On a terminal") struct TerminalTests {
  /// Starts a client whose terminal's other side is the program's input and output.
  private func client(_ sandbox: Sandbox, _ endpoint: String) throws -> Program {
    try sandbox.start(Sandbox.script("terminal") + [Sandbox.program("echo-client"), endpoint], input: .open)
  }

  @Test("the client prompts before each line, and shows what comes back", arguments: Mode.allCases)
  func dialogue(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode)
      let client = try client(sandbox, server.endpoint)
      try client.waitForOutput("Enter string to send:")
      client.type("hello\n")
      try client.waitForOutput("received:hello\r\n")
      try client.waitForOutput("Enter string to send:", times: 2)
      client.type("quit\n")
      #expect(try client.waitForEnd() == .exited(0))
      // The terminal shows what is typed as well.
      #expect(client.output.contains("Enter string to send:hello\r\n"))
      #expect(client.output.hasSuffix("received:hello\r\nEnter string to send:quit\r\n"))
      #expect(client.output.contains("Welcome to my server\r\n"))
    }
  }

  @Test("the end of the input ends the prompt's line", arguments: Mode.allCases)
  func endOfInput(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.unix, mode)
      let client = try client(sandbox, server.endpoint)
      try client.waitForOutput("Enter string to send:")
      client.type("\u{4}")
      #expect(try client.waitForEnd() == .exited(0))
      #expect(client.output.hasSuffix("Enter string to send:\r\n"))
    }
  }

  @Test("control characters from the server are made visible: trap 39")
  func controlCharacters() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let client = try client(sandbox, peer.listen("listener", on: "tcp://127.0.0.1:0"))
      try peer.accept("server", from: "listener")
      try peer.send("\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\ttext\u{7f}\u{0}\n", from: "server")
      // Shown with the first reply at the latest.
      try client.waitForOutput("Enter string to send:")
      client.type("hello\n")
      #expect(try peer.receive(6, at: "server") == "hello\n")
      try peer.send("hello\n", from: "server")
      try client.waitForOutput("received:hello\r\n")
      try client.waitForOutput(#"\033]0;owned\007\033[2J\302\23331m"# + "\ttext" + #"\177\000"# + "\r\n")
      #expect(!client.outputBytes.contains { $0 < 32 && ![9, 10, 13].contains($0) || $0 == 127 })
    }
  }

  @Test("an interrupt ends the client at its prompt")
  func interrupt() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll)
      let client = try client(sandbox, server.endpoint)
      try client.waitForOutput("Enter string to send:")
      client.type("\u{3}")
      #expect(try client.waitForEnd() == .exited(128 + SIGINT))
      // The server notices nothing but the end of the connection.
      let other = try sandbox.session(server.endpoint, input: .text("hello\nquit\n"))
      #expect(other.ending == .exited(0))
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(server.program.error == "")
    }
  }
}
