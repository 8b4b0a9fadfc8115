//: flags -strict-memory-safety -warnings-as-errors
//: error expression uses unsafe constructs but is not marked with 'unsafe'
func count(_ bytes: Span<UInt8>) -> Int {
  bytes.bytes.byteCount
}
