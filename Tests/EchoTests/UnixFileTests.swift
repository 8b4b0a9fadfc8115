import Foundation
import Testing

/// The files that Unix sockets have, and the names that need none.
@Suite("A Unix socket's file") struct UnixFileTests {
  /// Which of the two kinds of Unix socket.
  static let kinds: [Transport] = [.unix, .unixgram]

  private func path(_ server: Server) -> String {
    String(server.endpoint.split(separator: "://", maxSplits: 1)[1])
  }

  private func expectEcho(_ sandbox: Sandbox, _ endpoint: String) throws {
    let client = try sandbox.session(endpoint, input: .text("hello\nquit\n"))
    #expect(client.output.contains("received:hello\n"), "\(client)")
    #expect(client.ending == .exited(0), "\(client)")
  }

  @Test("that a killed server left is replaced: trap 21", arguments: Mode.allCases, kinds)
  func stale(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let first = try sandbox.server(transport, mode)
      first.program.signal(SIGKILL)
      try first.program.waitForEnd()
      #expect(FileManager.default.fileExists(atPath: path(first)))
      let second = try sandbox.server(transport, mode)
      try expectEcho(sandbox, second.endpoint)
      second.program.signal(SIGTERM)
      try second.program.waitForEnd()
      #expect(!FileManager.default.fileExists(atPath: path(first)))
    }
  }

  @Test("that a live server has is not replaced, by neither kind: trap 21", arguments: kinds, kinds)
  func live(transport: Transport, other: Transport) throws {
    try withSandbox { sandbox in
      let first = try sandbox.server(transport, .poll)
      let scheme = other == .unix ? "unix" : "unixgram"
      let second = try sandbox.endingServer(["\(scheme)://\(path(first))"])
      #expect(second.ending == .exited(1))
      #expect(
        second.errorLines == [
          "echo-server: \(scheme)://\(path(first)): bind to unix:\(path(first)): address already in use (EADDRINUSE)"
        ])
      try expectEcho(sandbox, first.endpoint)
    }
  }

  @Test("that is none is not touched: trap 21", arguments: kinds)
  func regularFile(transport: Transport) throws {
    try withSandbox { sandbox in
      let endpoint = transport.endpoint(in: sandbox)
      let path = String(endpoint.split(separator: "://", maxSplits: 1)[1])
      try "precious".write(toFile: path, atomically: true, encoding: .utf8)
      let server = try sandbox.endingServer([endpoint])
      #expect(server.ending == .exited(1))
      #expect(server.errorLines.count == 1)
      #expect(server.error.contains("address already in use (EADDRINUSE)"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }
  }

  @Test("that took the place of the server's own is not removed: trap 21", arguments: Mode.allCases)
  func replaced(mode: Mode) throws {
    try withSandbox { sandbox in
      let first = try sandbox.server(.unix, mode)
      try FileManager.default.removeItem(atPath: path(first))
      let second = try sandbox.server(.unix, mode)
      first.program.signal(SIGTERM)
      #expect(try first.program.waitForEnd() == .exited(0))
      try expectEcho(sandbox, second.endpoint)
    }
  }

  @Test("may have a path of 108 bytes: trap 19", arguments: Mode.allCases, kinds)
  func longestPath(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let scheme = transport == .unix ? "unix" : "unixgram"
      let path = sandbox.path("").padding(toLength: 108, withPad: "x", startingAt: 0)
      let server = try sandbox.server("\(scheme)://\(path)", mode)
      #expect(server.endpoint == "\(scheme)://\(path)")
      #expect(FileManager.default.fileExists(atPath: path))
      try expectEcho(sandbox, server.endpoint)
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("may not have a path of 109 bytes, which both programs say: trap 19", arguments: UsageTests.programs)
  func pathTooLong(program: String) throws {
    try withSandbox { sandbox in
      let path = sandbox.path("").padding(toLength: 109, withPad: "x", startingAt: 0)
      let refused = try sandbox.run([Sandbox.program(program), "unix://\(path)"])
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains("more than 108 bytes"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.directory) == [])
    }
  }

  @Test("is not needed for an abstract name, nor for one that the system chooses", arguments: Mode.allCases)
  func abstract(mode: Mode) throws {
    try withSandbox { sandbox in
      let named = try sandbox.server(.abstract, mode)
      try expectEcho(sandbox, named.endpoint)
      // The name goes when the server goes, however it goes.
      named.program.signal(SIGKILL)
      try named.program.waitForEnd()
      let again = try sandbox.server(.abstract, mode)
      try expectEcho(sandbox, again.endpoint)
      let chosen = try sandbox.server("unix://(unnamed)", mode)
      #expect(chosen.endpoint.hasPrefix("unix://@"))
      try expectEcho(sandbox, chosen.endpoint)
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.directory) == [])
    }
  }
}
