//: prints blocking, 0 bytes wait
import Glibc

func describe(_ descriptor: Int32) -> String {
  let mode = fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0 ? "blocking" : "not blocking"
  var waiting: Int32 = 0
  // FIONREAD writes one int.
  _ = unsafe ioctl(descriptor, UInt(FIONREAD), &waiting)
  return "\(mode), \(waiting) bytes wait"
}

print(describe(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)))
