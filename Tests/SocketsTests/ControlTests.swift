import Foundation
import Glibc
import Sockets
import Testing

/// Receives a message and what came beside it.
private func receive(
  _ socket: borrowing Socket, _ control: inout ControlBuffer, flags: ReceiveFlags = []
) throws -> (ReceivedMessage, [UInt8]) {
  var buffer = [UInt8](repeating: 0, count: 65_536)
  var span = buffer.mutableSpan
  let message = try socket.receiveMessage(into: &span, control: &control, flags: flags, until: .after(soon))
  return (message, Array(buffer.prefix(message.count)))
}

/// A UDP socket on a loopback address.
private func udp(_ address: SocketAddress = .loopback(port: 0)) throws -> Socket {
  let socket = try Socket(for: address, .datagram)
  try socket.bind(to: address)
  return socket
}

@Suite struct ControlTests {
  @Test("trap 6: descriptors cross a Unix socket, and the receiver owns them, close-on-exec")
  func descriptors() throws {
    let pair = try Socket.pair()
    let cargo = try Socket.pair()
    var control = ControlBuffer()
    try control.append(descriptors: [cargo.first.descriptor, cargo.second.descriptor])
    #expect(try pair.first.send(bytes("x").span, control: control) == 1)
    var received = ControlBuffer()
    let (message, text) = try receive(pair.second, &received)
    #expect(text == bytes("x"))
    #expect(!message.isControlTruncated && !message.isTruncated)
    #expect(received.descriptorCount == 2)
    #expect(received.messages == [])
    guard let cargoFirst = received.takeDescriptor(), let cargoSecond = received.takeDescriptor() else {
      Issue.record("two were sent")
      return
    }
    let first = try Socket(adopting: cargoFirst)
    #expect(isCloseOnExec(first.descriptor))
    #expect(first.descriptor != cargo.first.descriptor)
    try first.sendAll("through the copy")
    #expect(try cargo.second.received() == bytes("through the copy"))
    let isThird = received.takeDescriptor() != nil
    #expect(!isThird)
    #expect(cargoSecond.rawValue >= 0)
  }

  @Test("trap 18: descriptors that nobody takes are closed, and control data that does not fit is told")
  func untaken() async {
    await #expect(processExitsWith: .success) {
      let pair = try Socket.pair()
      let cargo = try Socket.pair()
      var control = ControlBuffer()
      try control.append(descriptors: [cargo.first.descriptor, cargo.second.descriptor])
      let before = try openSockets()
      do {
        var received = ControlBuffer()
        for _ in 0..<3 {
          // The next receive closes what the last one left.
          ensure(try pair.first.send(bytes("x").span, control: control) == 1)
          _ = try receive(pair.second, &received)
          ensure(received.descriptorCount == 2)
          ensure(try openSockets().count == before.count + 2)
        }
      }
      ensure(try openSockets() == before)
      // Room for one of the two: the kernel closes the other.
      ensure(try pair.first.send(bytes("x").span, control: control) == 1)
      do {
        var small = ControlBuffer(capacity: 20)
        let (message, text) = try receive(pair.second, &small)
        ensure(message.isControlTruncated && text == bytes("x"))
        ensure(small.descriptorCount == 1)
      }
      ensure(try openSockets() == before)
      // Without room for any, or without asking.
      ensure(try pair.first.send(bytes("xy").span, control: control) == 2)
      var none = ControlBuffer(capacity: 0)
      ensure(try receive(pair.second, &none).0.isControlTruncated)
      ensure(try pair.first.send(bytes("z").span, control: control) == 1)
      ensure(try pair.second.received() == bytes("z"))
      ensure(try openSockets() == before)
    }
  }

  @Test("another program's descriptor arrives")
  func otherProcess() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/s"
    let listener = try listener(.unix(UnixAddress(path: path)))
    let file = directory.path + "/f"
    try "written there, read here".write(toFile: file, atomically: true, encoding: .utf8)
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = [
      "python3", "-c",
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
      file = open(sys.argv[2])
      socket.send_fds(s, [b"here"], [file.fileno()])
      """, path, file,
    ]
    try python.run()
    let accepted = try listener.accept(until: .after(soon))
    var control = ControlBuffer()
    #expect(try receive(accepted.socket, &control).1 == bytes("here"))
    guard let descriptor = control.takeDescriptor() else {
      Issue.record("none came")
      return
    }
    let handle = FileHandle(fileDescriptor: descriptor.release(), closeOnDealloc: true)
    #expect(handle.readDataToEndOfFile() == Data("written there, read here".utf8))
    python.waitUntilExit()
  }

  @Test("credentials come with each message, and only true ones go")
  func credentials() throws {
    let pair = try Socket.pair(.datagram)
    try pair.second.set(.passCredentials, true)
    let ours = PeerProcess(processID: getpid(), userID: getuid(), groupID: getgid())
    try pair.first.sendAll("plain")
    var control = ControlBuffer()
    #expect(try receive(pair.second, &control).1 == bytes("plain"))
    #expect(control.messages == [.credentials(ours)])
    var sent = ControlBuffer()
    try sent.append(.credentials(ours))
    #expect(try pair.first.send(bytes("said").span, control: sent) == 4)
    #expect(try receive(pair.second, &control).1 == bytes("said"))
    #expect(control.messages == [.credentials(ours)])
    sent.removeAll()
    try sent.append(.credentials(PeerProcess(processID: 999_999, userID: 0, groupID: 0)))
    var thrown: SocketError?
    do throws(SocketError) {
      _ = try pair.first.send(bytes("no").span, control: sent)
    } catch {
      thrown = error
    }
    #expect(thrown?.errno == Errno(rawValue: ESRCH) || thrown?.errno == .notPermitted)
  }

  @Test("a datagram comes with its destination, interface, hops, service and time of arrival")
  func arrival() throws {
    for address in [SocketAddress.loopback(port: 0), .ipv6(.loopback, port: 0)] {
      let isIPv6 = address.family == .ipv6
      let receiver = try udp(address)
      let sender = try udp(address)
      if isIPv6 {
        for option in [SocketOption<FlagOption, ReadWrite>.v6PacketInfo, .v6ReceiveHopLimit, .v6ReceiveTrafficClass] {
          try receiver.set(option, true)
        }
      } else {
        for option in [SocketOption<FlagOption, ReadWrite>.packetInfo, .receiveTimeToLive, .receiveTypeOfService] {
          try receiver.set(option, true)
        }
      }
      try receiver.set(.timestampNanoseconds, true)
      var control = ControlBuffer()
      try control.append(.hopLimit(9, isIPv6: isIPv6))
      try control.append(.typeOfService(0xb9, isIPv6: isIPv6))
      let before = Duration.seconds(Int64(time(nil)))
      #expect(try sender.send(bytes("x").span, control: control, to: receiver.localAddress) == 1)
      var received = ControlBuffer()
      let (message, _) = try receive(receiver, &received)
      #expect(try message.sender == sender.localAddress)
      let messages = received.messages
      let ip = try #require(address.ip)
      #expect(messages.contains(.packetInfo(ip, interfaceIndex: 1)))
      #expect(messages.contains(.hopLimit(9, isIPv6: isIPv6)))
      #expect(messages.contains(.typeOfService(0xb9, isIPv6: isIPv6)))
      #expect(
        messages.contains {
          if case .timestamp(let time) = $0 { time >= before && time < before + soon } else { false }
        })
      #expect(messages.count == 4, "\(messages)")
    }
  }

  @Test("a datagram comes with its time by each of the system's options, and with where it was going")
  func times() throws {
    let sender = try udp()
    let first = try udp()
    let second = try udp()
    let before = Duration.seconds(Int64(time(nil)))
    let isNow: (Duration?) -> Bool = { $0.map { $0 >= before && $0 < before + soon } ?? false }
    try first.set(.timestamp, true)
    try first.set(.receiveOriginalDestination, true)
    let destination = try first.localAddress
    try sender.send(bytes("x").span, to: destination)
    var control = ControlBuffer()
    _ = try receive(first, &control)
    var messages = control.messages
    #expect(messages.contains(.originalDestination(destination)), "\(messages)")
    #expect(messages.contains { if case .timestamp(let time) = $0 { isNow(time) } else { false } }, "\(messages)")
    try second.set(.timestamping, [.receiveSoftware, .software])
    // The kernel begins to take times a moment after it is asked to: what comes before that has none.
    let end = Deadline.after(soon)
    repeat {
      try sender.send(bytes("x").span, to: second.localAddress)
      _ = try receive(second, &control)
      messages = control.messages
    } while messages.isEmpty && !end.hasPassed
    let isTimed = messages.contains {
      if case .timestamping(let software, let hardware) = $0 { isNow(software) && hardware == nil } else { false }
    }
    #expect(isTimed, "\(messages)")
  }

  @Test("a datagram says how many were dropped before it")
  func dropped() throws {
    let sender = try udp()
    let receiver = try udp()
    try receiver.set(.receiveQueueOverflow, true)
    try receiver.set(.receiveBufferSize, 1)
    let address = try receiver.localAddress
    // More than there is room for; then one that comes when there is room again.
    for _ in 0..<100 { try sender.send(bytes("x").span, to: address) }
    var control = ControlBuffer()
    var count: UInt32 = 0
    while try receiver.wait(for: .read, until: .now).canReceive {
      _ = try receive(receiver, &control)
      count += 1
    }
    #expect(count < 100)
    try sender.send(bytes("x").span, to: address)
    _ = try receive(receiver, &control)
    let messages = control.messages
    #expect(messages == [.dropped(100 - count)])
  }

  @Test("what has no case of its own is sent as its numbers say")
  func other() throws {
    let sender = try udp()
    let receiver = try udp()
    try receiver.set(.receiveTimeToLive, true)
    var control = ControlBuffer()
    try control.append(.other(level: Int32(IPPROTO_IP), type: IP_TTL, bytes: [9, 0, 0, 0]))
    #expect(try sender.send(bytes("x").span, control: control, to: receiver.localAddress) == 1)
    var received = ControlBuffer()
    _ = try receive(receiver, &received)
    let messages = received.messages
    #expect(messages == [.hopLimit(9, isIPv6: false)])
  }

  @Test("a datagram leaves from the address that is asked for")
  func sourceAddress() throws {
    let receiver = try udp()
    let sender = try Socket.boundToAny(port: 0, .datagram)
    let ipv4 = try Socket(.ipv4, .datagram)
    var control = ControlBuffer()
    try control.append(.packetInfo(.ipv4(IPv4Address(127, 0, 0, 9)), interfaceIndex: 0))
    #expect(try ipv4.send(bytes("x").span, control: control, to: receiver.localAddress) == 1)
    var received = ControlBuffer()
    #expect(try receive(receiver, &received).0.sender.ip == .ipv4(IPv4Address(127, 0, 0, 9)))
    #expect(try sender.localAddress.port != 0)
  }

  @Test("one send becomes several datagrams, and several become one receive that says their size")
  func segments() throws {
    let receiver = try udp()
    let sender = try udp()
    var control = ControlBuffer()
    try control.append(.segmentSize(1000))
    let data = (0..<2500).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try sender.send(data.span, control: control, to: receiver.localAddress) == 2500)
    var received = ControlBuffer()
    for part in [data[..<1000], data[1000..<2000], data[2000...]] {
      #expect(try receive(receiver, &received).1[...] == part)
    }
    try receiver.set(.receiveSegments, true)
    #expect(try sender.send(data.span, control: control, to: receiver.localAddress) == 2500)
    #expect(try receive(receiver, &received).1 == data)
    #expect(received.messages == [.segmentSize(1000)])
  }

  @Test("what comes back is in the queue of errors, with who refused it and what was sent")
  func errorQueue() throws {
    let socket = try udp()
    try socket.set(.receiveErrors, true)
    let gone = try udp().localAddress
    _ = try socket.send("lost", to: gone)
    #expect(try socket.wait(for: .read, until: .after(soon)).contains(.error))
    var control = ControlBuffer()
    let (message, text) = try receive(socket, &control, flags: .errorQueue)
    #expect(text == bytes("lost"))
    #expect(message.sender == gone)
    guard case .error(let error) = try #require(control.messages.first) else {
      Issue.record("\(control.messages)")
      return
    }
    #expect(error.errno == .connectionRefused)
    #expect(error.origin == 2 && error.type == 3 && error.code == 3)
    #expect(error.offender?.ip == .ipv4(.loopback))
  }

  @Test("a message that is not known is kept, with its level, type and bytes")
  func unknown() throws {
    let receiver = try udp()
    // SO_RCVMARK, whose message has no case.
    let receiveMark = SocketOption<FlagOption, ReadWrite>(SOL_SOCKET, 75)
    let sender = try udp()
    let refusal = socketFailure {
      try receiver.set(receiveMark, true)
      try sender.set(.mark, 0x01010101)
    }
    if let refusal {
      print("skipped: \(refusal): it takes Linux 5.19 and a privilege")
      return
    }
    _ = try sender.send("x", to: receiver.localAddress)
    var control = ControlBuffer()
    _ = try receive(receiver, &control)
    #expect(control.messages == [.other(level: SOL_SOCKET, type: SO_MARK, bytes: [1, 1, 1, 1])])
  }

  @Test("what has no room, and what only the kernel says, is refused")
  func refused() throws {
    var small = ControlBuffer(capacity: 30)
    var errors: [Errno?] = []
    do throws(SocketError) { try small.append(descriptors: [1, 2, 3, 4, 5]) } catch { errors.append(error.errno) }
    do throws(SocketError) { try small.append(.dropped(1)) } catch { errors.append(error.errno) }
    #expect(errors == [.noBufferSpace, .invalidArgument])
    // What fits still does.
    try small.append(descriptors: [1])
    var thrown: SocketError?
    let pair = try Socket.pair()
    var bad = ControlBuffer()
    try bad.append(descriptors: [99_999])
    do throws(SocketError) { _ = try pair.first.send(bytes("x").span, control: bad) } catch { thrown = error }
    #expect(thrown?.errno == .badDescriptor)
  }

  @Test("a message that does not fit says so, and a wait for one ends in time")
  func truncated() throws {
    let pair = try Socket.pair(.datagram)
    try pair.first.sendAll("ten bytes!")
    var control = ControlBuffer()
    var buffer = [UInt8](repeating: 0, count: 4)
    var span = buffer.mutableSpan
    let message = try pair.second.receiveMessage(into: &span, control: &control)
    #expect(message.isTruncated && message.count == 4)
    var thrown: SocketError?
    do throws(SocketError) {
      _ = try pair.second.receiveMessage(into: &span, control: &control, until: .after(.milliseconds(5)))
    } catch {
      thrown = error
    }
    #expect(thrown?.reason == .timedOut)
  }
}
