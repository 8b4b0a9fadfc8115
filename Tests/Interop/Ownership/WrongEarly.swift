//: prints closed
//: prints used
struct File: ~Copyable {
  let descriptor: Int32 = 3

  deinit { print("closed") }
}

func use() {
  let descriptor = File().descriptor
  print("used")
  _ = descriptor
}

use()
