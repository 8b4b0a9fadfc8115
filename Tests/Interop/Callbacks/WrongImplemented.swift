//: error global function 'checksum' of type '(UnsafePointer<UInt8>?, Int32) -> UInt32' does not match type
import Checksum

@c @implementation func checksum(_ bytes: UnsafePointer<UInt8>?, _ count: Int32) -> UInt32 { 0 }
