//: prints 111
import Limits

print(status._refused.rawValue)
