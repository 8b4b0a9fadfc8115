//: error copy of noncopyable typed value. This is a compiler bug.
struct File: ~Copyable {
  deinit {}
}

struct Accepted: ~Copyable {
  let file: File
}

func accept() throws -> Accepted { Accepted(file: File()) }

func file() throws -> File {
  return try accept().file
}
