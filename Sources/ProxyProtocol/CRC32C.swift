/// The CRC-32C (Castagnoli; RFC 3720, appendix B.4) of the bytes, as if those of a range were 0.
func crc32c(_ bytes: Span<UInt8>, zeroing zeroed: Range<Int>) -> UInt32 {
  var sum = UInt32.max
  for index in bytes.indices {
    let byte = zeroed.contains(index) ? 0 : bytes[index]
    sum = crc32cTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
  }
  return ~sum
}

private let crc32cTable: [256 of UInt32] = [256 of UInt32] { index in
  var sum = UInt32(index)
  for _ in 0..<8 { sum = sum & 1 == 1 ? 0x82f6_3b78 ^ sum >> 1 : sum >> 1 }
  return sum
}
