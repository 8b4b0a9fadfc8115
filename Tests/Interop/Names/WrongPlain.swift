//: with legacy.c
//: traps Unexpectedly found nil while implicitly unwrapping an Optional value
import Plain

print(String(cString: legacy_find("port")))
