//: error cannot convert value of type 'Int' to expected argument type 'Int32'
import Glibc

func peek(_ descriptor: Int32, _ byte: inout UInt8) -> Int {
  recv(descriptor, &byte, 1, MSG_PEEK)
}
