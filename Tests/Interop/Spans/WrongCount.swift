//: reports AddressSanitizer: heap-buffer-overflow
import Sum

let bytes = [UInt8](repeating: 1, count: 64)
print(sum_pointer(bytes, 65))
