import Foundation

extension Sandbox {
  /// The words that run one of the Python programs beside these tests: without waiting to write its output, and leaving
  /// no compiled form of it behind.
  static func script(_ name: String) -> [String] {
    let clients = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Clients")
    return [python, "-u", "-B", clients.appendingPathComponent(name + ".py").path]
  }

  /// The system's own, if there is one: the one that PATH finds first may be a slow wrapper of it.
  private static let python = ["/usr/bin/python3"].first(where: FileManager.default.isExecutableFile) ?? "python3"

  /// Runs one of the Python programs to its end.
  @discardableResult
  func script(_ name: String, _ arguments: String..., within limit: Duration = .seconds(60)) throws -> Program {
    try run(Self.script(name) + arguments, within: limit)
  }
}
