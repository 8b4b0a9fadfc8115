#if Programs
  internal import Histogram

  /// How long replies took, to three digits.
  struct Latencies {
    /// The longest, in nanoseconds, that is told from a longer one: a day.
    private static let longest: UInt64 = 86_400_000_000_000

    private var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: Latencies.longest, numberOfSignificantValueDigits: .three)

    mutating func record(_ nanoseconds: Int64) {
      histogram.record(Swift.min(UInt64(Swift.max(nanoseconds, 0)), Self.longest))
    }

    mutating func reset() {
      histogram.reset()
    }

    /// How many there are.
    var count: Int { Int(histogram.totalCount) }
    /// In microseconds; 0 where there are none.
    var min: Double { count == 0 ? 0 : Double(histogram.min) / 1000 }
    var mean: Double { count == 0 ? 0 : histogram.mean / 1000 }
    var max: Double { Double(histogram.maxRecorded) / 1000 }

    /// The latency, in microseconds, that so many percent of the requests did not have to wait longer than.
    func percentile(_ percent: Double) -> Double {
      Double(histogram.valueAtPercentile(percent)) / 1000
    }
  }
#endif
