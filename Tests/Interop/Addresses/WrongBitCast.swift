//: traps Can't unsafeBitCast between types of different sizes
import Glibc

func bindLoopback(_ descriptor: Int32) -> Int32 {
  var address = sockaddr_in6()
  address.sin6_family = sa_family_t(AF_INET6)
  var general = unsafeBitCast(address, to: sockaddr.self)
  return bind(descriptor, &general, socklen_t(MemoryLayout<sockaddr_in6>.size))
}

print(bindLoopback(3))
