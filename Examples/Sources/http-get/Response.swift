internal import ExampleSupport
internal import Sockets

/// What a server answers, read from a socket piece by piece. Whatever it says, no more than a limit is kept of it.
struct Response: ~Copyable {
  private let socket: Socket
  /// What has been received and not been read.
  private var buffer: [UInt8] = []

  /// How long to wait for more.
  private static let patience = Duration.seconds(30)
  private static let lineLimit = 16_384
  private static let headerLimit = 200

  /// What comes before the body.
  struct Head {
    let status: Int
    let reason: String
    /// With their names in small letters.
    let headers: [(name: String, value: String)]

    fileprivate func values(of name: String) -> [String] {
      headers.filter { $0.name == name }.map(\.value)
    }
  }

  init(_ socket: consuming Socket) {
    self.socket = socket
  }

  /// Reads the status and the headers; those of an answer that announces another are skipped.
  mutating func head() throws -> Head {
    while true {
      let words = try line().split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1]) else {
        throw Failure("what came is not HTTP/1")
      }
      var headers: [(String, String)] = []
      while case let line = try line(), !line.isEmpty {
        guard headers.count < Self.headerLimit, let colon = line.firstIndex(of: ":") else {
          throw Failure("a header that makes no sense: \(line.debugDescription)")
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        headers.append((line[..<colon].lowercased(), String(value)))
      }
      if status >= 200 {
        return Head(status: status, reason: words.count > 2 ? String(words[2]) : "", headers: headers)
      }
    }
  }

  /// Reads the body to its end, which one of three things tells: its chunks, its length, or the end of the stream.
  mutating func body(of head: Head, _ take: ([UInt8]) throws(Failure) -> Void) throws {
    if head.status == 204 { return }
    if let coding = head.values(of: "transfer-encoding").last {
      guard coding.lowercased() == "chunked" else { throw Failure("transfer coding \(coding.debugDescription)") }
      while case let size = try chunkSize(), size > 0 {
        try bytes(size, take)
        guard try line().isEmpty else { throw Failure("a chunk that does not end where it should") }
      }
      // Headers that come late; nobody has asked for them.
      while case let line = try line(), !line.isEmpty {}
    } else if let length = head.values(of: "content-length").first {
      guard length.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let count = Int(length) else {
        throw Failure("content length \(length.debugDescription)")
      }
      try bytes(count, take)
    } else {
      repeat {
        try take(buffer)
        buffer = []
      } while try fill()
    }
  }

  /// The size of the next chunk, in hexadecimal; what follows it is an extension.
  private mutating func chunkSize() throws -> Int {
    let line = try line()
    let digits = line.prefix { $0.isHexDigit }
    guard !digits.isEmpty, let size = Int(digits, radix: 16) else {
      throw Failure("a chunk without a size: \(line.debugDescription)")
    }
    return size
  }

  /// Passes on exactly so many bytes.
  private mutating func bytes(_ count: Int, _ take: ([UInt8]) throws(Failure) -> Void) throws {
    var left = count
    while left > 0 {
      if buffer.isEmpty, try !fill() { throw Failure("the answer ended \(left) bytes too soon") }
      let part = Array(buffer.prefix(left))
      buffer.removeFirst(part.count)
      left -= part.count
      try take(part)
    }
  }

  /// The next line, without its end.
  private mutating func line() throws -> String {
    var searched = 0
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = buffer[..<end]
        let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        buffer.removeFirst(end + 1)
        return text
      }
      searched = buffer.count
      guard searched < Self.lineLimit else { throw Failure("a line is longer than \(Self.lineLimit) bytes") }
      guard try fill() else { throw Failure("the answer ended within its headers") }
    }
  }

  /// Receives more; false where there is no more.
  private mutating func fill() throws(SocketError) -> Bool {
    let received = try socket.receive(upTo: 65_536, until: .after(Self.patience))
    buffer += received
    return !received.isEmpty
  }
}
