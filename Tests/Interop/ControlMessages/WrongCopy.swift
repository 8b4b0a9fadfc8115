//: reports AddressSanitizer: stack-buffer-overflow
import Glibc

func descriptor(in control: UnsafeRawPointer) -> Int32 {
  let header = control.assumingMemoryBound(to: cmsghdr.self).pointee
  return withUnsafePointer(to: header) { header in
    UnsafeRawPointer(header + 1).assumingMemoryBound(to: Int32.self).pointee
  }
}

let control = [UInt8](repeating: 0, count: 24)
print(descriptor(in: control))
