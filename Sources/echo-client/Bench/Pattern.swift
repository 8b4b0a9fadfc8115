internal import EchoSupport

/// The bytes that are sent: without an order that a server could keep by mistake, and the same again after a prime
/// number of them, so that a piece that is missing, doubled or out of place shows.
struct Pattern {
  /// The period.
  static let period = 4093
  /// The most bytes that can be had at once.
  static let chunk = 1 << 18

  private let bytes: [UInt8]

  init() {
    var state: UInt32 = 1
    var period: [UInt8] = []
    for _ in 0..<Self.period {
      // Numerical Recipes' generator; its upper bits are the good ones.
      state = state &* 1_664_525 &+ 1_013_904_223
      period.append(UInt8(truncatingIfNeeded: state >> 24))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.chunk + 2 * Self.period)
    while bytes.count < Self.chunk + Self.period { bytes += period }
    self.bytes = bytes
  }

  /// Bytes from a place on, which is below the period.
  @_lifetime(borrow self)
  func bytes(at offset: Int, count: Int) -> Span<UInt8> {
    bytes.span.extracting(offset..<offset + count)
  }

  /// Whether these are the bytes from a place on.
  func matches(_ received: Span<UInt8>, at offset: Int) -> Bool {
    haveEqualBytes(received, bytes(at: offset, count: received.count))
  }

  /// Where the bytes go on behind so many.
  static func advance(_ offset: Int, by count: Int) -> Int {
    (offset + count) % period
  }
}
