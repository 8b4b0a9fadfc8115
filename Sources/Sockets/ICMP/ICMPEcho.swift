/// An echo request or its reply, as `ping(8)` sends them. See RFC 792 and RFC 4443, section 4.
public struct ICMPEcho: Hashable, Sendable {
  /// Whether this is the reply.
  public var isReply: Bool
  /// What tells this program's requests from others'. The kernel sets that of a datagram socket.
  public var identifier: UInt16
  /// What tells a request from the next.
  public var sequence: UInt16

  /// How many bytes stand before the payload.
  public static var headerLength: Int { 8 }

  /// A request, or a reply.
  public init(isReply: Bool = false, identifier: UInt16, sequence: UInt16) {
    self.isReply = isReply
    self.identifier = identifier
    self.sequence = sequence
  }

  /// Reads a message that a raw or a datagram socket has received, the IPv4 header that a raw socket puts before it
  /// included; nil for any other message.
  public init?(parsing packet: Span<UInt8>, isIPv6: Bool) {
    var start = 0
    // No type of message begins as an IPv4 header does: with the version, 4, and the header's length in words.
    if !isIPv6, packet.count > 0, packet[0] >> 4 == 4 { start = 4 * Int(packet[0] & 0xf) }
    guard packet.count >= start + Self.headerLength, packet[start + 1] == 0 else { return nil }
    let (request, reply) = Self.types(isIPv6: isIPv6)
    guard packet[start] == request || packet[start] == reply else { return nil }
    isReply = packet[start] == reply
    identifier = UInt16(packet[start + 4]) << 8 | UInt16(packet[start + 5])
    sequence = UInt16(packet[start + 6]) << 8 | UInt16(packet[start + 7])
  }

  /// Writes the message and its payload, ``headerLength`` bytes and those. Of IPv6 the kernel adds the checksum, which
  /// depends on the addresses.
  public func write(into output: inout OutputSpan<UInt8>, payload: Span<UInt8>, isIPv6: Bool) {
    let (request, reply) = Self.types(isIPv6: isIPv6)
    let type = isReply ? reply : request
    var header = [UInt16(type) << 8, 0, identifier, sequence] as [4 of UInt16]
    if !isIPv6 { header[1] = Self.checksum(header, payload) }
    for index in header.indices {
      output.append(UInt8(header[index] >> 8))
      output.append(UInt8(truncatingIfNeeded: header[index]))
    }
    output.append(payload)
  }

  private static func types(isIPv6: Bool) -> (request: UInt8, reply: UInt8) { isIPv6 ? (128, 129) : (8, 0) }

  /// The complement of the sum of all words, with what overflows added again. See RFC 1071.
  private static func checksum(_ header: [4 of UInt16], _ payload: Span<UInt8>) -> UInt16 {
    var sum: UInt64 = 0
    for index in header.indices { sum += UInt64(header[index]) }
    for index in payload.indices { sum += UInt64(payload[index]) << (index % 2 == 0 ? 8 : 0) }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }
}
