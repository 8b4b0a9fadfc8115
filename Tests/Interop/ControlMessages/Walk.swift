//: prints level 1, type 1, 4 bytes
//: prints level 0, type 8, 8 bytes
import CSockets

func forEachControlMessage(in control: Span<UInt8>, _ body: (Int32, Int32, Span<UInt8>) -> Void) {
  var offset = 0
  while true {
    // The callee reads no more than the span has.
    let found = unsafe control.withUnsafeBytes { bytes -> cs_control in
      guard let base = bytes.baseAddress else { return cs_control() }
      return unsafe cs_control_at(base, bytes.count, offset)
    }
    guard found.found != 0 else { return }
    body(found.level, found.type, control.extracting(found.offset..<found.offset + found.length))
    offset = found.next
  }
}

var storage = [UInt8](repeating: 0, count: cs_control_space(4) + cs_control_space(8))
// There is room for both, and none has bytes to be copied.
unsafe storage.withUnsafeMutableBytes {
  let next = unsafe cs_control_put($0.baseAddress!, 0, SOL_SOCKET, CS_SCM_RIGHTS, nil, 4)
  _ = unsafe cs_control_put($0.baseAddress!, next, CS_IPPROTO_IP, 8, nil, 8)
}
forEachControlMessage(in: storage.span) { level, type, bytes in
  print("level \(level), type \(type), \(bytes.count) bytes")
}
