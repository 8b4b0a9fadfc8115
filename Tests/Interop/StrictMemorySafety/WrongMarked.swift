//: flags -strict-memory-safety -warnings-as-errors
//: reports AddressSanitizer: heap-buffer-overflow
func last(_ bytes: [UInt8]) -> UInt8 {
  // The array has that many.
  unsafe bytes.withUnsafeBufferPointer { unsafe ($0.baseAddress! + bytes.count).pointee }
}

print(last([UInt8](repeating: 1, count: 32)))
