import Foundation
import Testing

/// The textbook's session: connect, be greeted, type lines, see each come back, quit.
@Suite("A session") struct SessionTests {
  static let everywhere = Mode.allCases.flatMap { mode in Transport.allCases.map { (mode, $0) } }

  /// Runs sessions with the same input until one shows what is expected, at most five; every one of them has to end
  /// well. Where the machine is so busy that the server's greeting comes late, the client shows it before the first
  /// reply instead of before the first prompt, and the session is run again.
  private func expectSession(
    _ sandbox: Sandbox, _ server: Server, input: String, shows lines: [String], greeting: String
  ) throws {
    let prompt = "Enter string to send:"
    let dialogue = lines.map { "\(prompt)received:\($0)\n" }.joined() + prompt
    let expected = "connected to server\n\(greeting)\(dialogue)"
    var shown = ""
    for _ in 0..<5 where shown != expected {
      let client = try sandbox.session(server.endpoint, input: .text(input))
      #expect(client.ending == .exited(0))
      #expect(client.error == "")
      shown = client.output
      // However late, nothing is shown but what is expected.
      #expect(shown == expected || shown.replacingFirst(prompt + greeting, with: greeting + prompt) == expected)
    }
    #expect(shown == expected)
  }

  @Test("shows the greeting, a prompt and each line that comes back, and ends at quit", arguments: everywhere)
  func textbook(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      try expectSession(
        sandbox, server, input: "hello\nworld\nquit\nnever sent\n", shows: ["hello", "world"],
        greeting: transport.isStream ? greeting : "")
      server.program.signal(SIGTERM)
      try server.program.waitForEnd()
      #expect(server.program.output.contains("world\n"))
      #expect(!server.program.output.contains("never sent"))
    }
  }

  @Test("ends well at the end of the input, whose last line needs no newline", arguments: everywhere)
  func endOfInput(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let welcome = transport.isStream ? greeting : ""
      try expectSession(sandbox, server, input: "hello\n", shows: ["hello"], greeting: welcome)
      try expectSession(sandbox, server, input: "hello\nlast", shows: ["hello", "last"], greeting: welcome)
    }
  }

  @Test("sends an empty line too, and a line that only begins with quit", arguments: everywhere)
  func unusualLines(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      try expectSession(
        sandbox, server, input: "hello\n\nquit \n quit\nQUIT\nquitter\nquit\n",
        shows: ["hello", "", "quit ", " quit", "QUIT", "quitter"], greeting: transport.isStream ? greeting : "")
    }
  }

  @Test("without a line ends well", arguments: Transport.streams)
  func noLine(transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, .poll)
      for input in ["", "quit\n"] {
        let client = try sandbox.session(server.endpoint, input: .text(input))
        #expect(client.ending == .exited(0))
        // The client waits for a greeting for a moment only.
        let begin = "connected to server\n"
        #expect([greeting, ""].map { begin + $0 + "Enter string to send:" }.contains(client.output))
      }
    }
  }

  @Test("brings back bytes that are not UTF-8 as they were", arguments: everywhere)
  func anyBytes(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let bytes = (0...255).map(UInt8.init).filter { $0 != UInt8(ascii: "\n") }
      let client = try sandbox.session(server.endpoint, input: .bytes(bytes + Array("\nquit\n".utf8)))
      #expect(client.ending == .exited(0))
      let expected = Array("received:".utf8) + bytes + Array("\nEnter string to send:".utf8)
      #expect(client.outputBytes.suffix(expected.count) == expected[...])
    }
  }

  @Test("shows the greeting that --welcome names", arguments: Mode.allCases)
  func welcome(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, ["--welcome", "Grüß Gott\n"])
      try expectSession(sandbox, server, input: "hello\nquit\n", shows: ["hello"], greeting: "Grüß Gott\n")
    }
  }

  @Test("shows no greeting with --no-welcome, and none where it is empty", arguments: Mode.allCases)
  func noWelcome(mode: Mode) throws {
    try withSandbox { sandbox in
      for options in [["--no-welcome"], ["--welcome", ""]] {
        let server = try sandbox.server(.tcp, mode, options)
        try expectSession(sandbox, server, input: "hello\nquit\n", shows: ["hello"], greeting: "")
      }
    }
  }

  @Test("goes on beside others with the same server, on every kind of endpoint at once", arguments: Mode.allCases)
  func manyEndpoints(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(Transport.allCases, mode)
      let clients = try server.endpoints.map { try sandbox.client($0) }
      for (number, client) in clients.enumerated() { client.type("I am \(number)\n") }
      for (number, client) in clients.enumerated() { try client.waitForOutput("received:I am \(number)\n") }
      for client in clients { client.endInput() }
      for client in clients { #expect(try client.waitForEnd() == .exited(0)) }
    }
  }
}

extension String {
  fileprivate func replacingFirst(_ text: String, with other: String) -> String {
    guard !text.isEmpty, let range = firstRange(of: text) else { return self }
    return replacingCharacters(in: range, with: other)
  }
}
