//: prints 7 of 3.50
import Glibc

func text(_ count: CInt, _ share: Double) -> String {
  // The format wants an int and a double, which the list has; vsnprintf writes no more than there is room for.
  let characters = unsafe withVaList([count, share]) { arguments in
    unsafe [CChar](unsafeUninitializedCapacity: 64) { buffer, length in
      length = unsafe Int(vsnprintf(buffer.baseAddress, buffer.count, "%d of %.2f", arguments))
    }
  }
  return String(decoding: characters.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

print(text(7, 3.5))
