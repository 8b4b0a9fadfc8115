//: traps Fatal error: load from misaligned raw pointer
import Glibc

func length(of control: Span<UInt8>) -> Int {
  control.withUnsafeBytes { $0.load(as: cmsghdr.self).cmsg_len }
}

let packet = [UInt8](repeating: 0, count: 64)
print(length(of: packet.span.extracting(4...)))
