internal import CSockets
public import Sockets
internal import Synchronization

/// Starts a thread that nobody waits for, and makes it the owner of a value.
///
/// - Throws: EAGAIN (as many threads as the process may have) or ENOMEM; the value is then gone.
public func startThread<Value: ~Copyable & Sendable>(
  owning value: consuming Value, _ body: @escaping @Sendable (consuming Value) -> Void
) throws(ThreadError) {
  // A closure cannot own what is not copyable, but something it refers to can.
  let handover = Handover(value)
  // Retained here and released by the thread, exactly once each.
  let work = unsafe Unmanaged.passRetained(Work { if let value = handover.take() { body(value) } })
  // Enough for what a connection needs; the default of 8 MiB would be address space for nothing.
  let result = unsafe cs_thread_start(256 * 1024, { unsafe runWork($0) }, work.toOpaque())
  guard result == 0 else {
    // No thread will do it.
    unsafe work.release()
    throw ThreadError(errno: Errno(rawValue: -result))
  }
}

private func runWork(_ context: UnsafeMutableRawPointer) {
  // What startThread retained.
  unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
}

/// What a thread is to do, kept for it until it starts.
private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }
}

/// A value on its way from one thread to another.
private final class Handover<Value: ~Copyable & Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: consuming Value) {
    self.value = Mutex(value)
  }

  func take() -> Value? {
    value.withLock { $0.take() }
  }
}

/// A thread that could not be started.
public struct ThreadError: Error, CustomStringConvertible {
  /// Why.
  public let errno: Errno

  /// One line: `start a thread: resource temporarily unavailable (EAGAIN)`.
  public var description: String { "start a thread: \(errno)" }
}
