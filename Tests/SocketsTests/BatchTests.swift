import Foundation
import Glibc
import Sockets
import Testing

/// Kinds of datagram socket, each with an address of its own.
private let kinds: [SocketAddress] = [.loopback(port: 0), .ipv6(.loopback, port: 0), .unix(.unnamed)]

private func bound(_ address: SocketAddress) throws -> Socket {
  let socket = try Socket(for: address, .datagram)
  try socket.bind(to: address)
  return socket
}

/// Receives batches until there are as many datagrams; fails rather than wait for ever.
private func received(_ socket: borrowing Socket, _ count: Int) throws -> [[UInt8]] {
  var batch = DatagramBatch(capacity: 16, datagramCapacity: 65_535)
  var all: [[UInt8]] = []
  while all.count < count {
    try socket.receive(into: &batch, until: .after(soon))
    for index in 0..<batch.count { all.append(Array(copying: batch.bytes(at: index))) }
  }
  return all
}

/// Adds a datagram to a batch, which has to have room for it.
private func add(
  _ bytes: [UInt8], to batch: inout DatagramBatch, for address: SocketAddress? = nil, segmentSize: Int? = nil
) throws {
  guard batch.append(bytes.span, to: address, segmentSize: segmentSize) else {
    throw SocketError(.send, .errno(.noBufferSpace))
  }
}

extension [UInt8] {
  fileprivate init(copying span: Span<UInt8>) {
    self = []
    for index in span.indices { append(span[index]) }
  }
}

/// Makes a system call of this process fail from here on. Only for a process of the test's own, which ends it.
private func failEvery(_ call: String, with error: String) throws {
  let strace = Process()
  strace.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  strace.arguments = [
    "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):error=\(error)", "-p",
    "\(getpid())",
  ]
  try strace.run()
  let deadline = Deadline.after(soon)
  // Every thread is traced once the first that is asked about is: strace stops them all before it says so.
  while try !isTraced() {
    guard !deadline.hasPassed, strace.isRunning else { fatalError("strace does not attach") }
    sched_yield()
  }
}

private func isTraced() throws -> Bool {
  for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
    let status = try? String(contentsOfFile: "/proc/self/task/\(thread)/status", encoding: .utf8)
    if let status, status.contains("TracerPid:\t0\n") { return false }
  }
  return true
}

@Suite struct BatchTests {
  @Test("a batch says which datagram had more control data than has room")
  func truncatedControl() throws {
    let sender = try bound(kinds[0])
    let receiver = try bound(kinds[0])
    // Each takes 32 bytes with its header.
    try receiver.set(.packetInfo, true)
    try receiver.set(.timestampNanoseconds, true)
    for (capacity, isTruncated) in [(32, true), (64, false)] {
      try sender.send(bytes("x").span, to: receiver.localAddress)
      var batch = DatagramBatch(capacity: 1, controlCapacity: capacity)
      try receiver.receive(into: &batch, until: .after(soon))
      let outcome = (batch.isControlTruncated(at: 0), batch.isTruncated(at: 0))
      #expect(outcome == (isTruncated, false))
    }
  }

  @Test("datagrams come many at a time, each with its sender, and go back as they are", arguments: kinds)
  func echo(_ address: SocketAddress) throws {
    let server = try bound(address)
    let clients = [try bound(address).release(), try bound(address).release()]
    var sent: [[UInt8]] = []
    for number in 0..<8 {
      let client = try Socket(adopting: dup(clients[number % 2]))
      sent.append([UInt8](repeating: UInt8(number), count: number))
      try client.send(sent[number], to: server.localAddress)
    }
    var batch = DatagramBatch(capacity: 5)
    var all: [[UInt8]] = []
    for expected in [5, 3] {
      #expect(try server.receive(into: &batch, until: .after(soon)) == expected)
      for index in 0..<batch.count {
        all.append(Array(copying: batch.bytes(at: index)))
        let client = try Socket(adopting: dup(clients[(all.count - 1) % 2]))
        #expect(try batch.address(at: index) == client.localAddress)
        let (length, isTruncated) = (batch.length(at: index), batch.isTruncated(at: index))
        #expect(length == all.count - 1 && !isTruncated)
      }
      try server.sendAll(&batch, until: .after(soon))
      let sentCount = batch.sentCount
      #expect(sentCount == expected)
    }
    #expect(all == sent)
    for parity in 0..<2 {
      let client = try Socket(adopting: clients[parity])
      #expect(try received(client, 4) == stride(from: parity, to: 8, by: 2).map { sent[$0] })
    }
  }

  @Test("what is changed before it is sent is sent changed, to the peer or to an address")
  func fill() throws {
    let server = try bound(.loopback(port: 0))
    let client = try bound(.loopback(port: 0))
    try client.connect(to: server.localAddress)
    var batch = DatagramBatch(capacity: 2, datagramCapacity: 4)
    try add(bytes("abcd"), to: &batch)
    let isTooLong = !batch.append(bytes("abcde").span)
    #expect(isTooLong)
    try add(bytes("ef"), to: &batch, for: server.localAddress)
    let isFull = !batch.append(bytes("").span)
    #expect(isFull)
    do {
      var changed = batch.mutableBytes(at: 0)
      changed[0] = UInt8(ascii: "A")
    }
    try client.sendAll(&batch, until: .after(soon))
    #expect(try received(server, 2) == [bytes("Abcd"), bytes("ef")])
    // Sent is sent.
    try client.sendAll(&batch, until: .after(soon))
    #expect(socketFailure { _ = try server.receive(upTo: 1, until: .now) }?.errno == .wouldBlock)
    batch.removeAll()
    let count = batch.count
    #expect(count == 0)
  }

  @Test("trap 17: one that does not fit says so, and how long it was")
  func truncated() throws {
    let pair = try Socket.pair(.datagram)
    for text in ["ten bytes!", "x"] { try pair.first.sendAll(text) }
    var batch = DatagramBatch(capacity: 4, datagramCapacity: 3)
    try pair.second.receive(into: &batch, until: .after(soon))
    let lengths = (0..<batch.count).map { batch.length(at: $0) }
    let truncations = (0..<batch.count).map { batch.isTruncated(at: $0) }
    let counts = (0..<batch.count).map { batch.bytes(at: $0).count }
    #expect(lengths == [10, 1] && truncations == [true, false] && counts == [3, 1])
  }

  @Test("what comes beside a datagram is there for each")
  func control() throws {
    let server = try bound(.loopback(port: 0))
    try server.set(.receiveTimeToLive, true)
    let client = try bound(.loopback(port: 0))
    for hops in [3, 4] {
      try client.set(.timeToLive, hops)
      try client.send("x", to: server.localAddress)
    }
    var batch = DatagramBatch(controlCapacity: 64)
    try server.receive(into: &batch, until: .after(soon))
    let messages = (0..<batch.count).map { batch.messages(at: $0) }
    #expect(messages == [[.hopLimit(3, isIPv6: false)], [.hopLimit(4, isIPv6: false)]])
  }

  @Test("one that fails is said with its address, and those behind it go after it is left out")
  func failing() throws {
    let server = try bound(.loopback(port: 0))
    let client = try bound(.loopback(port: 0))
    let address = try server.localAddress
    let nowhere = SocketAddress.ipv6(.loopback, port: 9)
    var batch = DatagramBatch(capacity: 4)
    for (text, target) in [("a", address), ("b", address), ("no", nowhere), ("c", address)] {
      try add(bytes(text), to: &batch, for: target)
    }
    var thrown: SocketError?
    do throws(SocketError) { try client.sendAll(&batch) } catch { thrown = error }
    #expect(thrown?.errno == .addressFamilyNotSupported && thrown?.address == nowhere, "\(thrown as Any)")
    let sentCount = batch.sentCount
    #expect(sentCount == 2)
    batch.skipFailed()
    try client.sendAll(&batch, until: .after(soon))
    #expect(try received(server, 3) == [bytes("a"), bytes("b"), bytes("c")])
  }

  @Test("nothing there is EAGAIN now, and a time-out later")
  func deadlines() throws {
    let socket = try bound(.loopback(port: 0))
    var batch = DatagramBatch()
    var reasons: [SocketError.Reason] = []
    for deadline in [Deadline.now, .after(.milliseconds(10))] {
      do throws(SocketError) {
        try socket.receive(into: &batch, until: deadline)
      } catch {
        reasons.append(error.reason)
      }
    }
    #expect(reasons == [.errno(.wouldBlock), .timedOut])
  }

  @Test("to send to a full Unix queue waits for room there")
  func fullQueue() throws {
    let server = try bound(.unix(.unnamed))
    let client = try bound(.unix(.unnamed))
    var batch = DatagramBatch(capacity: 1000, datagramCapacity: 1)
    for _ in 0..<1000 { try add(bytes("x"), to: &batch, for: server.localAddress) }
    var thrown: SocketError?
    do throws(SocketError) { try client.sendAll(&batch, until: .after(.milliseconds(20))) } catch { thrown = error }
    #expect(thrown?.reason == .timedOut)
    let copy = try server.duplicate().release()
    let reader = Background { try received(Socket(adopting: copy), 1000).count }
    try client.sendAll(&batch, until: .after(soon))
    #expect(try reader.value() == 1000)
  }

  @Test("trap 18: descriptors that come with datagrams of a batch are closed")
  func descriptors() async {
    await #expect(processExitsWith: .success) {
      let pair = try Socket.pair(.datagram)
      var control = ControlBuffer()
      try control.append(descriptors: [pair.first.descriptor, pair.second.descriptor])
      let before = try openSockets()
      var batch = DatagramBatch(controlCapacity: 64)
      for _ in 0..<5 { _ = try pair.first.send(bytes("x").span, control: control) }
      ensure(try pair.second.receive(into: &batch, until: .after(soon)) == 5)
      ensure((0..<5).allSatisfy { batch.messages(at: $0) == [] })
      ensure(try openSockets() == before)
    }
  }

  @Test("one is sent with control data of its own")
  func sendControl() throws {
    let server = try bound(.loopback(port: 0))
    let client = try Socket(.ipv4, .datagram)
    var control = ControlBuffer()
    try control.append(.packetInfo(.ipv4(IPv4Address(127, 0, 0, 9)), interfaceIndex: 0))
    var batch = DatagramBatch(datagramCapacity: 4000, controlCapacity: 64)
    let large = [UInt8](repeating: 1, count: 3000)
    let isAdded = batch.append(bytes("x").span, to: try server.localAddress, control: control)
    let isCutAdded = batch.append(large.span, to: try server.localAddress, segmentSize: 1000, control: control)
    #expect(isAdded && isCutAdded)
    try client.sendAll(&batch, until: .after(soon))
    for size in [1, 1000, 1000, 1000] {
      let (datagram, _) = try server.receivedDatagram()
      #expect(datagram.count == size && datagram.sender.ip == .ipv4(IPv4Address(127, 0, 0, 9)))
    }
    // 24 bytes have no room for it.
    var small = DatagramBatch(controlCapacity: 24)
    let isRefused = !small.append(bytes("x").span, control: control)
    #expect(isRefused)
  }

  @Test("a stream has no datagrams, and says so; a connection of packets ends with empty ones")
  func streams() throws {
    let tcp = try tcpPair()
    try tcp.client.sendAll("x")
    var batch = DatagramBatch(capacity: 2)
    var thrown: SocketError?
    do throws(SocketError) { try tcp.server.receive(into: &batch) } catch { thrown = error }
    #expect(thrown?.errno == .notSupported)
    let packets = try Socket.pair(.sequencedPacket)
    try packets.first.shutdown(.write)
    #expect(try packets.second.receive(into: &batch) == 2)
    let lengths = [batch.length(at: 0), batch.length(at: 1)]
    #expect(lengths == [0, 0])
  }

  @Test("numbers that make no sense are taken for the nearest that do")
  func limits() {
    let small = DatagramBatch(capacity: -1, datagramCapacity: 0, controlCapacity: .max)
    let (least, leastBytes) = (small.capacity, small.datagramCapacity)
    #expect(least == 1 && leastBytes == 1)
    let large = DatagramBatch(capacity: 1 << 40, datagramCapacity: 1)
    let most = large.capacity
    #expect(most == 1024)
  }
}

@Suite struct SendSegmentsTests {
  private static let data = (0..<10_500).map { UInt8(truncatingIfNeeded: $0 / 40) }
  private static let parts = stride(from: 0, to: data.count, by: 1000).map { Array(data[$0..<min($0 + 1000, 10_500)]) }

  @Test("bytes become datagrams of one size, on any kind of socket", arguments: kinds)
  func sendSegments(_ address: SocketAddress) throws {
    let server = try bound(address)
    let client = try bound(address)
    // A Unix queue is short: what is sent is received meanwhile.
    func receiving(_ count: Int) throws -> Background<[[UInt8]]> {
      let copy = try server.duplicate().release()
      return Background { try received(Socket(adopting: copy), count) }
    }
    var reader = try receiving(11)
    try client.sendSegments(Self.data.span, of: 1000, to: server.localAddress, until: .after(soon))
    #expect(try reader.value() == Self.parts)
    try client.connect(to: server.localAddress)
    reader = try receiving(11)
    try client.sendSegments(Self.data.span, of: 1000, until: .after(soon))
    #expect(try reader.value() == Self.parts)
    // One that is not cut, one of nothing, and one of more segments than one call takes.
    reader = try receiving(201)
    try client.sendSegments(bytes("whole").span, of: 1000, until: .after(soon))
    try client.sendSegments(Span(), of: 1000, until: .after(soon))
    try client.sendSegments(Self.data.span.extracting(first: 200), of: 1, until: .after(soon))
    #expect(try reader.value().map(\.count) == [5] + Array(repeating: 1, count: 200))
    #expect(socketFailure { try client.sendSegments([1].span, of: 0) }?.errno == .invalidArgument)
  }

  @Test("a cut that a full queue interrupts goes on where it stopped, with nothing lost or sent twice")
  func interrupted() throws {
    let pair = try Socket.pair(.datagram)
    let data = (0..<3000).map { UInt8(truncatingIfNeeded: $0 / 11) }
    var batch = DatagramBatch(capacity: 2, datagramCapacity: data.count)
    let isAppended = batch.append(bytes("first").span) && batch.append(data.span, segmentSize: 1)
    #expect(isAppended)
    var all: [[UInt8]] = []
    var interruptions = 0
    while true {
      let error = socketFailure { try pair.first.sendAll(&batch, until: .now) }
      var buffer = [UInt8](repeating: 0, count: 8)
      while true {
        var span = buffer.mutableSpan
        guard let datagram = try? pair.second.receiveDatagram(into: &span, until: .now) else { break }
        all.append(Array(buffer.prefix(datagram.count)))
      }
      guard let error else { break }
      #expect(error.errno == Errno.wouldBlock)
      interruptions += 1
    }
    #expect(interruptions > 0)
    #expect(all == [bytes("first")] + data.map { [$0] })
  }

  @Test("trap 38: where the kernel cannot cut them they are sent one by one")
  func kernelRefuses() throws {
    // SO_NO_CHECK: without a checksum there are no segments (EINVAL).
    let noChecksum = SocketOption<FlagOption, ReadWrite>(SOL_SOCKET, 11)
    let server = try bound(.loopback(port: 0))
    let client = try bound(.loopback(port: 0))
    try client.set(noChecksum, true)
    let address = try server.localAddress
    var control = ControlBuffer()
    try control.append(.segmentSize(1000))
    var refusal: SocketError?
    do throws(SocketError) {
      _ = try client.send(Self.data.span, control: control, to: address)
    } catch {
      refusal = error
    }
    #expect(refusal?.errno == .invalidArgument)
    try client.sendSegments(Self.data.span, of: 1000, to: address)
    #expect(try received(server, 11) == Self.parts)
    var batch = DatagramBatch(datagramCapacity: 65_535)
    try add(bytes("before"), to: &batch, for: address)
    try add(Self.data, to: &batch, for: address, segmentSize: 1000)
    try add(bytes("between"), to: &batch, for: address, segmentSize: 1000)
    try add(Self.data, to: &batch, for: address, segmentSize: 1000)
    try add(bytes("after"), to: &batch, for: address)
    try client.sendAll(&batch, until: .after(soon))
    let isRefused = batch.isSegmentationRefused
    #expect(!isRefused, "the device has not been asked")
    let middle = Self.parts + [bytes("between")] + Self.parts
    #expect(try received(server, 25) == [bytes("before")] + middle + [bytes("after")])
  }

  @Test("trap 38: where the device cannot cut them they are sent one by one, and it is not asked again")
  func deviceRefuses() async {
    await #expect(processExitsWith: .success) {
      let server = try bound(.loopback(port: 0))
      let client = try bound(.loopback(port: 0))
      let address = try server.localAddress
      try failEvery("sendmsg,sendmmsg", with: "EIO")
      try client.sendSegments(Self.data.span, of: 1000, to: address)
      ensure(try received(server, 11) == Self.parts)
      var batch = DatagramBatch(datagramCapacity: 65_535)
      for _ in 0..<2 { try add(Self.data, to: &batch, for: address, segmentSize: 1000) }
      try client.sendAll(&batch, until: .after(soon))
      let isRefused = batch.isSegmentationRefused
      ensure(isRefused)
      ensure(try received(server, 22) == Self.parts + Self.parts)
      // An error that is nobody's refusal is thrown.
      batch.removeAll()
      try add(bytes("x"), to: &batch, for: address)
      var thrown: SocketError?
      do throws(SocketError) { try client.sendAll(&batch) } catch { thrown = error }
      ensure(thrown?.errno == .ioError && thrown?.address == address)
    }
  }

  @Test("datagrams that come as one go back as one, cut in the same way")
  func receiveSegments() throws {
    let server = try bound(.loopback(port: 0))
    try server.set(.receiveSegments, true)
    let client = try bound(.loopback(port: 0))
    try client.sendSegments(Self.data.span, of: 1000, to: server.localAddress)
    try client.send("one", to: server.localAddress)
    var batch = DatagramBatch(datagramCapacity: 65_535)
    var sizes: [Int?] = []
    while sizes.count < 2 {
      try server.receive(into: &batch, until: .after(soon))
      for index in 0..<batch.count { sizes.append(batch.segmentSize(at: index)) }
      try server.sendAll(&batch, until: .after(soon))
    }
    #expect(sizes == [1000, nil])
    #expect(try received(client, 12) == Self.parts + [bytes("one")])
  }
}
