public import Sockets

/// Sends some of the bytes.
public func send(_ bytes: Span<UInt8>, on socket: borrowing Socket) throws(SocketError) -> Int {
  try socket.send(bytes)
}
