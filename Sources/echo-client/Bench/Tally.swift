#if Programs
  /// What has been counted.
  struct Tally {
    private(set) var latencies = Latencies()
    /// Requests whose reply has come.
    private(set) var requests = 0
    /// Connections that failed, and requests that were due on one that had.
    var errors = 0
    /// Datagrams that no reply has come to in time.
    var lost = 0

    /// A reply has come.
    mutating func complete(after nanoseconds: Int64) {
      requests += 1
      latencies.record(nanoseconds)
    }

    /// A request has waited that long, and its reply has not come yet.
    mutating func note(waiting nanoseconds: Int64) {
      latencies.record(nanoseconds)
    }

    /// Forgets everything.
    mutating func reset() {
      latencies.reset()
      (requests, errors, lost) = (0, 0, 0)
    }
  }
#endif
