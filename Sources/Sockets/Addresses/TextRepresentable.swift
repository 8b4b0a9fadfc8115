/// A value that is written and read the way people write it, as bytes: no call here allocates unless it makes a String.
public protocol TextRepresentable: CustomStringConvertible {
  /// What a text of this kind is called in an error message.
  static var textName: String { get }
  /// The most bytes that any value of this type is written as.
  static var maximumTextLength: Int { get }
  /// Reads a whole text.
  ///
  /// - Throws: `ParseError`, which says where the text stops making sense and why.
  init(parsing text: Span<UInt8>) throws(ParseError)
  /// Writes the value, in at most ``maximumTextLength`` bytes; less free capacity than the value needs is a programming
  /// error and ends the process.
  func write(into output: inout OutputSpan<UInt8>)
}

extension TextRepresentable {
  /// Reads a whole text.
  ///
  /// - Throws: `ParseError`, which says where the text stops making sense and why.
  public init(_ text: String) throws(ParseError) {
    try self.init(parsing: text.utf8.span)
  }

  /// The value as a text that can be read again.
  public var description: String {
    let text = [UInt8](capacity: Self.maximumTextLength) { output in write(into: &output) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads with a function that says where and why it failed, and adds what it read.
  static func parsing<Value>(
    _ text: Span<UInt8>, _ read: (Span<UInt8>) throws(ParseFailure) -> Value
  ) throws(ParseError) -> Value {
    do {
      return try read(text)
    } catch {
      throw ParseError(
        expected: textName, input: [UInt8](copying: text), position: error.position, reason: error.reason)
    }
  }
}

extension OutputSpan<UInt8> {
  /// Appends ASCII text.
  package mutating func append(_ text: StaticString) {
    // Below the length that the StaticString gives for its pointer, which is valid for ever.
    for index in 0..<text.utf8CodeUnitCount { append(unsafe text.utf8Start[index]) }
  }

  /// Appends bytes.
  package mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }

  /// Appends a number in decimal.
  package mutating func append(decimal number: UInt32) {
    var divisor: UInt32 = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends a number in hexadecimal, lower case, at least `digits` of them.
  mutating func append(hexadecimal number: UInt32, digits: Int = 1) {
    for place in stride(from: 7, through: 0, by: -1) {
      let rest = number >> (4 * UInt32(place))
      guard place < digits || rest > 0 else { continue }
      let digit = UInt8(rest & 0xf)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

extension Span<UInt8> {
  /// Whether both have the same bytes.
  package func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// Hashes the bytes and how many they are.
  func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for index in indices { hasher.combine(self[index]) }
  }

  /// The position of the first byte of this value, at or after `start`.
  package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }

  /// The position of the last byte of this value.
  func lastIndex(of byte: UInt8) -> Int? {
    var index = count
    while index > 0 {
      index -= 1
      if self[index] == byte { return index }
    }
    return nil
  }

  /// Whether the text begins with these ASCII characters.
  package func starts(with prefix: StaticString) -> Bool {
    guard count >= prefix.utf8CodeUnitCount else { return false }
    for index in 0..<prefix.utf8CodeUnitCount {
      // Below the length that the StaticString gives for its pointer.
      guard unsafe self[index] == prefix.utf8Start[index] else { return false }
    }
    return true
  }

  /// Reads a decimal number that takes the whole of a range of the text: digits only, no sign, no leading zero.
  func readDecimal(in range: Range<Int>, limit: UInt64) throws(ParseFailure) -> UInt64 {
    guard !range.isEmpty else {
      throw ParseFailure(range.lowerBound == count ? .endsTooEarly : .unexpected, at: range.lowerBound)
    }
    var number: UInt64 = 0
    for index in range {
      guard let digit = self[index].decimalDigit else { throw ParseFailure(.unexpected, at: index) }
      if index > range.lowerBound, number == 0 { throw ParseFailure(.leadingZero, at: range.lowerBound) }
      number = number * 10 + UInt64(digit)
      guard number <= limit else { throw ParseFailure(.numberTooLarge(limit: limit), at: range.lowerBound) }
    }
    return number
  }

  /// Reads a port: 0 to 65,535.
  func readPort(in range: Range<Int>) throws(ParseFailure) -> UInt16 {
    UInt16(try readDecimal(in: range, limit: 65_535))
  }
}

extension UInt8 {
  /// The value of a decimal digit.
  package var decimalDigit: UInt8? {
    self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? self - UInt8(ascii: "0") : nil
  }

  /// The value of a hexadecimal digit of either case.
  var hexadecimalDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension [UInt8] {
  /// A copy of the bytes.
  package init(copying bytes: Span<UInt8>) {
    self.init(capacity: bytes.count) { output in output.append(bytes) }
  }
}
