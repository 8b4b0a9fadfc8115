import Foundation
import Glibc
import Sockets
import Testing

@Suite struct DescriptionTests {
  @Test("a socket is described in one line")
  func lines() throws {
    let tcp = try listener()
    let address = try tcp.localAddress
    // These lines are texts of their own: a socket is not copied into an expectation.
    let listening = tcp.description
    #expect(listening == "tcp \(address) listening")
    let client = try Socket.connected(to: address, until: .after(soon))
    let server = try tcp.accept(until: .after(soon)).duplicate()
    let name = try client.localAddress
    let (seenByClient, seenByServer) = (client.description, server.description)
    #expect(seenByClient == "tcp \(name) <-> \(address) established")
    #expect(seenByServer == "tcp \(address) <-> \(name) established")
    try client.shutdown(.write)
    #expect(try server.received() == [])
    let ending = server.description
    #expect(ending == "tcp \(address) <-> \(name) close wait")
    let udp = try Socket(.ipv4, .datagram)
    try udp.connect(to: .loopback(port: 53))
    let (datagrams, datagramName) = (udp.description, try udp.localAddress)
    #expect(datagrams == "udp \(datagramName) -> 127.0.0.1:53 connected")
    let unbound = try Socket(.ipv6, .datagram).text()
    #expect(unbound == "udp [::]:0")
    let unconnected = try Socket(.ipv4, .stream).text()
    #expect(unconnected == "tcp 0.0.0.0:0 closed")
  }

  @Test("a Unix socket with a name is a server's")
  func unix() throws {
    let directory = try TemporaryDirectory()
    let listener = try listener(.unix(UnixAddress(path: directory.path + "/s")))
    let client = try Socket.connected(to: listener.localAddress)
    let server = try listener.accept(until: .after(soon)).duplicate()
    let texts = [listener.description, client.description, server.description]
    #expect(
      texts == [
        "stream unix:\(directory.path)/s listening",
        "stream unix:(unnamed) -> unix:\(directory.path)/s connected",
        "stream unix:\(directory.path)/s <- unix:(unnamed) connected",
      ])
    let pair = try Socket.pair(.sequencedPacket)
    let packets = pair.first.description
    #expect(packets == "packets unix:(unnamed) <-> unix:(unnamed) connected")
  }

  @Test("the arrow points from a port that was given out to one that was not")
  func arrow() async {
    await #expect(processExitsWith: .success) {
      // A port below those that the kernel gives out, where one is free.
      var found: Socket?
      for port in UInt16(20_000)..<20_100 where found == nil { found = try? listener(.loopback(port: port)) }
      guard let listener = found.take() else { fatalError("no port is free") }
      let client = try Socket.connected(to: listener.localAddress, until: .after(soon))
      let server = try listener.accept(until: .after(soon)).duplicate()
      let (address, name) = (try listener.localAddress, try client.localAddress)
      ensure(server.description == "tcp \(address) <- \(name) established", server.description)
      ensure(client.description == "tcp \(name) -> \(address) established", client.description)
    }
  }

  @Test("trap 40: a descriptor that is closed is described too")
  func closed() async {
    await #expect(processExitsWith: .success) {
      // A number that no other thread of this process is given meanwhile.
      let number = fcntl(try Socket(.ipv4, .stream).release(), F_DUPFD_CLOEXEC, 700)
      let socket = try Socket(adopting: number)
      close(number)
      ensure(socket.description == "descriptor \(socket.descriptor): bad file descriptor (EBADF)", socket.description)
      _ = socket.release()
    }
  }

  @Test("what waits in the queues is counted")
  func queues() throws {
    let pair = try tcpPair()
    try pair.client.sendAll("seven b")
    #expect(try pair.server.wait(for: .read, until: .after(soon)).contains(.readable))
    #expect(try pair.server.receiveQueueSize == 7)
    #expect(try pair.server.received() == bytes("seven b"))
    #expect(try pair.server.receiveQueueSize == 0)
    // As much as the peer and we can hold: what is not sent is part of what is not acknowledged.
    let block = [UInt8](repeating: 0, count: 1 << 20)
    while socketFailure({ _ = try pair.client.send(block.span, until: .now) }) == nil {}
    let (queued, unsent) = (try pair.client.sendQueueSize, try pair.client.unsentSize)
    #expect(queued >= unsent && unsent > 0)
    #expect(socketFailure { _ = try listener().receiveQueueSize }?.errno == .invalidArgument)
    let udp = try Socket(.ipv4, .datagram)
    try udp.bind(to: .loopback(port: 0))
    for text in ["ab", "abc"] { try udp.send(text, to: udp.localAddress) }
    #expect(try udp.receiveQueueSize == 2)
  }
}

@Suite struct PeerProcessTests {
  @Test("a peer's process is a descriptor of it")
  func process() throws {
    let pair = try Socket.pair()
    let process: Descriptor
    do {
      process = try pair.first.openPeerProcess()
    } catch {
      print("skipped: \(error): it takes Linux 6.5")
      #expect(error.errno == Errno(rawValue: ENOPROTOOPT))
      return
    }
    let number = process.rawValue
    #expect(isCloseOnExec(number))
    let info = try String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)
    #expect(info.contains("Pid:\t\(getpid())\n"), "\(info)")
  }

  @Test("what has no peer has no process")
  func none() throws {
    #expect(failure { _ = try Socket(.unix, .stream).openPeerProcess() } != nil)
    let directory = try TemporaryDirectory()
    let listener = try listener(.unix(UnixAddress(path: directory.path + "/s")))
    #expect(socketFailure { _ = try listener.openPeerProcess() }?.errno == .notConnected)
    let tcp = try tcpPair()
    #expect(socketFailure { _ = try tcp.client.openPeerProcess() } != nil)
  }
}

extension Accepted {
  fileprivate consuming func duplicate() throws -> Socket { try socket.duplicate() }
}

extension Socket {
  /// For a socket that is gone at once.
  fileprivate consuming func text() -> String { description }
}
