//: flags -strict-memory-safety -warnings-as-errors
//: error expression uses unsafe constructs but is not marked with 'unsafe'
import Glibc

func first(_ bytes: [UInt8]) -> UInt8 {
  bytes.withUnsafeBufferPointer { $0[0] }
}
