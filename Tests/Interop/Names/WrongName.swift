//: error too many parameters in the signature specified by the 'swift_name' attribute
//: error incorrect argument label in call (have 'seconds:', expected 'nanoseconds:')
import WrongNames

print(clock_time(seconds: 2))
