//: error noncopyable 'file' cannot be consumed when captured by an escaping closure
struct File: ~Copyable, Sendable {
  consuming func close() {}
}

func startThread(_ body: @escaping () -> Void) {}

func closeLater(_ file: consuming File) {
  startThread { file.close() }
}
