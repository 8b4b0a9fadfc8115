//: error value of type 'packet' has no member 'bytes'
import Limits

print(packet().bytes)
