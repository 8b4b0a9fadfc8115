import Foundation

/// Programs of the system that some tests use, and whether they can be used here.
enum Tools {
  /// Whether another program's system calls can be watched and changed.
  static let canTrace = works("strace", "-qq", "-o", "/dev/null", "true")

  /// Whether there is socat.
  static let hasSocat = works("socat", "-V")

  /// Whether a program can be given a network and mounts of its own.
  static let canIsolate = works("unshare", "--net", "--mount", "ip", "link", "set", "lo", "up")

  /// Whether there is IPv6 on the loopback interface.
  static let hasIPv6 =
    (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains(
      "00000000000000000000000000000001 ") == true

  private static func works(_ words: String...) -> Bool {
    guard let program = try? Program(words) else { return false }
    defer { program.clear() }
    return (try? program.waitForEnd()) == .exited(0)
  }
}

/// What to start a program with, so that something is different for it.
enum Prefix {
  /// It may have so many descriptors.
  static func limited(descriptors: Int) -> [String] {
    ["sh", "-c", #"ulimit -n \#(descriptors) && exec "$0" "$@""#]
  }

  /// Some of its system calls are changed, and the file says which were; see `strace(1)`.
  static func injecting(_ injections: [String], calls: String, trace: String) -> [String] {
    ["strace", "-f", "-qq", "-o", trace, "-e", "trace=\(calls)"] + injections.flatMap { ["-e", "inject=\($0)"] }
  }
}
