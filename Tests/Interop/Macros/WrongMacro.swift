//: error cannot find 'SIZE' in scope
//: error macro 'SIZE' unavailable: structure not supported
import Macros

print(SIZE)
