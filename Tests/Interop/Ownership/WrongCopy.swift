//: prints descriptor of the other file: Bad file descriptor
import Glibc

struct File {
  let descriptor = open("/dev/null", O_RDONLY)
  func close() { _ = Glibc.close(descriptor) }
}

let file = File()
let copy = file
file.close()
let other = File()
copy.close()
if fcntl(other.descriptor, F_GETFD) < 0 {
  print("descriptor of the other file:", String(cString: strerror(errno)))
}
