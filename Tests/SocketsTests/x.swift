import Sockets
import Testing

@Suite struct Smoke {
  @Test func echo() throws {
    let pair = try Socket.pair()
    try pair.first.sendAll("abc")
    #expect(try pair.second.receive(upTo: 8) == Array("abc".utf8))
    let l = try Socket(.ipv4, .stream)
    try l.set(.reuseAddress, true)
    #expect(try l.get(.reuseAddress))
    #expect(try l.get(.type) == .stream)
    try l.bind(to: .loopback(port: 0))
    try l.listen()
    let c = try Socket.connected(to: try l.localAddress)
    let a = try l.accept()
    print(a.peer, try l.localAddress, try a.socket.peerAddress)
    try c.close()
    do { _ = try SocketAddress("010.0.0.1:80") } catch { print(error) }
    do { _ = try SocketAddress("127.1:80") } catch { print(error) }
    print(try SocketAddress("[fe80::1%lo]:80"), try Endpoint("localhost:80"), try Endpoint("unix://@a\\x00b"))
    print(try Endpoint("localhost:80").resolve())
    do { _ = try Socket.connected(to: SocketAddress("127.0.0.1:1")) } catch { print(error) }
    print(MemoryLayout<SocketError>.size, MemoryLayout<SocketAddress>.size, MemoryLayout<Socket>.size)
  }
}
