internal import Sockets

#if LibBSD
  internal import CLibBSD
#endif

/// Text from somebody else, as it may be shown on a terminal: newlines and tabs as they are, everything else that a
/// terminal would act on, and the backslash, as `vis(1)` with `-o` shows it (`\033` for an escape, `\134` for a
/// backslash), so that `unvis(1)` gives the bytes back. Other bytes are left alone, whatever their encoding.
public func visible(_ bytes: Span<UInt8>) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(bytes.count)
  var index = 0
  while index < bytes.count {
    let byte = bytes[index]
    let printable = bytes.printableLength(at: index)
    let length = max(printable, 1)
    if isShownAsItIs(byte, isPrintable: printable > 0) {
      for position in index..<index + length { text.append(bytes[position]) }
    } else {
      appendVisible(byte, to: &text)
    }
    index += length
  }
  return text
}

private func isShownAsItIs(_ byte: UInt8, isPrintable: Bool) -> Bool {
  switch byte {
  case UInt8(ascii: "\n"), UInt8(ascii: "\t"): true
  case UInt8(ascii: "\\"): false
  // Above the C1 control characters a byte does nothing to a terminal, whatever its encoding. C2 begins one of those
  // characters in UTF-8, and is made visible with it.
  case 0xa0...0xff where !isPrintable: byte != 0xc2
  default: isPrintable
  }
}

#if LibBSD
  private func appendVisible(_ byte: UInt8, to text: inout [UInt8]) {
    var shown = [5 of CChar](repeating: 0)
    var characters = shown.mutableSpan
    // The array has CS_VISIBLE_CAPACITY bytes, which is all that the callee may write.
    let length = unsafe characters.withUnsafeMutableBufferPointer { unsafe cs_visible(byte, $0.baseAddress!) }
    for index in 0..<length { text.append(UInt8(bitPattern: shown[index])) }
  }
#else
  /// The same without libbsd.
  private func appendVisible(_ byte: UInt8, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\\"))
    for shift in [6, 3, 0] { text.append(UInt8(ascii: "0") + (byte >> UInt8(shift)) & 7) }
  }
#endif
