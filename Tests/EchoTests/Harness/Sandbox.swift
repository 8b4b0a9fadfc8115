import Foundation

/// A directory and the programs that a test has started. Nothing of either is left when the test ends, however it ends.
final class Sandbox {
  let directory: String
  private var programs: [Program] = []

  fileprivate init() throws {
    // Short, since the path of a Unix socket has to be.
    directory = "/tmp/echo-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
  }

  fileprivate func clear() {
    for program in programs.reversed() { program.clear() }
    try? FileManager.default.removeItem(atPath: directory)
  }

  fileprivate var report: String {
    programs.map(\.description).joined(separator: "\n")
  }

  /// Starts a program.
  func start(_ words: [String], input: Program.Input = .empty) throws -> Program {
    let program = try Program(words, input: input)
    programs.append(program)
    return program
  }

  /// Runs a program to its end.
  @discardableResult
  func run(_ words: [String], input: Program.Input = .empty, within limit: Duration = patience) throws -> Program {
    let program = try start(words, input: input)
    try program.waitForEnd(within: limit)
    return program
  }

  /// A path in the directory.
  func path(_ name: String) -> String { "\(directory)/\(name)" }
}

/// What a test threw, and what its programs had said by then.
struct TestFailure: Error, CustomStringConvertible {
  let description: String
}

/// Runs a test that starts programs.
func withSandbox(_ test: (Sandbox) throws -> Void) throws {
  let sandbox = try Sandbox()
  defer { sandbox.clear() }
  do {
    try test(sandbox)
  } catch {
    throw TestFailure(description: "\(error)\nwith these programs:\n\(sandbox.report)")
  }
}
