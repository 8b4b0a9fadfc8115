import CCalls
import Glibc
import Sockets

/// One way to make a call: what it is called, the way of C to compare it with, what has to be done before each call and
/// is not counted, and a function that makes it so many times.
struct Call: Sendable {
  let name: String
  let baseline: String
  let feed: String
  let run: @Sendable (Int) throws -> Void

  init(
    _ name: String, against baseline: String? = nil, after feed: String = "-",
    run: @escaping @Sendable (Int) throws -> Void
  ) {
    self.name = name
    self.baseline = baseline ?? name
    self.feed = feed
    self.run = run
  }
}

/// Without arguments, lists the calls; with a name and a number, makes that call so many times.
@main enum Calls {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else {
      for call in calls { print(call.name, call.baseline, call.feed, separator: "\t") }
      return
    }
    guard let call = calls.first(where: { $0.name == arguments[1] }), let count = Int(arguments[2]) else { exit(2) }
    // No call here may wait for longer than this.
    alarm(60)
    try call.run(count)
  }
}
