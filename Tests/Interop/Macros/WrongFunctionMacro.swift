//: error cannot find 'IS_BIG' in scope
//: error function like macros not supported
import Macros

print(IS_BIG(3))
