/// The name of a host, such as `localhost` or `www.example.org`: checked to be one, and kept as it was written.
@frozen public struct HostName: Sendable {
  @usableFromInline let storage: [253 of UInt8]
  @usableFromInline let length: UInt8

  /// The most bytes that a name may have, a dot at its end counted too: 253. See RFC 1035, section 2.3.4.
  public static var capacity: Int { 253 }

  /// The name's bytes.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) get { storage.span.extracting(first: Int(length)) }
  }
}

extension HostName: Hashable {
  /// Whether both are the same bytes.
  public static func == (left: HostName, right: HostName) -> Bool {
    left.bytes.isEqual(to: right.bytes)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    bytes.hash(into: &hasher)
  }
}

extension HostName: TextRepresentable {
  /// "host name".
  public static var textName: String { "host name" }
  /// As many bytes as a name may have.
  public static var maximumTextLength: Int { capacity }

  /// Reads labels of letters, digits, hyphens and underscores, 63 bytes at most each, with single dots between them and
  /// perhaps one at the end; the last label is not a number. A name in another script has to be given in its ASCII form
  /// (`xn--…`).
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in try Self.read(text, from: 0) }
  }

  /// Reads the text from `start` to its end.
  static func read(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> HostName {
    let count = text.count - start
    guard count > 0 else { throw ParseFailure(.empty, at: start) }
    guard count <= capacity else { throw ParseFailure(.tooLong(limit: capacity), at: start + capacity) }
    var labelStart = start
    for position in start..<text.count {
      switch text[position] {
      case UInt8(ascii: "."):
        guard position > labelStart else { throw ParseFailure(.invalidHostName, at: position) }
        labelStart = position + 1
      case UInt8(ascii: "-") where position == labelStart:
        // A name that begins with a hyphen is an option to many a program.
        throw ParseFailure(.invalidHostName, at: position)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        guard position - labelStart < 63 else { throw ParseFailure(.invalidHostName, at: position) }
      default:
        throw ParseFailure(.invalidHostName, at: position)
      }
    }
    // An address that is misspelled, which the system would read as another.
    guard !Host.endsInNumber(text, in: start..<text.count) else { throw ParseFailure(.invalidHostName, at: start) }
    return HostName(storage: [253 of UInt8] { $0 < count ? text[start + $0] : 0 }, length: UInt8(count))
  }

  /// Writes the name.
  public func write(into output: inout OutputSpan<UInt8>) {
    output.append(bytes)
  }
}
