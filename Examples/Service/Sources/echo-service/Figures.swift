internal import Metrics
internal import Synchronization

/// Keeps what is counted and measured, by name. A backend for what the example needs: counters and meters, without
/// dimensions.
final class Figures: MetricsFactory {
  private let numbers = Mutex<[String: Double]>([:])

  /// All of them, a line each, as Prometheus reads them.
  var text: String {
    numbers.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { Figure(self, label) }
  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { Figure(self, label) }
  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    NOOPMetricsHandler.instance
  }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  fileprivate func change(_ label: String, _ change: (inout Double) -> Void) {
    numbers.withLock { change(&$0[label, default: 0]) }
  }
}

/// One figure, which is there from the beginning.
private final class Figure: CounterHandler, MeterHandler {
  private let figures: Figures
  private let label: String

  init(_ figures: Figures, _ label: String) {
    self.figures = figures
    self.label = label
    figures.change(label) { _ in }
  }

  func increment(by amount: Int64) { figures.change(label) { $0 += Double(amount) } }
  func reset() { figures.change(label) { $0 = 0 } }
  func set(_ value: Int64) { figures.change(label) { $0 = Double(value) } }
  func set(_ value: Double) { figures.change(label) { $0 = value } }
  func increment(by amount: Double) { figures.change(label) { $0 += amount } }
  func decrement(by amount: Double) { figures.change(label) { $0 -= amount } }
}
