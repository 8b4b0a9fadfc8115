//: prints closed
struct File: ~Copyable {
  deinit { print("closed") }
}

struct Accepted: ~Copyable {
  let file: File
}

func accept() throws -> Accepted { Accepted(file: File()) }

func file() throws -> File {
  let accepted = try accept()
  return accepted.file
}

_ = try file()
