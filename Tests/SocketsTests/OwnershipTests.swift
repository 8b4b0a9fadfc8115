import Foundation
import Glibc
import Sockets
import Testing

@Suite struct OwnershipTests {
  @Test("trap 6: every descriptor is close-on-exec from its first moment")
  func closeOnExec() throws {
    let created = try Socket(.ipv4, .stream)
    let pair = try Socket.pair(.sequencedPacket)
    let tcp = try tcpPair()
    let duplicate = try created.duplicate()
    let listener = try listener()
    let connected = try Socket.connected(to: listener.localAddress)
    let bound = try Socket.boundToAny(port: 0, .datagram)
    for descriptor in [
      created.descriptor, pair.first.descriptor, pair.second.descriptor, tcp.client.descriptor, tcp.server.descriptor,
      duplicate.descriptor, connected.descriptor, bound.descriptor,
    ] {
      #expect(isCloseOnExec(descriptor))
    }
  }

  @Test("trap 36: a program that is started sees no descriptor of ours")
  func exec() async {
    await #expect(processExitsWith: .success) {
      let pair = try Socket.pair()
      let poller = try Poller()
      let tcp = try tcpPair()
      let files = FileManager.default
      let ours = try [pair.first.descriptor, pair.second.descriptor, tcp.client.descriptor, tcp.server.descriptor].map {
        try files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
      }
      // The shell, and what it starts, inherit what is not close-on-exec.
      let listing = unsafe popen("ls -l /proc/self/fd", "r")
      var text: [UInt8] = []
      // The stream is open until pclose below, and fgetc takes nothing else.
      while case let byte = unsafe fgetc(listing), byte != EOF { text.append(UInt8(byte)) }
      _ = unsafe pclose(listing)
      let seen = String(decoding: text, as: UTF8.self)
      ensure(seen.contains("->"), seen)
      for name in ours + ["eventpoll"] { ensure(!seen.contains(name), seen) }
      ensure(poller.engine == .epoll && pair.first.descriptor >= 0 && tcp.client.descriptor >= 0)
    }
  }

  @Test("trap 5: whatever fails, no descriptor is left behind")
  func leaks() async {
    await #expect(processExitsWith: .success) {
      let nobody = try SocketAddress("127.0.0.1:1")
      let full = try listener(backlog: 0)
      let address = try full.localAddress
      let before = try openSockets()
      for _ in 0..<50 {
        ensure(socketFailure { _ = try Socket.connected(to: nobody) } != nil)
        ensure(socketFailure { _ = try Socket.connected(to: nobody, from: SocketAddress("192.0.2.1:0")) } != nil)
        ensure(socketFailure { _ = try Socket(.ipv4, .stream, SocketProtocol(rawValue: 255)) } != nil)
        ensure(socketFailure { _ = try Socket(AddressFamily(rawValue: 99), .stream) } != nil)
        ensure(socketFailure { _ = try Socket(adopting: 99_999) } != nil)
        ensure(socketFailure { _ = try Socket.boundToAny(port: address.port!, .stream) } != nil)
        ensure(socketFailure { try Socket(.ipv4, .stream).bind(to: address) } != nil)
        ensure(socketFailure { _ = try full.accept(until: .now) } != nil)
        ensure(failure { _ = try Endpoint("no-such-host.invalid:1").resolve() } != nil)
      }
      // Not fewer either: a descriptor closed twice would be somebody else's.
      let after = try openSockets()
      ensure(after == before, "\(before) \(after)")
    }
  }

  @Test("a socket is closed at the end of its life, by close, and not by release")
  func ends() async {
    await #expect(processExitsWith: .success) {
      let before = try openSockets()
      do { _ = try Socket(.ipv4, .stream) }
      try Socket(.ipv4, .stream).close()
      let pair = try Socket.pair()
      try pair.first.close()
      let released = pair.second.release()
      ensure(try Set(openSockets().keys) == Set(before.keys).union([released]))
      let adopted = try Socket(adopting: released)
      ensure(adopted.descriptor == released)
      try adopted.close()
      ensure(try openSockets() == before)
    }
  }

  @Test("trap 30: a descriptor is adopted if it is a socket, and made close-on-exec; otherwise it stays the caller's")
  func adopt() throws {
    let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #expect(!isCloseOnExec(raw))
    let adopted = try Socket(adopting: raw)
    #expect(isCloseOnExec(raw))
    let isNonBlocking = try adopted.isNonBlocking
    #expect(!isNonBlocking)

    let file = unsafe open("/dev/null", O_RDONLY)
    let error = socketFailure { _ = try Socket(adopting: file) }
    #expect(error == SocketError(.adopt, .errno(.notSocket)))
    #expect(fcntl(file, F_GETFD) >= 0, "still open")
    close(file)
  }

  @Test("trap 40: a descriptor that is not open is a typed error", arguments: [-1, 99_999])
  func badDescriptor(_ number: Int32) {
    #expect(socketFailure { _ = try Socket(adopting: number) } == SocketError(.adopt, .errno(.badDescriptor)))
  }

  @Test("trap 40: a descriptor that C code closed behind our back is a typed error in every call")
  func closedBehindOurBack() async {
    await #expect(processExitsWith: .success) {
      // Numbers that are too high for any other thread of the process to be given meanwhile.
      let first = try Socket(.ipv4, .stream)
      let socket = try Socket(adopting: fcntl(first.descriptor, F_DUPFD_CLOEXEC, 900))
      let second = try Socket(adopting: fcntl(first.descriptor, F_DUPFD_CLOEXEC, 901))
      close(socket.descriptor)
      close(second.descriptor)
      var buffer = [UInt8](repeating: 0, count: 8)
      let failures = [
        socketFailure { _ = try socket.send(bytes("x").span) },
        socketFailure { try socket.sendAll("x", until: .after(soon)) },
        socketFailure { _ = try socket.receive(upTo: 8) },
        socketFailure { _ = try socket.receive(upTo: 8, until: .after(soon)) },
        socketFailure {
          var span = buffer.mutableSpan
          _ = try socket.receiveDatagram(into: &span)
        },
        socketFailure { try socket.bind(to: .loopback(port: 0)) },
        socketFailure { try socket.listen() },
        socketFailure { _ = try socket.accept() },
        socketFailure { _ = try socket.accept(until: .after(soon)) },
        socketFailure { try socket.connect(to: .loopback(port: 1)) },
        socketFailure { try socket.shutdown(.both) },
        socketFailure { _ = try socket.wait(for: .read) },
        socketFailure { _ = try socket.get(.type) },
        socketFailure { try socket.set(.noDelay, true) },
        socketFailure { _ = try socket.localAddress },
        socketFailure { _ = try socket.duplicate().release() },
        socketFailure { try socket.setNonBlocking(true) },
      ]
      for error in failures { ensure(error?.errno == .badDescriptor, "\(error.map { "\($0)" } ?? "no error")") }
      do throws(SocketError) {
        try second.close()
        ensure(false, "close succeeded")
      } catch {
        ensure(error == SocketError(.close, .errno(.badDescriptor)))
      }
    }
  }

  @Test("a duplicate is the same socket: it stays open when the other is closed, and shares the blocking mode")
  func duplicate() throws {
    let pair = try Socket.pair()
    let second = try pair.first.duplicate()
    try pair.first.setNonBlocking(true)
    #expect(try second.isNonBlocking)
    try pair.first.close()
    try second.sendAll("still open")
    #expect(try pair.second.received() == bytes("still open"))
    try second.shutdown(.write)
    #expect(try pair.second.received() == [])
  }

  @Test("pairs of every type are connected both ways", arguments: [SocketType.stream, .datagram, .sequencedPacket])
  func pairs(_ type: SocketType) throws {
    let pair = try Socket.pair(type)
    try pair.first.sendAll("there")
    try pair.second.sendAll("back")
    #expect(try pair.second.received() == bytes("there"))
    #expect(try pair.first.received() == bytes("back"))
    #expect(try pair.first.get(.type) == type)
    #expect(try pair.first.get(.family) == .unix)
  }

  @Test("two threads use one socket through a duplicate, one sending and one receiving")
  func twoThreads() throws {
    let pair = try Socket.pair()
    let total = 8 << 20
    let sender = Background { [descriptor = try pair.first.duplicate().release()] in
      let socket = try Socket(adopting: descriptor)
      let chunk = [UInt8](repeating: 7, count: 65_536)
      for _ in 0..<total / chunk.count { try socket.sendAll(chunk, until: .after(soon)) }
      try socket.shutdown(.write)
    }
    let echo = Background { [descriptor = try pair.second.duplicate().release()] in
      let socket = try Socket(adopting: descriptor)
      while case let chunk = try socket.received(), !chunk.isEmpty { try socket.sendAll(chunk, until: .after(soon)) }
      try socket.shutdown(.write)
    }
    var count = 0
    while case let chunk = try pair.first.received(), !chunk.isEmpty { count += chunk.count }
    #expect(count == total)
    try sender.value()
    try echo.value()
  }

  @Test("trap 27: no option is set behind the user's back")
  func untouchedOptions() throws {
    let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let fresh = try Socket(adopting: raw)
    let ours = try Socket(.ipv4, .stream)
    try ours.bind(to: .loopback(port: 0))
    try ours.listen()
    let tcp = try tcpPair()
    for descriptor in [ours.descriptor, tcp.client.descriptor, tcp.server.descriptor] {
      let socket = try Socket(adopting: dup(descriptor))
      #expect(try socket.get(.reuseAddress) == fresh.get(.reuseAddress))
      #expect(try socket.get(.reusePort) == fresh.get(.reusePort))
      #expect(try socket.get(.keepAlive) == fresh.get(.keepAlive))
      #expect(try socket.get(.noDelay) == fresh.get(.noDelay))
      #expect(try socket.get(.linger) == fresh.get(.linger))
      #expect(try socket.get(.sendTimeout) == fresh.get(.sendTimeout))
      #expect(try socket.get(.receiveTimeout) == fresh.get(.receiveTimeout))
    }
  }

  @Test("trap 25: an IPv6 socket takes IPv6 alone unless it is asked to take both, whatever the system's default")
  func v6Only() throws {
    #expect(try Socket(.ipv6, .stream).get(.v6Only))
    #expect(try !Socket(.ipv6, .stream, dualStack: true).get(.v6Only))
    let any = try Socket.boundToAny(port: 0, .stream)
    try any.listen()
    let port = try #require(try any.localAddress.port)
    for address in [SocketAddress.loopback(port: port), .ipv6(.loopback, port: port)] {
      let client = try Socket.connected(to: address, until: .after(soon))
      let accepted = try any.accept(until: .after(soon))
      #expect(try accepted.peer.unmapped == client.localAddress)
    }
    let alone = try listener(.ipv6(.any, port: 0))
    let alonePort = try #require(try alone.localAddress.port)
    #expect(socketFailure { _ = try Socket.connected(to: .loopback(port: alonePort)) }?.errno == .connectionRefused)
  }
}
