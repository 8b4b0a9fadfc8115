//: error 'file' used after consume
struct File: ~Copyable {
  let descriptor: Int32

  consuming func close() { discard self }

  deinit {}
}

func use(_ file: consuming File) {
  file.close()
  print(file.descriptor)
}
