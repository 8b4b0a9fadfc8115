//: error value of type 'counter' has no member 'count'
//: error built-in type 'Atomic' not supported
import Limits

print(counter().count)
