//: flags -sanitize=undefined
//: error unsupported option '-sanitize=undefined' for target
print("hello")
