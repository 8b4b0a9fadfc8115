internal import EchoSupport
internal import Synchronization

/// How the thread that sends has ended, told to the one that receives.
final class SendingOutcome: Sendable {
  private let state = Mutex<(hasEnded: Bool, failure: (any Error & Sendable)?)>((false, nil))

  /// Whether everything was sent, or never will be.
  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Why not everything was sent.
  var failure: (any Error)? { state.withLock { $0.failure } }

  /// The thread is done.
  func end(with result: Result<Void, any Error>) {
    state.withLock {
      $0.hasEnded = true
      if case .failure(let error) = result { $0.failure = error }
    }
  }
}
