internal import CSockets
internal import Sockets
internal import Synchronization

/// A name that is being looked up, by a thread that may wait: the system's resolver knows no other way.
final class LookUp: Sendable {
  private let endpoint: Endpoint
  private let outcome = Mutex<Result<[SocketAddress], ResolveError>?>(nil)
  private let isDone: Gate

  /// Looks up a name as soon as a thread is free.
  init(_ endpoint: Endpoint, on loop: EventLoop) {
    self.endpoint = endpoint
    isDone = Gate(on: loop)
    LookUpThreads.shared.add(self)
  }

  /// What has been found.
  ///
  /// - Throws: `SocketError` with ``Sockets/SocketError/Reason/timedOut``, ``Sockets/SocketError/Reason/cancelled`` or
  ///   ``Sockets/SocketError/Reason/loopClosed``.
  func result(until deadline: Deadline) async throws(SocketError) -> Result<[SocketAddress], ResolveError> {
    let wake = await isDone.wait(until: deadline)
    if let outcome = outcome.withLock({ $0 }) { return outcome }
    LookUpThreads.shared.remove(self)
    throw SocketError(.wait, wake.reason)
  }

  fileprivate func run() {
    finish(Result { () throws(ResolveError) in try endpoint.resolve() })
  }

  /// There is no thread to look it up.
  fileprivate func fail(_ errno: Errno) {
    finish(.failure(ResolveError(name: endpoint.description, code: .system, errno: errno)))
  }

  private func finish(_ found: Result<[SocketAddress], ResolveError>) {
    outcome.withLock { $0 = found }
    isDone.open()
  }
}

/// The threads that look names up: as many as there are look-ups under way, up to a limit, and none otherwise.
private final class LookUpThreads: Sendable {
  static let shared = LookUpThreads()
  private static var limit: Int { 16 }
  private let state = Mutex(State())

  private struct State {
    var waiting: [LookUp] = []
    var threads = 0
  }

  func add(_ lookUp: LookUp) {
    let needsThread = state.withLock { state in
      state.waiting.append(lookUp)
      guard state.threads < Self.limit else { return false }
      state.threads += 1
      return true
    }
    guard needsThread else { return }
    // Shared, and so never gone. As much stack as resolvers want.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let result = unsafe cs_thread_start(
      512 * 1024, { unsafe Unmanaged<LookUpThreads>.fromOpaque($0).takeUnretainedValue().work() }, context)
    guard result < 0 else { return }
    // Those threads that are there take it on; without any, nobody does: the caller's may be a loop's, and must not wait.
    let isForNobody = state.withLock { state in
      state.threads -= 1
      if state.threads == 0 { state.waiting.removeAll { $0 === lookUp } }
      return state.threads == 0
    }
    if isForNobody { lookUp.fail(Errno(rawValue: -result)) }
  }

  /// Nobody waits for it any more: where it has not begun, it need not.
  func remove(_ lookUp: LookUp) {
    state.withLock { state in state.waiting.removeAll { $0 === lookUp } }
  }

  private func work() {
    while let lookUp = next() { lookUp.run() }
  }

  private func next() -> LookUp? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.threads -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}
