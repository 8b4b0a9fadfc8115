internal import EchoSupport
internal import Synchronization

/// How the thread that sends has ended, told to the one that receives.
final class SendingOutcome: Sendable {
  private let state = Mutex(State())

  private struct State {
    var isSending = false
    var hasEnded = false
    var failure: (any Error & Sendable)?
  }

  /// Whether everything was sent, or never will be.
  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Why not everything was sent.
  var failure: (any Error)? { state.withLock { $0.failure } }

  /// Whether there are bytes that the kernel has not taken, and perhaps never will.
  var isSending: Bool { state.withLock { $0.isSending } }

  /// Sends something. Where that fails it counts as not sent, also before the thread has told why.
  func sending(_ send: () throws -> Void) rethrows {
    state.withLock { $0.isSending = true }
    try send()
    state.withLock { $0.isSending = false }
  }

  /// The thread is done.
  func end(with result: Result<Void, any Error>) {
    state.withLock {
      $0.hasEnded = true
      if case .failure(let error) = result { $0.failure = error }
    }
  }
}
