import Foundation

/// What the system knows about a process.
struct ProcessFacts {
  private let directory: String

  init(_ program: Program) {
    directory = "/proc/\(program.process)"
  }

  private func text(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(file)")), as: UTF8.self)
  }

  /// How many bytes of memory it has (VmRSS).
  var memory: Int {
    get throws {
      let line = try text("status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      let kilobytes = line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
      return kilobytes * 1024
    }
  }

  /// How long it has been on a processor.
  var processorTime: Duration {
    get throws {
      // The program's name, in parentheses, may have spaces in it; user and system time are numbers 14 and 15.
      let fields = try text("stat").split(separator: ")").last?.split(separator: " ") ?? []
      let ticks = fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
      return .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }
  }

  /// How many threads it has.
  var threads: Int {
    get throws { try FileManager.default.contentsOfDirectory(atPath: "\(directory)/task").count }
  }

  /// What it is called by `ps(1)`.
  var title: String {
    get throws { String(try text("cmdline").prefix { $0 != "\0" }) }
  }

  /// Its descriptors, and what each of them is.
  var descriptors: [Int: String] {
    get throws {
      var found: [Int: String] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(directory)/fd") {
        // One that was closed meanwhile is not there any more.
        guard let number = Int(name),
          let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/fd/\(name)")
        else { continue }
        found[number] = target
      }
      return found
    }
  }

  /// Those of its descriptors that are sockets or what waits for them, which no program starts with here.
  var socketDescriptors: [Int: String] {
    get throws { try descriptors.filter { $0.value.hasPrefix("socket:") || $0.value.hasPrefix("anon_inode:") } }
  }

  /// Whether a descriptor is closed when the process starts another program.
  func isCloseOnExec(_ descriptor: Int) throws -> Bool {
    let line = try text("fdinfo/\(descriptor)").split(separator: "\n").first { $0.hasPrefix("flags:") }
    let flags = line.flatMap { Int($0.filter(\.isNumber), radix: 8) } ?? 0
    return flags & 0o2000000 != 0
  }
}
