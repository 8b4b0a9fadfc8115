//: error mutation of captured var 'count' in concurrently-executing code
func start(_ body: @escaping @Sendable () -> Void) {}

func count() {
  var count = 0
  start { count += 1 }
  count += 1
}
