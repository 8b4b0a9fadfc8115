//: with thread.c
//: flags -sanitize=thread -g
//: reports WARNING: ThreadSanitizer: Swift access race
import Thread

final class Counter {
  var count = 0
}

nonisolated func count() {
  let counter = Counter()
  let thread = thread_start(
    { Unmanaged<Counter>.fromOpaque($0).takeUnretainedValue().count += 1 },
    Unmanaged.passUnretained(counter).toOpaque())
  counter.count += 1
  thread_join(thread)
}

count()
