import CConsumer
import Sockets

/// Uses the library as somebody else's tool would: no compiler flags, no `unsafe`.
@main enum Consumer {
  static func main() throws {
    let listener = try Socket(.ipv4, .stream)
    try listener.bind(to: .loopback(port: 0))
    try listener.listen()
    let client = try Socket.connected(to: listener.localAddress, until: .after(.seconds(5)))
    let accepted = try listener.accept(until: .after(.seconds(5)))
    try client.sendAll("from another package")
    var buffer = [UInt8](repeating: 0, count: 64)
    var span = buffer.mutableSpan
    let count = try accepted.socket.receive(into: &span, until: .after(.seconds(5)))
    print(String(decoding: buffer.prefix(count), as: UTF8.self), consumer_echo())
    do {
      _ = try Socket.connected(to: SocketAddress("127.0.0.1:1"))
    } catch let error as SocketError where error.errno == .connectionRefused {
      print(error)
    }
  }
}
