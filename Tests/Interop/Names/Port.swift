//: prints 8000 16415
import Glibc
import Names

var address = sockaddr_in()
address.port = 8000
print(address.port, address.sin_port)
