internal import CSockets

/// The name of a Unix socket: a path, an abstract name, or none. See `unix(7)`.
///
/// It holds the bytes that the kernel has, no more and no less: an abstract name with NUL bytes in it, or a path that
/// is not UTF-8, comes back as it went.
@frozen public struct UnixAddress: Sendable {
  /// What stands in `sun_path`: nothing for no name, a leading NUL for an abstract one. Bytes past the length are 0.
  @usableFromInline let storage: [108 of UInt8]
  @usableFromInline let length: UInt8

  /// The most bytes that a path may have, and an abstract name with the NUL before it: 108.
  public static var capacity: Int { 108 }

  init(_ storage: [108 of UInt8], length: Int) {
    self.storage = storage
    self.length = UInt8(length)
  }
}

extension UnixAddress {
  /// Which of the three kinds of name this is.
  public enum Kind: Hashable, Sendable {
    /// A file's path.
    case path
    /// A name outside the file system, which goes when the socket goes.
    case abstract
    /// No name: a socket that was never bound. To bind to it is to let the kernel choose an abstract name (autobind).
    case unnamed
  }

  /// Which kind of name this is.
  public var kind: Kind {
    if length == 0 { .unnamed } else if storage[0] == 0 { .abstract } else { .path }
  }

  /// The path's bytes, or those of the abstract name without the NUL before it.
  public var name: Span<UInt8> {
    @_lifetime(borrow self) get { storage.span.extracting((kind == .abstract ? 1 : 0)..<Int(length)) }
  }

  /// The bytes as the kernel has them, the NUL before an abstract name included.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self) get { storage.span.extracting(first: Int(length)) }
  }

  /// No name at all.
  public static var unnamed: UnixAddress { UnixAddress([108 of UInt8](repeating: 0), length: 0) }

  /// The name of a file: 1 to 108 bytes, none of them NUL.
  ///
  /// - Throws: `ParseError` for an empty path, one with a NUL byte, and one that is too long: it is never cut.
  public init(path: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(path) { path throws(ParseFailure) in
      guard path.count > 0 else { throw ParseFailure(.empty, at: 0) }
      guard path.count <= Self.capacity else { throw ParseFailure(.tooLong(limit: Self.capacity), at: Self.capacity) }
      if let position = path.firstIndex(of: 0) { throw ParseFailure(.nulInPath, at: position) }
      return UnixAddress([108 of UInt8] { $0 < path.count ? path[$0] : 0 }, length: path.count)
    }
  }

  /// The name of a file.
  ///
  /// - Throws: `ParseError` for an empty path, one with a NUL byte, and one of more than 108 bytes.
  public init(path: String) throws(ParseError) {
    try self.init(path: path.utf8.span)
  }

  /// A name outside the file system: 0 to 107 bytes of any value, which are all of the name: no padding is part of it.
  ///
  /// - Throws: `ParseError` for a name that is too long: it is never cut.
  public init(abstract name: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(name) { name throws(ParseFailure) in
      let limit = Self.capacity - 1
      guard name.count <= limit else { throw ParseFailure(.tooLong(limit: limit), at: limit) }
      let storage = [108 of UInt8] { $0 >= 1 && $0 <= name.count ? name[$0 - 1] : 0 }
      return UnixAddress(storage, length: name.count + 1)
    }
  }

  /// A name outside the file system.
  ///
  /// - Throws: `ParseError` for a name of more than 107 bytes.
  public init(abstract name: String) throws(ParseError) {
    try self.init(abstract: name.utf8.span)
  }
}

extension UnixAddress: Hashable {
  /// Whether both are the same bytes.
  public static func == (left: UnixAddress, right: UnixAddress) -> Bool {
    left.bytes.isEqual(to: right.bytes)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    bytes.hash(into: &hasher)
  }
}

extension UnixAddress: TextRepresentable {
  /// "Unix socket name".
  public static var textName: String { "Unix socket name" }
  /// Every byte may need an escape of four.
  public static var maximumTextLength: Int { 4 * capacity }

  private static var unnamedText: StaticString { "(unnamed)" }

  /// Reads a path, or with `@` before it an abstract name, or `(unnamed)`.
  ///
  /// `\xNN` is the byte with that hexadecimal number and `\\` a backslash: the way to write a NUL in an abstract name,
  /// or a path that begins with `@` (`\x40`). All other bytes are the name's own.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in try Self.read(text, from: 0) }
  }

  /// Reads the text from `start` to its end.
  static func read(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> UnixAddress {
    guard start < text.count else { throw ParseFailure(start == 0 ? .empty : .endsTooEarly, at: start) }
    let whole = text.extracting(start...)
    if whole.count == unnamedText.utf8CodeUnitCount, whole.starts(with: unnamedText) { return .unnamed }
    var storage = [108 of UInt8](repeating: 0)
    var length = 0
    var position = start
    let isAbstract = text[start] == UInt8(ascii: "@")
    if isAbstract {
      length = 1
      position += 1
    }
    while position < text.count {
      var byte = text[position]
      let begin = position
      position += 1
      if byte == UInt8(ascii: "\\") { byte = try readEscape(text, at: &position) }
      if byte == 0, !isAbstract { throw ParseFailure(.nulInPath, at: begin) }
      guard length < capacity else {
        throw ParseFailure(.tooLong(limit: capacity - (isAbstract ? 1 : 0)), at: begin)
      }
      storage[length] = byte
      length += 1
    }
    return UnixAddress(storage, length: length)
  }

  /// Reads what follows a backslash.
  private static func readEscape(_ text: Span<UInt8>, at position: inout Int) throws(ParseFailure) -> UInt8 {
    let start = position - 1
    guard position < text.count else { throw ParseFailure(.invalidEscape, at: start) }
    if text[position] == UInt8(ascii: "\\") {
      position += 1
      return UInt8(ascii: "\\")
    }
    guard text[position] == UInt8(ascii: "x"), position + 2 < text.count,
      let high = text[position + 1].hexadecimalDigit, let low = text[position + 2].hexadecimalDigit
    else { throw ParseFailure(.invalidEscape, at: start) }
    position += 3
    return high << 4 | low
  }

  /// Writes the name so that reading it gives the same bytes again, and so that no byte of it can disturb a terminal.
  public func write(into output: inout OutputSpan<UInt8>) {
    switch kind {
    case .unnamed:
      output.append(Self.unnamedText)
    case .abstract:
      output.append(UInt8(ascii: "@"))
      name.writeEscaped(into: &output)
    case .path where storage[0] == UInt8(ascii: "@") || storage[0] == UInt8(ascii: "("):
      output.append(escaped: storage[0])
      name.extracting(droppingFirst: 1).writeEscaped(into: &output)
    case .path:
      name.writeEscaped(into: &output)
    }
  }
}
