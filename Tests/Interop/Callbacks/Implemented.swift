//: with checksum.c
//: prints 195
import Checksum

@c @implementation func checksum(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UInt32 {
  // The caller says how many bytes there are.
  unsafe UnsafeBufferPointer(start: bytes, count: count).reduce(0) { $0 &+ UInt32($1) }
}

// The text has a NUL for as long as the call lasts.
print(unsafe checksum_of_text("ab"))
