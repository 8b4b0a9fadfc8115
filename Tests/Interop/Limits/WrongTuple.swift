//: error tuple with noncopyable element type 'File' is not supported
struct File: ~Copyable {}

func two() -> (File, File) { (File(), File()) }
