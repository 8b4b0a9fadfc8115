internal import CSockets
internal import Sockets

/// One of the three standard streams, as bytes.
public struct StandardStream: Sendable {
  private let descriptor: Int32
  private let name: String

  /// What the user types, or another program writes.
  public static let input = StandardStream(descriptor: 0, name: "standard input")
  /// What the user reads, or another program.
  public static let output = StandardStream(descriptor: 1, name: "standard output")
  /// Where failures are told.
  public static let error = StandardStream(descriptor: 2, name: "standard error")

  /// What there is to read, up to a count; nothing at the end of the input.
  public func read(upTo count: Int) throws(Failure) -> [UInt8] {
    while true {
      var result = 0
      // The callee writes no more than the buffer has, and what it wrote is counted.
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        result = unsafe cs_read(descriptor, buffer.baseAddress, buffer.count)
        filled = max(result, 0)
      }
      if result >= 0 { return bytes }
      try recover(from: Errno(rawValue: Int32(-result)), "read", CS_POLLIN)
    }
  }

  /// Writes all of the bytes.
  public func write(_ bytes: Span<UInt8>) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let written = cs_write(descriptor, bytes.extracting(done...))
      if written >= 0 {
        done += written
      } else {
        try recover(from: Errno(rawValue: Int32(-written)), "write to", CS_POLLOUT)
      }
    }
  }

  /// Writes all of a text.
  public func write(_ text: String) throws(Failure) {
    try write(text.utf8.span)
  }

  /// Returns when the call is to be made again: after a signal, or when a stream that another program has made
  /// non-blocking is ready.
  private func recover(from errno: Errno, _ verb: String, _ events: UInt32) throws(Failure) {
    switch errno {
    case .interrupted: return
    case .wouldBlock: _ = cs_poll_one(descriptor, events, -1)
    default: throw Failure("\(verb) \(name): \(errno)")
    }
  }
}
