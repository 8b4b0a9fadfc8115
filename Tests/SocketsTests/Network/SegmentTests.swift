import Sockets
import Testing

@Suite(.hosts) struct SegmentTests {
  @Test(
    "what one send is cut into arrives as that many datagrams, or as one that says their size",
    arguments: IPVersion.allCases)
  func segments(_ version: IPVersion) throws {
    let hosts = try Neighbours()
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    let target = SocketAddress(version.address(2), port: try receiver.port())
    var control = ControlBuffer()
    try control.append(.segmentSize(1000))
    let data = (0..<2500).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try sender.send(data.span, control: control, to: target) == 2500)
    for part in [data[..<1000], data[1000..<2000], data[2000...]] { #expect(try receiver.received()[...] == part) }
    try receiver.set(.receiveSegments, true)
    // As the socket has it, too.
    try sender.set(.segmentSize, 1000)
    try sender.send(data, to: target)
    let arrival = try receiver.arrival()
    #expect(arrival.bytes == data)
    #expect(arrival.control == [.segmentSize(1000)])
  }

  @Test("datagrams larger than the link's MTU are not sent", arguments: IPVersion.allCases)
  func tooLarge(_ version: IPVersion) throws {
    let hosts = try Neighbours(mtu: 1400)
    let sender = try hosts.near.socket(at: version.any)
    let receiver = try hosts.far.socket(at: version.any)
    let target = SocketAddress(version.address(2), port: try receiver.port())
    try sender.set(.segmentSize, 1400)
    let error = socketFailure { try sender.send([UInt8](repeating: 0, count: 4000), to: target) }
    // To older kernels it is EINVAL.
    #expect([.messageTooLong, .invalidArgument].contains(error?.errno))
    try sender.set(.segmentSize, 0)
    try sender.send("next", to: target)
    #expect(try receiver.received() == bytes("next"))
  }
}
