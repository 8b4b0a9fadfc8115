internal import CSockets
public import Sockets

/// What a thread is to do, kept for it until it starts.
private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }
}

/// Starts a thread that nobody waits for.
///
/// - Throws: EAGAIN (as many threads as the process may have) or ENOMEM.
public func startThread(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
  // Retained here and released by the thread, exactly once each.
  let work = unsafe Unmanaged.passRetained(Work(body))
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

/// A thread that could not be started.
public struct ThreadError: Error, CustomStringConvertible {
  /// Why.
  public let errno: Errno

  /// One line: `start a thread: resource temporarily unavailable (EAGAIN)`.
  public var description: String { "start a thread: \(errno)" }
}
