//: prints nil
import Glibc

enum Reason: Int32 {
  case timedOut = 110
  case refused = 111
}

print(Reason(rawValue: ENOTRECOVERABLE) as Any)
