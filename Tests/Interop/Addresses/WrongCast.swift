//: reports AddressSanitizer: stack-buffer-overflow
import Glibc

func localScope(of descriptor: Int32) -> UInt32 {
  var address = sockaddr()
  var length = socklen_t(MemoryLayout<sockaddr>.size)
  getsockname(descriptor, &address, &length)
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_scope_id }
  }
}

let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
print(localScope(of: descriptor))
