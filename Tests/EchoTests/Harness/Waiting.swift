import Foundation

/// How long to wait for what happens at once on an idle machine. It decides when to give up, never whether a test
/// passes.
let patience = Duration.seconds(20)

/// Something that was waited for and did not happen.
struct NeverHappened: Error, CustomStringConvertible {
  let description: String
}

/// Waits until a condition holds, and fails with a description of what there is instead.
func eventually(
  _ what: String, within limit: Duration = patience, showing found: @autoclosure () -> String = "",
  _ condition: () throws -> Bool
) throws {
  let end = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < end else {
      throw NeverHappened(description: "not within \(limit): \(what)\n\(found())")
    }
    usleep(2_000)
  }
}
