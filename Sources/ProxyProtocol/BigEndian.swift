internal import Sockets

/// Numbers in the order in which they are sent.
extension Span<UInt8> {
  func bigEndian16(at position: Int) -> UInt16 { UInt16(self[position]) << 8 | UInt16(self[position + 1]) }

  func bigEndian32(at position: Int) -> UInt32 {
    UInt32(bigEndian16(at: position)) << 16 | UInt32(bigEndian16(at: position + 2))
  }

  func bigEndian128(at position: Int) -> UInt128 {
    var number: UInt128 = 0
    for index in position..<position + 16 { number = number << 8 | UInt128(self[index]) }
    return number
  }
}

extension [UInt8] {
  mutating func append(bigEndian number: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: type(of: number).bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
