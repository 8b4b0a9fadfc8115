import CountedMalloc
import Glibc

/// One of the calls that a server makes again and again: what it is called, and how often it allocates in 1,000 calls.
struct HotPath: Sendable {
  let name: String
  let allocations: @Sendable () throws -> UInt
}

/// How often this thread allocates while it makes a call 1,000 times. What the first calls make once is not counted.
func allocations(_ call: () throws -> Void) throws -> UInt {
  for _ in 0..<10 { try call() }
  let before = counted_mallocs()
  for _ in 0..<1000 { try call() }
  return counted_mallocs() - before
}

/// Measures each path, and fails if one of them allocates.
@main enum Allocations {
  static func main() throws {
    // No wait below may be longer than this.
    alarm(60)
    // An array that is used is allocated: were this 0, nothing would be counted.
    var array: [UInt8] = []
    let counted = try allocations { array = [UInt8](repeating: UInt8(truncatingIfNeeded: array.count), count: 64) }
    guard counted >= 1000 else {
      print("FAILED  only \(counted) allocations were seen where there are 1000")
      exit(1)
    }
    var failed = 0
    for path in hotPaths {
      let count = try path.allocations()
      print("\(count == 0 ? "ok     " : "FAILED ") \(path.name): \(count) allocations in 1000 calls")
      if count > 0 { failed += 1 }
    }
    exit(failed == 0 ? 0 : 1)
  }
}
