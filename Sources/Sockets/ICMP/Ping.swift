internal import CSockets

/// Asks a host by ICMP whether it is there, and how long the way to it and back takes. See `icmp(7)`.
///
/// ```swift
/// var ping = try Ping(IPAddress("192.0.2.1"))
/// print(try ping.roundTripTime(until: .after(.seconds(1))))
/// ```
///
/// It needs no privilege where `net.ipv4.ping_group_range` has the process's group, and CAP_NET_RAW elsewhere.
public struct Ping: ~Copyable, Sendable {
  private let socket: Socket
  private let isIPv6: Bool
  /// What replies must have; nil where the kernel passes no others on.
  private let identifier: UInt16?
  private var sequence: UInt16 = 0
  private let payload: [UInt8]

  /// Gets ready to ask a host.
  ///
  /// - Parameters:
  ///   - address: The host.
  ///   - scope: The index of the interface that a link-local IPv6 address belongs to.
  ///   - payloadSize: How many bytes each request has behind its header, 0 to 65,000; a number outside is taken for the
  ///     nearest of these.
  /// - Throws: `SocketError` with EPERM or EACCES (not without a privilege), ENETUNREACH (no way there), EINVAL (a
  ///   link-local address without a scope).
  public init(_ address: IPAddress, scope: UInt32 = 0, payloadSize: Int = 56) throws(SocketError) {
    let target: SocketAddress =
      switch address {
      case .ipv4(let address): .ipv4(address, port: 0)
      case .ipv6(let address): .ipv6(address, port: 0, scope: scope)
      }
    let isIPv6 = target.family == .ipv6
    var isRaw = false
    let socket = try Self.socket(target.family, isIPv6 ? .icmpv6 : .icmp, &isRaw)
    // From here on it hears from that host alone, and of all errors that its requests meet with.
    try socket.set(isIPv6 ? .v6ReceiveErrors : .receiveErrors, true)
    try socket.connect(to: target)
    self.socket = socket
    self.isIPv6 = isIPv6
    identifier = isRaw ? UInt16(truncatingIfNeeded: cs_monotonic_nanoseconds()) : nil
    payload = (0..<min(max(payloadSize, 0), 65_000)).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// A socket for echo requests alone, or where those take a privilege too, a raw one.
  private static func socket(
    _ family: AddressFamily, _ `protocol`: SocketProtocol, _ isRaw: inout Bool
  ) throws(SocketError) -> Socket {
    do throws(SocketError) {
      return try Socket(family, .datagram, `protocol`)
    } catch {
      guard error.errno == .accessDenied || error.errno == .notPermitted else { throw error }
      isRaw = true
      return try Socket(family, .raw, `protocol`)
    }
  }

  /// Sends a request and waits for its reply; the time that this took.
  ///
  /// - Throws: `SocketError` with EHOSTUNREACH, ENETUNREACH or ECONNREFUSED (a router or the host says that there is no
  ///   way), EMSGSIZE (larger than the way there takes), ``SocketError/Reason/timedOut``.
  public mutating func roundTripTime(until deadline: Deadline) throws(SocketError) -> Duration {
    sequence &+= 1
    let echo = ICMPEcho(identifier: identifier ?? 0, sequence: sequence)
    let (payload, isIPv6) = (payload, isIPv6)
    let request = [UInt8](capacity: ICMPEcho.headerLength + payload.count) { output in
      echo.write(into: &output, payload: payload.span, isIPv6: isIPv6)
    }
    // With the longest IPv4 header, which a raw socket receives too.
    var buffer = [UInt8](repeating: 0, count: request.count + 60)
    // What an earlier request met with would be taken for this one's.
    try forgetErrors()
    let start = Deadline.current
    try socket.sendAll(request.span, until: deadline)
    while true {
      var span = buffer.mutableSpan
      let count = try socket.receive(into: &span, until: deadline)
      let message = buffer.span.extracting(first: count)
      // A raw socket hears replies to others too, and the requests that this host sends; replies may come twice, or
      // after their time.
      guard let reply = ICMPEcho(parsing: message, isIPv6: isIPv6), reply.isReply, reply.sequence == sequence,
        identifier == nil || reply.identifier == identifier,
        message.extracting(last: min(payload.count, count)).isEqual(to: payload.span)
      else {
        // A stream of these would not let the deadline come.
        guard !deadline.hasPassed else { throw SocketError(.receive, .timedOut) }
        continue
      }
      return Deadline.current.duration(since: start)
    }
  }

  /// Empties the queue of errors. What is in it has been thrown, and shows as readiness for as long as it is there.
  private func forgetErrors() throws(SocketError) {
    var control = ControlBuffer(capacity: 0)
    var nothing = MutableSpan<UInt8>()
    _ = try socket.get(.error)
    while true {
      do throws(SocketError) {
        _ = try socket.receiveMessage(into: &nothing, control: &control, flags: .errorQueue, until: .now)
      } catch {
        guard error.errno == .wouldBlock else { throw error }
        return
      }
    }
  }
}
