//: flags -strict-memory-safety -warnings-as-errors
//: error class 'Room' has storage involving unsafe types
final class Room {
  private let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256)

  deinit {
    // Allocated by init, and used by nobody else.
    unsafe bytes.deallocate()
  }
}
