internal import CSockets
public import Sockets
internal import Synchronization

/// One of the process's three standard streams, as bytes.
public struct StandardStream: Sendable {
  private let descriptor: Int32
  /// Keeps what one thread writes together.
  private static let writing = Mutex(())

  /// What the user types, or another program writes.
  public static let input = StandardStream(descriptor: 0)
  /// What the user reads, or another program.
  public static let output = StandardStream(descriptor: 1)
  /// Where failures are told.
  public static let error = StandardStream(descriptor: 2)

  /// Makes sure that the three are open, if only on nothing: otherwise a socket would get the number of one that is
  /// not, and be taken for it. To be called before anything is opened.
  public static func prepare() throws(StreamError) {
    let result = cs_fill_standard_streams()
    guard result == 0 else { throw StreamError(verb: "open", stream: "/dev/null", errno: Errno(rawValue: -result)) }
  }

  /// Whether a person is at the other end.
  public var isTerminal: Bool { cs_is_terminal(descriptor) == 1 }

  /// Writes all of the bytes.
  public func write(_ bytes: Span<UInt8>) throws(StreamError) {
    try Self.writing.withLock { _ throws(StreamError) in
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
  }

  /// Writes all of a text.
  public func write(_ text: String) throws(StreamError) {
    try write(text.utf8.span)
  }

  /// Appends what there is, at least one byte, up to a count; nothing at the end of the input.
  public func read(appendingTo bytes: inout [UInt8], upTo count: Int) throws(StreamError) {
    while true {
      var result = 0
      bytes.append(addingCapacity: count) { output in
        // The callee writes no more than the free part, and what it wrote is counted.
        unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
          result = unsafe cs_read(descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled)
          filled += max(result, 0)
        }
      }
      if result >= 0 { return }
      try recover(from: Errno(rawValue: Int32(-result)), "read", CS_POLLIN)
    }
  }

  /// Waits until the stream has something to say, or the peer of a socket sends no more, and reports for each whether
  /// it is so.
  public func waitForInput(orEndOf socket: borrowing Socket) throws(SocketError) -> (stream: Bool, socket: Bool) {
    // A regular file, which epoll refuses, is always readable here.
    var polled = [
      pollfd(fd: descriptor, events: Int16(CS_POLLIN), revents: 0),
      pollfd(fd: socket.descriptor, events: Int16(CS_POLLRDHUP), revents: 0),
    ]
    while true {
      // The array is this function's own for as long as the kernel writes to it.
      let found = unsafe polled.withUnsafeMutableBufferPointer { unsafe cs_poll($0.baseAddress, $0.count, -1) }
      if found >= 0 { return (polled[0].revents != 0, polled[1].revents != 0) }
      let errno = Errno(rawValue: -found)
      guard errno == .interrupted else { throw SocketError(.wait, .errno(errno)) }
    }
  }

  /// Returns when the call is to be made again: after a signal, or when a stream that another program has made
  /// non-blocking is ready.
  private func recover(from errno: Errno, _ verb: String, _ events: UInt32) throws(StreamError) {
    switch errno {
    case .interrupted: return
    case .wouldBlock: _ = cs_poll_one(descriptor, events, -1)
    default: throw StreamError(verb: verb, stream: name, errno: errno)
    }
  }

  private var name: String {
    switch descriptor {
    case 0: "standard input"
    case 1: "standard output"
    default: "standard error"
    }
  }
}

/// A standard stream that could not be read or written.
public struct StreamError: Error, CustomStringConvertible {
  let verb: String
  let stream: String
  /// Why.
  public let errno: Errno

  /// One line: `write to standard output: no space left on device (ENOSPC)`.
  public var description: String { "\(verb) \(stream): \(errno)" }
}

/// Standard input, line by line, whatever bytes the lines have and however long they are.
public struct LineReader: ~Copyable {
  private let stream: StandardStream
  private var buffer: [UInt8] = []
  /// Up to where the buffer has been looked through for the end of a line.
  private var searched = 0

  /// A reader of what the stream has from here on.
  public init(_ stream: StandardStream) {
    self.stream = stream
  }

  /// Whether a line is there already, so that reading it waits for nothing.
  public var hasLine: Bool {
    mutating get { findLineEnd() != nil }
  }

  /// The next line without its newline; nil at the end of the input. A last line needs no newline.
  public mutating func next() throws(StreamError) -> [UInt8]? {
    while true {
      if let end = findLineEnd() {
        defer { searched = 0 }
        let line = Array(buffer[..<end])
        buffer.removeSubrange(...end)
        return line
      }
      let before = buffer.count
      try stream.read(appendingTo: &buffer, upTo: 65_536)
      guard buffer.count > before else {
        defer { buffer = [] }
        searched = 0
        return buffer.isEmpty ? nil : buffer
      }
    }
  }

  private mutating func findLineEnd() -> Int? {
    if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) { return end }
    searched = buffer.count
    return nil
  }
}
