import Sockets

/// What the kernel has of one direction of a connection.
struct Pipe {
  /// What was sent and not received yet: of a stream, one run of bytes; of packets, each for itself.
  var queue: [[UInt8]] = []
  /// Whether one side has ended it.
  var isEnded = false
  /// How many bytes were sent ever: what comes next follows from it.
  private var count = 0

  /// The next bytes to send.
  func next(_ size: Int) -> [UInt8] {
    // A cycle that no power of two meets.
    (count..<count + size).map { UInt8($0 % 251) }
  }

  mutating func sent(_ bytes: ArraySlice<UInt8>, isStream: Bool) {
    count += bytes.count
    if !isStream {
      queue.append(Array(bytes))
    } else if !bytes.isEmpty {
      if queue.isEmpty { queue = [[]] }
      queue[0] += bytes
    }
  }

  /// What a receive of so many bytes gets; nil where there is nothing yet.
  mutating func receive(_ size: Int, isStream: Bool, peeks: Bool = false) -> [UInt8]? {
    guard let first = queue.first else { return isEnded ? [] : nil }
    let received = Array(first.prefix(size))
    guard !peeks else { return received }
    if isStream, first.count > size { queue[0].removeFirst(size) } else { queue.removeFirst() }
    return received
  }
}
