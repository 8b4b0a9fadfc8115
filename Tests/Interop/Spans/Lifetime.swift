//: prints 7
import Sum

let packet: [UInt8] = [1, 2, 3, 4]
print(sum(body(packet.span)))
