internal import SocketActivation
internal import Sockets

/// Tells the service manager that the server works, twice as often as it wants to hear so; never where it does not.
struct Watchdog: Sendable {
  /// When it is due.
  private(set) var deadline = Deadline.never
  private let interval: Duration?
  private let log: Log

  init(_ log: Log) throws(ActivationError) {
    self.log = log
    interval = try ServiceManager.watchdogInterval().map { $0 / 2 }
    begin()
  }

  /// Tells it, if it is due.
  mutating func notifyIfDue() {
    guard deadline.hasPassed else { return }
    // A manager that is busy has heard enough, and the clients are not to wait for it.
    notifyManager(.watchdog, until: .now, log: log)
    begin()
  }

  private mutating func begin() {
    if let interval { deadline = .after(interval) }
  }
}
