//: prints 6 0
import Sum

let bytes: [UInt8] = [1, 2, 3]
print(sum(bytes.span), sum(Span()))
