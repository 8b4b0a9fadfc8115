import Sockets

/// One of the two sockets. To let go of it closes it.
final class Side {
  let socket: Socket

  init(_ socket: consuming Socket) { self.socket = socket }

  func sendParts(_ bytes: [UInt8], until deadline: Deadline) throws(SocketError) -> Int {
    let middle = bytes.count / 3
    var parts = SendBuffers<3>()
    parts.append(bytes.span.extracting(first: middle))
    parts.append(bytes.span.extracting(first: 0))
    parts.append(bytes.span.extracting(droppingFirst: middle))
    try socket.sendAll(&parts, until: deadline)
    return bytes.count
  }

  func receiveParts(_ size: Int, until deadline: Deadline) throws(SocketError) -> [UInt8] {
    var first = [UInt8](repeating: 0, count: size / 3)
    var second = [UInt8](repeating: 0, count: size - size / 3)
    var parts = ReceiveBuffers<2>()
    parts.append(first.mutableSpan)
    parts.append(second.mutableSpan)
    let count = try socket.receive(into: &parts, until: deadline)
    return Array((first + second).prefix(count))
  }

  func peek(_ size: Int, until deadline: Deadline) throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: size)
    var span = buffer.mutableSpan
    let count = try socket.peek(into: &span, until: deadline)
    return Array(buffer.prefix(count))
  }
}
