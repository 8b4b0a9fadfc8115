//: prints 258 true
import Kinds

let flags: message_flags = [.peek, .wait_all]
print(flags.rawValue, flags.contains(.peek))
