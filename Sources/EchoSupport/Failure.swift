internal import CSockets

/// How a program ends that cannot go on: one line on standard error.
public struct Failure: Error, CustomStringConvertible {
  /// The line, without the program's name.
  public let description: String

  /// A failure with this line.
  public init(_ description: String) {
    self.description = description
  }

  /// A failure that names what it is about and the error that caused it.
  public init(_ subject: some CustomStringConvertible, _ error: some Error) {
    description = "\(subject): \(error)"
  }

  /// Tells the user. Standard error is the last resort: where it cannot be written to, nothing can be done.
  public static func report(_ program: String, _ error: some Error) {
    try? StandardStream.error.write("\(program): \(error)\n")
  }

  /// Tells the user and ends the program with status 1.
  public static func end(_ program: String, _ error: some Error) -> Never {
    report(program, error)
    exit(1)
  }
}
