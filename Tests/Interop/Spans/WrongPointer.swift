//: reports AddressSanitizer: heap-use-after-free
import Sum

func header() -> UnsafeBufferPointer<UInt8> {
  let bytes = [UInt8](repeating: 1, count: 64)
  return bytes.withUnsafeBufferPointer { $0 }
}

let kept = header()
print(sum_pointer(kept.baseAddress, kept.count))
