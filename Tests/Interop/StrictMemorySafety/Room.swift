//: prints 256
/// It is safe: its pointer is to memory of its own, which it frees at the end of its life.
@safe final class Room {
  private let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256)

  var capacity: Int { unsafe bytes.count }

  deinit {
    // Allocated by init, and used by nobody else.
    unsafe bytes.deallocate()
  }
}

print(Room().capacity)
