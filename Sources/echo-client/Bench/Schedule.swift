/// When requests are due that are sent at a rate, whatever becomes of those before. Latency counts from then: a server
/// that stalls is not spared the requests that would have come meanwhile (coordinated omission).
struct Schedule {
  /// When the first is due, in nanoseconds on the monotonic clock.
  let start: Int64
  private let interval: Double

  init(start: Int64, rate: Double) {
    self.start = start
    interval = 1e9 / rate
  }

  /// When a request is due.
  func due(_ number: Int) -> Int64 {
    start + Int64(Double(number) * interval)
  }
}
