//: prints No such file or directory
import Glibc
import OpenFile

final class Log {
  let descriptor: Int32 = -1
  func write(_ text: String) {}
  deinit { close(descriptor) }
}

func openFile(_ path: String) -> Int32 {
  let log = Log()
  log.write("open \(path)")
  // The path has a NUL for as long as the call lasts.
  return unsafe open_file(path, O_RDONLY)
}

let result = openFile("/nowhere")
if result < 0 {
  // The text is the C library's own.
  print(unsafe String(cString: strerror(-result)))
}
