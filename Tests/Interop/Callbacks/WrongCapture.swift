//: error a C function pointer cannot be formed from a closure that captures context
import Glibc

func remindAtExit(_ text: String) {
  atexit { print(text) }
}
