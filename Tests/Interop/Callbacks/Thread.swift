//: with thread.c
//: flags -sanitize=thread -g
//: prints 2
import Synchronization
import Thread

final class Counter: Sendable {
  let count = Mutex(0)

  func increment() { count.withLock { $0 += 1 } }
}

final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

func start(_ body: @escaping @Sendable () -> Void) -> UnsafeMutableRawPointer {
  // Retained here and released by the thread, exactly once each.
  let work = unsafe Unmanaged.passRetained(Work(body))
  return unsafe thread_start({ unsafe run($0) }, work.toOpaque())
}

func run(_ context: UnsafeMutableRawPointer) {
  // What start retained.
  unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
}

let counter = Counter()
let thread = unsafe start { counter.increment() }
counter.increment()
// It was started above, and nobody else waits for it.
unsafe thread_join(thread)
print(counter.count.withLock { $0 })
