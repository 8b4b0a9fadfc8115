//: prints closed
//: prints closed
struct File: ~Copyable {
  func closeDescriptor() { print("closed") }

  consuming func close() { closeDescriptor() }

  deinit { closeDescriptor() }
}

func use() {
  let file = File()
  file.close()
}
use()
