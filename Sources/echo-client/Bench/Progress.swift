#if Programs
  internal import EchoSupport

  /// What is going on, on a terminal: one line that is written over each second.
  final class Progress {
    private let settings: BenchSettings
    private var before: (requests: Int, time: Int64) = (0, 0)

    init(_ settings: BenchSettings) {
      self.settings = settings
    }

    /// Shows how far it has come. What cannot be shown is not worth a failure.
    func show(_ tally: Tally, after nanoseconds: Int64) {
      let seconds = Double(nanoseconds - before.time) / 1e9
      let rate = Double(tally.requests - before.requests) / seconds
      before = (tally.requests, nanoseconds)
      let p99 = tally.latencies.percentile(99)
      try? StandardStream.error.write(
        "\r\u{1b}[K\(decimal(Double(nanoseconds) / 1e9, 0)) s  \(grouped(rate)) requests/s  p99 \(decimal(p99, 1)) µs  "
          + "\(tally.errors) errors  \(tally.lost) lost")
    }

    /// Clears the line.
    func end() {
      try? StandardStream.error.write("\r\u{1b}[K")
    }
  }
#endif
