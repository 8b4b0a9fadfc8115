//: prints Bad file descriptor
import Glibc

final class Log {
  let descriptor: Int32 = -1
  func write(_ text: String) {}
  deinit { close(descriptor) }
}

func openFile(_ path: String) -> Int32 {
  let log = Log()
  log.write("open \(path)")
  return open(path, O_RDONLY)
}

if openFile("/nowhere") < 0 {
  print(String(cString: strerror(errno)))
}
