import Foundation
import Testing

/// What the server prints.
@Suite("The server prints") struct ServerOutputTests {
  @Test("who has connected, and what it receives", arguments: Mode.allCases)
  func connections(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode)
      let peer = try Peer(in: sandbox)
      try peer.connect("client", to: server.endpoint)
      #expect(try peer.receive(greeting.utf8.count, at: "client") == greeting)
      let address = try peer.address(of: "client")
      let accepted = "listening on \(server.endpoint)\naccept client \(address)\n"
      #expect(try server.program.output(asLongAs: accepted) == accepted)
      #expect(try peer.echo("hello\n", at: "client") == "hello\n")
      // What comes next begins a line of its own.
      #expect(try peer.echo("no newline", at: "client") == "no newline")
      #expect(try peer.echo("world\n", at: "client") == "world\n")
      let received = accepted + "hello\nno newline\nworld\n"
      #expect(try server.program.output(asLongAs: received) == received)
    }
  }

  @Test("what comes in datagrams", arguments: Mode.allCases, Transport.datagrams)
  func datagrams(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let peer = try Peer(in: sandbox)
      try peer.connect("client", to: server.endpoint)
      #expect(try peer.echo("hello", at: "client") == "hello")
      let received = "listening on \(server.endpoint)\nhello\n"
      #expect(try server.program.output(asLongAs: received) == received)
    }
  }

  @Test("with --quiet neither, on any endpoint", arguments: Mode.allCases, Transport.allCases)
  func quiet(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let client = try sandbox.session(server.endpoint, input: .text("hello\nquit\n"))
      #expect(client.output.contains("received:hello\n"))
      server.program.signal(SIGTERM)
      try server.program.waitForEnd()
      #expect(server.program.output == "listening on \(server.endpoint)\n")
      #expect(server.program.error == "")
    }
  }

  @Test("no control character that a client sends: trap 39", arguments: Mode.allCases, Transport.allCases)
  func controlCharacters(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode)
      let peer = try Peer(in: sandbox)
      try peer.connect("client", to: server.endpoint)
      let before = transport.isStream ? greeting : ""
      #expect(try peer.receive(before.utf8.count, at: "client") == before)
      // Every byte; then what is valid UTF-8, two control characters of it among that.
      let bytes = (0...255).map(UInt8.init) + Array("\u{9b}2J\u{85} é€😀\u{1b}]0;title\u{7}\n".utf8)
      #expect(try peer.echo(bytes, at: "client") == bytes)
      let expected = (0...255).flatMap { shown(UInt8($0)) } + Array("\(Self.shownText)\n".utf8)
      try server.program.waitForOutput("title")
      #expect(server.program.outputBytes.suffix(expected.count) == expected[...])
      #expect(!server.program.outputBytes.contains { $0 < 32 && $0 != 9 && $0 != 10 || $0 == 127 })
    }
  }

  private static let shownText = #"\302\2332J\302\205 é€😀\033]0;title\007"#

  /// A byte as it is to be shown where it is no part of a UTF-8 sequence: octal if a terminal may act on it.
  private func shown(_ byte: UInt8) -> [UInt8] {
    switch byte {
    case 9, 10, 0x20..<0x5c, 0x5d..<0x7f, 0xa0..<0xc2, 0xc3...: [byte]
    default: Array("\\".utf8) + [byte >> 6, byte >> 3 & 7, byte & 7].map { $0 + UInt8(ascii: "0") }
    }
  }

  @Test("until nobody reads it any more, and then serves on", arguments: Mode.allCases)
  func brokenOutput(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, mode, startedBy: ["sh", "-c", #""$0" "$@" | head -n 1"#])
      for text in ["hello", "world", "again"] {
        let client = try sandbox.session(server.endpoint, input: .text("\(text)\nquit\n"))
        #expect(client.output.contains("received:\(text)\n"))
      }
      server.program.clear()
      #expect(server.program.errorLines == ["echo-server: write to standard output: broken pipe (EPIPE)"])
    }
  }

  @Test("nothing and ends with one line where even the first line cannot be written", arguments: Mode.allCases)
  func fullOutput(mode: Mode) throws {
    try withSandbox { sandbox in
      let words = [try Sandbox.program("echo-server"), "--mode", mode.rawValue, "tcp://127.0.0.1:0"]
      let server = try sandbox.run(["sh", "-c", #""$0" "$@" >/dev/full"#] + words)
      #expect(server.errorLines == ["echo-server: write to standard output: no space left on device (ENOSPC)"])
      #expect(server.ending == .exited(1))
    }
  }
}
