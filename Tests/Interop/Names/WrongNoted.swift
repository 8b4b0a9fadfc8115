//: flags -I FOLDER/Noted
//: error value of optional type 'UnsafePointer<CChar>?' (aka 'Optional<UnsafePointer<Int8>>') must be unwrapped
import Legacy

print(String(cString: find("port")))
