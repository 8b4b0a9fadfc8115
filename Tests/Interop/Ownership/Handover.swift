//: prints used by the thread
//: prints closed
import Glibc
import Synchronization

struct File: ~Copyable, Sendable {
  deinit { print("closed") }
}

final class Handover<Value: ~Copyable & Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: consuming Value) {
    self.value = Mutex(value)
  }

  func take() -> Value? {
    value.withLock { $0.take() }
  }
}

func work(on file: consuming File) -> @Sendable () -> Void {
  let handover = Handover(file)
  return {
    guard let file = handover.take() else { return }
    print("used by the thread")
    _ = consume file
  }
}

work(on: File())()
