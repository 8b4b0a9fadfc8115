import Sockets

/// Takes the input for a list of calls, makes them on two sockets that are connected with each other, and compares what
/// each does with what a model of the two says. No call waits.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // The fuzzer keeps them for as long as the call.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  guard let first = input.first else { return 0 }
  do {
    var session = try Session(first & 1 == 0 ? .stream : .sequencedPacket, isSmall: first & 2 != 0)
    for index in stride(from: 1, to: min(input.count - 1, 400), by: 2) {
      session.make(call: input[index], size: Int(input[index + 1]))
    }
    session.finish()
  } catch {
    fatalError("\(error)")
  }
  return 0
}
