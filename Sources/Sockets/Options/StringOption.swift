internal import CSockets

/// Bytes of text without a NUL: a name.
public enum StringOption: SocketOptionReader, SocketOptionWriter {
  /// Reads it, up to the NUL.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> String {
    var result: Int32 = 0
    let text = [UInt8](capacity: 256) { output in
      // The callee writes no more than the capacity it is given, and says how many bytes it wrote.
      unsafe output.withUnsafeMutableBufferPointer { buffer, count in
        unsafe result = cs_get_bytes(descriptor, level, name, buffer.baseAddress, buffer.count)
        count = max(Int(result), 0)
      }
    }
    try SocketError.check(.getOption, result)
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Sets it.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: String) throws(SocketError) {
    let bytes = Array(value.utf8)
    // The array outlives the call.
    let result = unsafe bytes.span.withUnsafeBufferPointer {
      unsafe cs_set_bytes(descriptor, level, name, $0.baseAddress, $0.count)
    }
    try SocketError.check(.setOption, result)
  }
}
