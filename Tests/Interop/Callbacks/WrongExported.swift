//: error global function cannot be marked '@c' because the type of the parameter cannot be represented in C
@c func checksum(_ bytes: [UInt8]) -> UInt32 { 0 }
