import Foundation
import Testing

/// What the compiler must refuse, held by compiling it.
@Suite struct CompileTests {
  /// Type-checks a program that uses the library, as its users' builds do; returns what the compiler says, or nil where
  /// it has no objection.
  private func compilerObjects(to body: String) throws -> String? {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/Program.swift"
    try "import AsyncSockets\nimport Sockets\nfunc program() throws {\n\(body)\n}\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Not only type-checked: ownership is looked at when code is generated.
    process.arguments = [
      "swiftc", "-emit-sil", "-parse-as-library", "-o", "/dev/null", "-swift-version", "6", "-strict-memory-safety",
      "-I", products + "/Modules", "-Xcc", "-fmodule-map-file=" + root + "/include/module.modulemap",
      "-Xcc", "-fmodule-map-file=" + root + "/CShims/libbsd/module.modulemap", file,
    ]
    let output = Pipe()
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : said
  }

  @Test("a program that uses a socket rightly compiles, without a word about safety")
  func right() throws {
    let said = try compilerObjects(
      to: """
        let socket = try Socket(.ipv4, .stream)
        try socket.set(.noDelay, true)
        let copy = try socket.duplicate()
        try socket.close()
        try copy.sendAll("x")
        try copy.close()
        """)
    #expect(said == nil)
  }

  @Test(
    "trap 3: to close twice, to use after closing, to copy, and to set what can only be read do not compile",
    arguments: [
      ("let s = try Socket(.ipv4, .stream)\ntry s.close()\ntry s.close()", "consumed more than once"),
      ("let s = try Socket(.ipv4, .stream)\ntry s.close()\ntry s.sendAll(\"x\")", "used after consume"),
      ("let s = try Socket(.ipv4, .stream)\nlet n = s.release()\nprint(n, s.descriptor)", "used after consume"),
      ("let s = try Socket(.ipv4, .stream)\nlet t = s\ntry s.sendAll(\"x\")\ntry t.close()", "used after consume"),
      ("let s = try Socket(.ipv4, .stream)\ntry s.set(.type, .stream)", "ReadOnly"),
      ("let s = try Socket(.ipv4, .stream)\n_ = try s.get(.forcedSendBufferSize)", "WriteOnly"),
    ])
  func wrong(_ body: String, _ reason: String) throws {
    let said = try #require(try compilerObjects(to: body))
    #expect(said.contains(reason), "\(said)")
  }

  @Test(
    "a buffer that goes or is changed before it is sent or filled does not compile",
    arguments: [
      ("var m = SendBuffers<1>(); do { let a = [1 as UInt8]; m.append(a.span) }; _ = m.byteCount", "escapes its scope"),
      ("var m = ReceiveBuffers<1>(); do { A; m.append(a.mutableSpan) }; _ = m.byteCount", "escapes its scope"),
      ("A; var m = ReceiveBuffers<1>(); m.append(a.mutableSpan); a.append(2); _ = m.byteCount", "verlapping accesses"),
    ])
  func dangling(_ body: String, _ reason: String) throws {
    let body = body.replacingOccurrences(of: "A;", with: "var a = [1 as UInt8];")
    let said = try #require(try compilerObjects(to: body))
    #expect(said.contains(reason), "\(said)")
  }

  @Test("a server on an event loop compiles, without a word about safety")
  func server() throws {
    let said = try compilerObjects(
      to: """
        struct Echo: StreamHandler {
          mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) { output.send(bytes) }
        }
        let loop = try EventLoop()
        Task(executorPreference: loop) {
          let listener = try await Listener(at: .loopback(port: 0), on: loop)
          try await listener.serve { connection in
            let unsent = try await connection.receive { bytes throws(SocketError) in
              try connection.sendNow(copyingRestOf: bytes)
            }
            try await connection.sendAll(unsent)
            try await connection.receive { bytes async throws(SocketError) in try await connection.sendAll(bytes) }
          }
          try await listener.serve { _ in Echo() }
        }
        """)
    #expect(said == nil)
  }

  @Test(
    "what is lent does not outlive the call, and what runs on a loop shares nothing with what does not",
    arguments: [
      ("var kept: Span<UInt8>?\ntry await c.receive { kept = $0 }\n_ = kept", "lifetime-dependent"),
      ("var n = 0\ntry await l.serve { _ in n += 1 }", "concurrently-executing code"),
      ("final class Box { var n = 0 }\nlet box = Box()\ntry await l.serve { _ in box.n += 1 }\nbox.n = 2", "Box"),
      (
        """
        struct Keeper: StreamHandler {
          var kept: StreamOutput?
          mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) {}
        }
        """, "Escapable"
      ),
    ])
  func shared(_ body: String, _ reason: String) throws {
    let said = try #require(
      try compilerObjects(to: "func f(_ c: Connection, _ l: Listener) async throws {\n\(body)\n}"))
    #expect(said.contains(reason), "\(said)")
  }
}
