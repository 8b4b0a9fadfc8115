//: error cannot find 'twice' in scope
//: error function 'twice' unavailable (cannot import)
import Limits

print(twice(3))
