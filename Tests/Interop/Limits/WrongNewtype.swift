//: error type 'status' has no member 'refused'
import Limits

print(status.refused)
