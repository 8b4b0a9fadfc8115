//: error value of type 'cmsghdr' has no member '__cmsg_data'
import Glibc

func bytes(of message: UnsafePointer<cmsghdr>) -> UnsafePointer<UInt8> {
  message.pointee.__cmsg_data
}
