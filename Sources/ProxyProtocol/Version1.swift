internal import Sockets

/// Version 1: `PROXY TCP4 192.0.2.1 192.0.2.2 40152 80`, and CRLF.
extension ProxyHeader {
  /// The most bytes that a line may have, CRLF included.
  static var maximumLineLength: Int { 107 }
  private static var lineStart: StaticString { "PROXY " }

  /// Reads a line from the beginning of the bytes.
  static func decodeLine(_ bytes: Span<UInt8>) throws(ProxyError) -> Decoded? {
    for index in 0..<min(bytes.count, lineStart.utf8CodeUnitCount) {
      // Below the length that the StaticString gives for its pointer.
      guard unsafe bytes[index] == lineStart.utf8Start[index] else { throw ProxyError(.noSignature, at: index) }
    }
    var end = lineStart.utf8CodeUnitCount
    while true {
      guard end + 2 <= maximumLineLength else { throw ProxyError(.lineTooLong, at: maximumLineLength) }
      guard end + 2 <= bytes.count else { return nil }
      if bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") { break }
      end += 1
    }
    var line = Line(bytes.extracting(first: end), lineStart.utf8CodeUnitCount)
    return Decoded(header: .proxy(try line.read()), version: .v1, byteCount: end + 2)
  }

  /// Writes the line.
  func line() throws(ProxyEncodingError) -> [UInt8] {
    guard values.isEmpty else { throw .unsupportedFields }
    guard let addresses else { return Array("PROXY UNKNOWN\r\n".utf8) }
    guard addresses.transport == .stream else { throw .unsupportedTransport(addresses.transport) }
    let (source, destination) = (addresses.source, addresses.destination)
    guard source.family == destination.family else { throw .mixedFamilies }
    guard let sourceIP = source.ip, let destinationIP = destination.ip else { throw .unsupportedFamily(source.family) }
    let name = if case .ipv4 = sourceIP { "TCP4" } else { "TCP6" }
    // An IP address has a port.
    return Array("PROXY \(name) \(sourceIP) \(destinationIP) \(source.port!) \(destination.port!)\r\n".utf8)
  }
}

/// The fields of a line, one after the other, each with a single space before the next.
private struct Line: ~Escapable {
  private let bytes: Span<UInt8>
  private var position: Int

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ position: Int) {
    self.bytes = bytes
    self.position = position
  }

  @_lifetime(self: copy self)
  mutating func read() throws(ProxyError) -> ProxyAddresses? {
    let name = field()
    // What follows is not for anyone.
    if isWord("UNKNOWN", name) { return nil }
    let isIPv6 = isWord("TCP6", name)
    guard isIPv6 || isWord("TCP4", name) else { throw ProxyError(.unknownProtocol, at: name.lowerBound) }
    let source = try address(isIPv6)
    let destination = try address(isIPv6)
    let sourcePort = try port()
    let destinationPort = try port()
    guard position > bytes.count else { throw ProxyError(.unexpected, at: position - 1) }
    return ProxyAddresses(
      source: SocketAddress(source, port: sourcePort), destination: SocketAddress(destination, port: destinationPort))
  }

  /// The next field, which may be empty, and the space behind it.
  @_lifetime(self: copy self)
  private mutating func field() -> Range<Int> {
    let start = min(position, bytes.count)
    let end = bytes.firstIndex(of: UInt8(ascii: " "), from: start) ?? bytes.count
    position = end + 1
    return start..<end
  }

  private func isWord(_ word: StaticString, _ range: Range<Int>) -> Bool {
    range.count == word.utf8CodeUnitCount && bytes.extracting(range).starts(with: word)
  }

  @_lifetime(self: copy self)
  private mutating func address(_ isIPv6: Bool) throws(ProxyError) -> IPAddress {
    let range = field()
    let text = bytes.extracting(range)
    do throws(ParseError) {
      return isIPv6 ? .ipv6(try IPv6Address(parsing: text)) : .ipv4(try IPv4Address(parsing: text))
    } catch {
      throw ProxyError(.invalidAddress(error.reason), at: range.lowerBound + error.position)
    }
  }

  @_lifetime(self: copy self)
  private mutating func port() throws(ProxyError) -> UInt16 {
    let range = field()
    var port: UInt32 = 0
    guard 1...5 ~= range.count, range.count == 1 || bytes[range.lowerBound] != UInt8(ascii: "0") else {
      throw ProxyError(.invalidPort, at: range.lowerBound)
    }
    for index in range {
      guard let digit = bytes[index].decimalDigit else { throw ProxyError(.invalidPort, at: index) }
      port = port * 10 + UInt32(digit)
    }
    guard let port = UInt16(exactly: port) else { throw ProxyError(.invalidPort, at: range.lowerBound) }
    return port
  }
}
