//: prints \033[31m
import CLibBSD

func visible(_ text: String) -> String {
  var result = ""
  for byte in text.utf8 {
    var buffer = [CChar](repeating: 0, count: Int(CS_VISIBLE_CAPACITY))
    // The callee writes no more than there is room for, its NUL included.
    let count = unsafe buffer.withUnsafeMutableBufferPointer { unsafe cs_visible(byte, $0.baseAddress!) }
    result += String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
  return result
}

print(visible("\u{1b}[31m"))
