#if Programs
  internal import Sockets

  /// A way to make requests. Moments are nanoseconds on the monotonic clock.
  protocol Load: ~Copyable {
    /// Sends the first requests.
    mutating func begin(at now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws
    /// Goes on with a socket that is ready.
    mutating func handle(_ event: Poller.Event, _ poller: inout Poller, _ tally: inout Tally) throws
    /// Does what is due, and says when something will be next.
    mutating func advance(to now: Int64, _ poller: inout Poller, _ tally: inout Tally) throws -> Int64
    /// The time is over.
    mutating func end(at now: Int64, _ tally: inout Tally)
  }
#endif
