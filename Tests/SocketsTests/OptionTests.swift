import Glibc
import Sockets
import Testing

@Suite struct OptionTests {
  /// Sets an option to a value that it has not, and reads it back.
  private func change<Codec>(
    _ option: SocketOption<Codec, ReadWrite>, of socket: borrowing Socket, to value: Codec.Value,
    reads expected: Codec.Value? = nil
  ) throws where Codec.Value: Equatable {
    let before = try socket.get(option)
    #expect(before != value, "a value that is there already shows nothing")
    try socket.set(option, value)
    #expect(try socket.get(option) == expected ?? value)
  }

  @Test("each option is read as it was set")
  func setAndGet() throws {
    let tcp = try Socket(.ipv4, .stream)
    try change(.keepAlive, of: tcp, to: true)
    try change(.linger, of: tcp, to: .seconds(3))
    try change(.linger, of: tcp, to: nil)
    try change(.noDelay, of: tcp, to: true)
    try change(.receiveTimeout, of: tcp, to: .milliseconds(40))
    try change(.receiveTimeout, of: tcp, to: nil)
    try change(.reuseAddress, of: tcp, to: true)
    try change(.reusePort, of: tcp, to: true)
    try change(.sendTimeout, of: tcp, to: .seconds(2))
    try change(.broadcast, of: Socket(.ipv4, .datagram), to: true)
    try change(.v6Only, of: Socket(.ipv6, .stream), to: false)
  }

  @Test("what can only be read says what the socket is")
  func readOnly() throws {
    let socket = try Socket(.ipv6, .datagram)
    #expect(try socket.get(.type) == .datagram)
    #expect(try socket.get(.family) == .ipv6)
    #expect(try socket.get(.protocol) == .udp)
    #expect(try socket.get(.error) == nil)
    #expect(try !tcpPair().client.get(.acceptsConnections))
    #expect(try listener().get(.acceptsConnections))
  }

  @Test("trap 26: the getter says what the kernel says, which is twice what was set")
  func bufferSizes() throws {
    let socket = try Socket(.ipv4, .stream)
    try change(.receiveBufferSize, of: socket, to: 10_000, reads: 20_000)
    try change(.sendBufferSize, of: socket, to: 12_000, reads: 24_000)
  }

  @Test("trap 16: a time limit of zero or less is refused, one below a microsecond is a microsecond, and nil is none")
  func timeLimits() throws {
    let socket = try Socket(.ipv4, .stream)
    for value in [Duration.zero, .seconds(-1), .nanoseconds(-1)] {
      #expect(
        socketFailure { try socket.set(.receiveTimeout, value) } == SocketError(.setOption, .errno(.invalidArgument)))
    }
    // The kernel counts in ticks and rounds up too.
    try socket.set(.receiveTimeout, .nanoseconds(500))
    let least = try #require(try socket.get(.receiveTimeout))
    #expect(least > .zero && least <= .milliseconds(10))
    #expect(socketFailure { try socket.set(.linger, .seconds(-1)) }?.errno == .invalidArgument)
    try socket.set(.linger, .milliseconds(1))
    #expect(try socket.get(.linger) == .seconds(1))
    try socket.set(.linger, .zero)
    #expect(try socket.get(.linger) == .zero)
  }

  @Test("a number that does not fit, and an option that the socket has not, are typed errors")
  func refused() throws {
    let socket = try Socket(.unix, .stream)
    #expect(socketFailure { try socket.set(.sendBufferSize, 1 << 40) }?.errno == .invalidArgument)
    let error = socketFailure { try socket.set(.noDelay, true) }
    #expect(error?.errno == .notSupported || error?.errno == .noSuchOption)
    #expect(error?.operation == .setOption)
  }

  @Test("an option that is in no table is one line")
  func custom() throws {
    let priority = SocketOption<IntegerOption, ReadWrite>(SOL_SOCKET, SO_PRIORITY)
    try change(priority, of: Socket(.ipv4, .stream), to: 5)
  }
}
