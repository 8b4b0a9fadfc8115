#if Programs
  internal import EchoSupport
  internal import Sockets

  /// What a benchmark has found.
  struct Measurement {
    let settings: BenchSettings
    var tally: Tally
    /// Nanoseconds that were measured.
    let duration: Int64
    /// Nanoseconds that the server, and this process, were on a processor meanwhile.
    let serverTime: Int64?
    let clientTime: Int64

    var seconds: Double { Double(duration) / 1e9 }
    var requestsPerSecond: Double { Double(tally.requests) / seconds }
    var bytesPerSecond: Double { Double(tally.requests * settings.payload) / seconds }
    var serverMicrosecondsPerRequest: Double? { serverTime.map(perRequest) }
    var clientMicrosecondsPerRequest: Double { perRequest(clientTime) }

    private func perRequest(_ nanoseconds: Int64) -> Double {
      Double(nanoseconds) / 1000 / Double(max(tally.requests, 1))
    }
  }

  /// Makes requests for as long as the settings say, and counts those after the warm-up.
  func measure(_ load: inout some Load & ~Copyable, _ settings: BenchSettings, _ progress: Progress?) throws
    -> Measurement
  {
    /// The longest wait, so that what the time has come for is not late.
    let second: Int64 = 1_000_000_000
    var poller = try Poller()
    var tally = Tally()
    var events: [Poller.Event] = []
    let begin = monotonicNanoseconds()
    var start: Int64?
    var (serverBefore, clientBefore): (Int64?, Int64) = (nil, 0)
    var tick = begin + settings.warmup
    var wake = Wake()
    try load.begin(at: begin, &poller, &tally)
    while true {
      let now = monotonicNanoseconds()
      if now >= tick {
        if let start {
          if now >= start + settings.duration {
            let clientAfter = try processorNanoseconds(ofProcess: 0)
            let serverAfter = try settings.serverProcess.map(processorNanoseconds(ofProcess:))
            load.end(at: now, &tally)
            return Measurement(
              settings: settings, tally: tally, duration: now - start,
              serverTime: serverAfter.map { $0 - (serverBefore ?? 0) }, clientTime: clientAfter - clientBefore)
          }
          progress?.show(tally, after: now - start)
        } else {
          tally.reset()
          start = now
          serverBefore = try settings.serverProcess.map(processorNanoseconds(ofProcess:))
          clientBefore = try processorNanoseconds(ofProcess: 0)
        }
        let start = start ?? now
        tick = min(tick + second, start + settings.duration)
      }
      let due = try load.advance(to: now, &poller, &tally)
      try poller.wait(into: &events, until: wake.deadline(at: min(due, tick), now))
      for event in events { try load.handle(event, &poller, &tally) }
    }
  }

  /// Until when to wait.
  private struct Wake {
    private var moment: Int64 = .min
    private var deadline = Deadline.now

    /// The deadline for a moment. It is made once for each, since the clock has to be looked at for that.
    mutating func deadline(at moment: Int64, _ now: Int64) -> Deadline {
      guard moment > now else { return .now }
      if moment != self.moment {
        self.moment = moment
        deadline = .after(.nanoseconds(moment - now))
      }
      return deadline
    }
  }
#endif
