import Foundation
import Testing

/// What the compiler must refuse, held by compiling it.
@Suite struct CompileTests {
  /// Type-checks a program that uses the library, as its users' builds do; returns what the compiler says, or nil where
  /// it has no objection.
  private func compilerObjects(to body: String) throws -> String? {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/Program.swift"
    try "import Sockets\nfunc program() throws {\n\(body)\n}\n".write(toFile: file, atomically: true, encoding: .utf8)
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
    ])
  func wrong(_ body: String, _ reason: String) throws {
    let said = try #require(try compilerObjects(to: body))
    #expect(said.contains(reason), "\(said)")
  }
}
