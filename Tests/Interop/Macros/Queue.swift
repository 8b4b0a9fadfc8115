//: prints 5 bytes wait
import CSockets

let pair = cs_socketpair(CS_SOCK_STREAM)
_ = cs_send(pair.first, "hello".utf8.span, 0)
print("\(cs_receive_queue(pair.second)) bytes wait")
