//: prints ::1, and the kernel has chosen a port
import CSockets
import Glibc

let loopback = cs_address(ipv6: cs_ipv6(high: 0, low: 1), port: 0, scope: 0, flow: 0)
let descriptor = cs_socket(AF_INET6, CS_SOCK_STREAM, 0)
precondition(cs_bind(descriptor, loopback) == 0)

let name = cs_getsockname(descriptor)
if name.result == 0, name.address.family == AF_INET6, name.address.ipv6Host.low == 1 {
  print("::1, and the kernel has chosen", name.address.ipv6Port == 0 ? "no port" : "a port")
}
