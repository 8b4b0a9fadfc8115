internal import CSockets

/// A value that is laid out as a C structure or number: what the codecs of this file are made of.
enum WireOption<Wire: BitwiseCopyable> {
  /// Reads as many bytes as the type has into a value that is all zeros where the kernel has fewer.
  static func get(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, zero: Wire
  ) throws(SocketError) -> Wire {
    var value = zero
    // The value is this function's own, and the callee writes no more than its size. Any bits make a value of the type:
    // it is one of C's, without padding that matters.
    let length = unsafe withUnsafeMutableBytes(of: &value) { bytes in
      unsafe cs_get_bytes(descriptor, level, name, bytes.baseAddress, bytes.count)
    }
    try SocketError.check(.getOption, length)
    return value
  }

  /// Sets all bytes of a value.
  static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Wire) throws(SocketError) {
    // The value outlives the call, and the callee reads no more than its size.
    let result = unsafe withUnsafeBytes(of: value) { bytes in
      unsafe cs_set_bytes(descriptor, level, name, bytes.baseAddress, bytes.count)
    }
    try SocketError.check(.setOption, result)
  }
}

/// A 64-bit number.
public enum UInt64Option: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> UInt64 {
    try WireOption<UInt64>.get(descriptor, level, name, zero: 0)
  }

  /// Sets it.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: UInt64) throws(SocketError) {
    try WireOption.set(descriptor, level, name, value)
  }
}
