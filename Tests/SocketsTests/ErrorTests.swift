import Glibc
import Sockets
import Testing

@Suite struct ErrorTests {
  @Test("an errno has its name and the system's words, and one that is not known its number")
  func errno() {
    #expect("\(Errno.connectionRefused)" == "connection refused (ECONNREFUSED)")
    #expect("\(Errno.wouldBlock)" == "resource temporarily unavailable (EAGAIN)")
    #expect("\(Errno.notSupported)" == "operation not supported (EOPNOTSUPP)")
    #expect("\(Errno.ioError)" == "input/output error (EIO)")
    #expect("\(Errno(rawValue: 4242))" == "unknown error 4242 (errno 4242)")
  }

  @Test("an error says what was tried, with whom, why, and how far it got")
  func description() throws {
    let address = try SocketAddress("127.0.0.1:8000")
    #expect(
      "\(SocketError(.bind, .errno(.addressInUse), address: address))"
        == "bind to 127.0.0.1:8000: address already in use (EADDRINUSE)")
    #expect("\(SocketError(.receive, .timedOut))" == "receive: timed out")
    #expect(
      "\(SocketError(.send, .errno(.brokenPipe), address: nil, bytesTransferred: 12))"
        == "send: broken pipe (EPIPE), after 12 bytes")
  }

  @Test("errors are equal by what they say")
  func equality() throws {
    let address = try SocketAddress("127.0.0.1:8000")
    let error = SocketError(.connect, .timedOut, address: address)
    #expect(error == SocketError(.connect, .timedOut, address: address))
    #expect(error != SocketError(.connect, .timedOut))
    #expect(error != SocketError(.bind, .timedOut, address: address))
    #expect(Set([error, error]).count == 1)
    #expect(SocketError(.send, .timedOut, address: nil, bytesTransferred: 0) == SocketError(.send, .timedOut))
  }

  @Test("a peer's credentials are its process's, and only a Unix socket has them")
  func credentials() throws {
    #if LibBSD
      let pair = try Socket.pair()
      let credentials = try pair.first.peerCredentials
      #expect(credentials.userID == getuid() && credentials.groupID == getgid())
      let name = SocketAddress.unix(.unnamed)
      let alone = try listener(name)
      #expect(socketFailure { _ = try alone.peerCredentials }?.errno == .notConnected, "not our own")
      let tcp = try tcpPair()
      #expect(socketFailure { _ = try tcp.client.peerCredentials }?.operation == .peerCredentials)
    #endif
  }
}
