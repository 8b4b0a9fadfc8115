internal import CSockets
internal import Foundation
internal import Sockets

/// The outside of a small program: its arguments, and how it ends.
public enum Program {
  /// What the program was called as.
  public static let name = CommandLine.arguments[0].split(separator: "/").last.map(String.init) ?? ""

  /// Runs a program with its arguments. A failure is one line on standard error and status 1; arguments that make no
  /// sense are status 64, as `sysexits.h` says.
  public static func run(usage: String, _ body: ([String]) throws -> Void) {
    do {
      try prepare()
      try body(Array(CommandLine.arguments.dropFirst()))
    } catch {
      end(usage, error)
    }
  }

  /// The same for a program that awaits.
  public static func run(usage: String, _ body: ([String]) async throws -> Void) async {
    do {
      try prepare()
      try await body(Array(CommandLine.arguments.dropFirst()))
    } catch {
      end(usage, error)
    }
  }

  /// Tells the user that something failed.
  public static func report(_ error: any Error) {
    // Standard error is the last resort: where it cannot be written to, nothing can be done.
    try? StandardStream.error.write("\(name): \(error)\n")
  }

  /// Ends the program because of a failure.
  public static func fail(_ error: any Error) -> Never {
    report(error)
    exit(1)
  }

  /// Tells the user something, in a line that is there at once, also in a pipe.
  public static func say(_ line: String) throws(Failure) {
    try StandardStream.output.write(line + "\n")
  }

  /// Without its standard streams, a process would give their numbers to the sockets that it opens.
  private static func prepare() throws(Failure) {
    let result = cs_fill_standard_streams()
    guard result == 0 else { throw Failure("open /dev/null: \(Errno(rawValue: -result))") }
  }

  private static func end(_ usage: String, _ error: any Error) -> Never {
    guard error is Usage || error is ParseError else { fail(error) }
    if error is ParseError { report(error) }
    try? StandardStream.error.write("usage: \(name) \(usage)\n")
    exit(64)
  }
}

/// Arguments that make no sense.
public struct Usage: Error {
  /// Says no more than how it goes.
  public init() {}
}

/// What cannot be done, in a line.
public struct Failure: Error, CustomStringConvertible {
  /// The line.
  public let description: String

  /// A failure with this line.
  public init(_ description: String) {
    self.description = description
  }
}
