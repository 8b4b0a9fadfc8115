//: error 'swift_error' attribute can only be applied to a function with an error parameter
import Fails

print(fails(1))
