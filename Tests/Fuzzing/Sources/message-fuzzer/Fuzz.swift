import CSockets
import Glibc
@testable import Sockets

/// Takes the input for what the kernel writes: control data, and the address of a peer.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // The fuzzer keeps them for as long as the call.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  checkReading(input)
  checkSending(input)
  checkAddress(input)
  return 0
}

/// Every message lies within the control data, behind the one before, and is read without a trap.
private func checkReading(_ input: [UInt8]) {
  var sum = 0
  input.span.forEachControlMessage { level, type, bytes in
    sum += 16 + bytes.count
    precondition(sum <= input.count, "more messages than there are bytes")
    let message = ControlMessage(level: level, type: type, bytes)
    _ = message.hashValue
    _ = String(describing: message)
    var buffer = ControlBuffer(capacity: 16 + (bytes.count + 7) / 8 * 8)
    do {
      try buffer.append(.other(level: level, type: type, bytes: [UInt8](copying: bytes)))
    } catch {
      fatalError("\(error), with room for it")
    }
    // Those that are sent as they are received, and what is not known; descriptors are apart.
    if level == SOL_SOCKET, type == CS_SCM_RIGHTS { return }
    precondition(buffer.messages == [message], "\(message) became \(buffer.messages)")
    // Whatever it is, to send it is a success or an error.
    try? buffer.append(message)
  }
}

/// What is appended is what is there, in order, until there is no room.
private func checkSending(_ input: [UInt8]) {
  guard let first = input.first else { return }
  var rest = Bytes(input.dropFirst())
  var buffer = ControlBuffer(capacity: Int(first))
  var expected: [ControlMessage] = []
  while let kind = rest.next() {
    let message: ControlMessage =
      switch kind % 6 {
      case 0:
        .credentials(
          PeerProcess(processID: Int32(bitPattern: rest.number()), userID: rest.number(), groupID: rest.number()))
      case 1: .packetInfo(.ipv6(IPv6Address(bits: UInt128(rest.number()) << 96 | 1)), interfaceIndex: rest.number())
      case 2: .hopLimit(Int(Int32(bitPattern: rest.number())), isIPv6: kind & 0x80 != 0)
      case 3: .typeOfService(rest.next() ?? 0, isIPv6: true)
      case 4: .dropped(rest.number())
      default: .other(level: -1, type: Int32(kind), bytes: rest.take(Int(rest.next() ?? 0)))
      }
    do {
      try buffer.append(message)
      expected.append(message)
    } catch {
      let reason: Errno = if case .dropped = message { .invalidArgument } else { .noBufferSpace }
      precondition(error.errno == reason, "\(error)")
    }
  }
  precondition(buffer.messages == expected, "\(expected) became \(buffer.messages)")
  buffer.removeAll()
  precondition(buffer.messages.isEmpty)
}

/// An address that the kernel gives is given back to it as it came, and its text is read again.
private func checkAddress(_ input: [UInt8]) {
  var address = cs_address()
  let count = min(input.count, MemoryLayout.size(ofValue: address.as))
  // Not beyond the end of either.
  unsafe withUnsafeMutableBytes(of: &address.as) { target in
    for index in 0..<count { unsafe target[index] = input[index] }
  }
  address.length = socklen_t(count)
  let value = SocketAddress(address)
  precondition(SocketAddress(value.kernelForm) == value, "\(value) is another when it comes back")
  let text = value.description
  precondition(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
  if case .other = value { return }
  precondition((try? SocketAddress(text)) == value, "\(value) is not read again")
}

/// The rest of the input.
private struct Bytes {
  var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  mutating func next() -> UInt8? { bytes.popFirst() }

  mutating func number() -> UInt32 { (0..<4).reduce(0) { number, _ in number << 8 | UInt32(next() ?? 0) } }

  mutating func take(_ count: Int) -> [UInt8] {
    let taken = bytes.prefix(count)
    bytes = bytes.dropFirst(count)
    return Array(taken)
  }
}
