/// What a terminal would act on instead of showing, found in text that somebody else wrote.
extension Span<UInt8> {
  /// How many bytes from `start` on are one character that is safe to show: a printable ASCII character, or a valid
  /// UTF-8 sequence that is no control character. 0 for anything else.
  package func printableLength(at start: Int) -> Int {
    let first = self[start]
    guard first >= 0x80 else { return first >= 0x20 && first != 0x7f ? 1 : 0 }
    // The lead byte gives the length; the second byte rules out overlong forms, surrogates, numbers past U+10FFFF, and
    // with C2 the control characters U+0080 to U+009F. See RFC 3629, section 4.
    let length: Int
    let second: ClosedRange<UInt8>
    switch first {
    case 0xc2: (length, second) = (2, 0xa0...0xbf)
    case 0xc3...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard start + length <= count, second.contains(self[start + 1]) else { return 0 }
    for index in start + 2..<start + length where self[index] & 0xc0 != 0x80 { return 0 }
    return length
  }

  /// Writes the bytes with everything but safe characters, and the backslash, as `\xNN` (a backslash as `\\`): at most
  /// four bytes for each.
  package func writeEscaped(into output: inout OutputSpan<UInt8>) {
    var index = 0
    while index < count {
      let length = self[index] == UInt8(ascii: "\\") ? 0 : printableLength(at: index)
      if length > 0 {
        output.append(extracting(index..<index + length))
      } else {
        output.append(escaped: self[index])
      }
      index += Swift.max(length, 1)
    }
  }
}

extension OutputSpan<UInt8> {
  /// Appends one byte as an escape.
  mutating func append(escaped byte: UInt8) {
    append(UInt8(ascii: "\\"))
    if byte == UInt8(ascii: "\\") {
      append(byte)
    } else {
      append(UInt8(ascii: "x"))
      append(hexadecimal: UInt32(byte), digits: 2)
    }
  }
}
