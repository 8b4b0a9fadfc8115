internal import CSockets

/// What stands before the port of an ``Endpoint``.
@frozen public enum Host: Hashable, Sendable {
  /// An IPv4 address.
  case ipv4(IPv4Address)
  /// An IPv6 address, with the index of an interface and flow information as in ``SocketAddress``.
  case ipv6(IPv6Address, scope: UInt32 = 0, flow: UInt32 = 0)
  /// A name that has to be looked up.
  case name(HostName)
  /// Every address of this machine, of both versions of IP where it has both: `*`.
  case any
}

extension Host: TextRepresentable {
  /// "host".
  public static var textName: String { "host" }
  /// The longest name, and what an address may have besides: brackets, a scope, flow information and a port.
  public static var maximumTextLength: Int { HostName.maximumTextLength + 16 }

  /// Reads `127.0.0.1`, `::1` or `[::1]`, `fe80::1%eth0`, `localhost`, or `*`.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in
      guard text.count > 0 else { throw ParseFailure(.empty, at: 0) }
      guard text.firstIndex(of: UInt8(ascii: ":")) != nil else { return try Self.read(text, in: 0..<text.count) }
      guard text[0] == UInt8(ascii: "[") else { return try Self.readIPv6(text, in: 0..<text.count) }
      guard text[text.count - 1] == UInt8(ascii: "]") else { throw ParseFailure(.unexpected, at: text.count - 1) }
      return try Self.readIPv6(text, in: 1..<text.count - 1)
    }
  }

  /// Writes the host; an IPv6 address without brackets, which it needs before a port only.
  public func write(into output: inout OutputSpan<UInt8>) {
    switch self {
    case .ipv4(let address):
      address.write(into: &output)
    case .ipv6(let address, let scope, _):
      address.write(into: &output)
      if scope != 0 { Self.write(scope: scope, into: &output) }
    case .name(let name):
      name.write(into: &output)
    case .any:
      output.append(UInt8(ascii: "*"))
    }
  }
}

extension Host {
  /// Reads a host and a port: `127.0.0.1:8000`, `[fe80::1%eth0]:8000`, `localhost:8000`, `*:8000`.
  static func readWithPort(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> (Host, UInt16) {
    guard start < text.count else { throw ParseFailure(start == 0 ? .empty : .endsTooEarly, at: start) }
    if text[start] == UInt8(ascii: "[") { return try readBracketed(text, from: start) }
    guard let colon = text.lastIndex(of: UInt8(ascii: ":")), colon >= start else {
      throw ParseFailure(.missingPort, at: text.count)
    }
    if let first = text.firstIndex(of: UInt8(ascii: ":"), from: start), first < colon {
      throw ParseFailure(.missingBrackets, at: start)
    }
    let host = try read(text, in: start..<colon)
    return (host, try text.readPort(in: colon + 1..<text.count))
  }

  /// Reads anything but an IPv6 address. What is made of digits and dots is meant as an IPv4 address and nothing else,
  /// so that `127.1` is an error and not a name to look up.
  private static func read(_ text: Span<UInt8>, in range: Range<Int>) throws(ParseFailure) -> Host {
    guard !range.isEmpty else { throw ParseFailure(.unexpected, at: range.lowerBound) }
    if range.count == 1, text[range.lowerBound] == UInt8(ascii: "*") { return .any }
    let upTo = text.extracting(first: range.upperBound)
    guard endsInNumber(text, in: range) else { return .name(try HostName.read(upTo, from: range.lowerBound)) }
    return .ipv4(try IPv4Address.read(upTo, from: range.lowerBound))
  }

  /// Whether the last label is a number, decimal or hexadecimal, which no domain's is: the WHATWG URL standard's rule
  /// for telling an IPv4 address, however it is misspelled, from a name.
  static func endsInNumber(_ text: Span<UInt8>, in range: Range<Int>) -> Bool {
    var end = range.upperBound
    if end - range.lowerBound > 1, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
    var start = end
    while start > range.lowerBound, text[start - 1] != UInt8(ascii: ".") { start -= 1 }
    let label = start..<end
    guard !label.isEmpty else { return false }
    let isHexadecimal =
      label.count > 1 && text[start] == UInt8(ascii: "0") && text[start + 1] | 0x20 == UInt8(ascii: "x")
    for index in isHexadecimal ? start + 2..<end : label {
      guard isHexadecimal ? text[index].hexadecimalDigit != nil : text[index].decimalDigit != nil else { return false }
    }
    return true
  }

  private static func readBracketed(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> (Host, UInt16) {
    guard let bracket = text.firstIndex(of: UInt8(ascii: "]"), from: start) else {
      throw ParseFailure(.endsTooEarly, at: text.count)
    }
    guard case .ipv6(let address, let scope, _) = try readIPv6(text, in: start + 1..<bracket) else {
      throw ParseFailure(.unexpected, at: start)
    }
    guard bracket + 1 < text.count else { throw ParseFailure(.missingPort, at: text.count) }
    guard text[bracket + 1] == UInt8(ascii: ":") else { throw ParseFailure(.unexpected, at: bracket + 1) }
    let query = text.firstIndex(of: UInt8(ascii: "?"), from: bracket)
    let port = try text.readPort(in: bracket + 2..<(query ?? text.count))
    let flow = if let query { try readFlow(text, from: query) } else { UInt32(0) }
    return (.ipv6(address, scope: scope, flow: flow), port)
  }

  /// Reads an IPv6 address and its scope.
  private static func readIPv6(_ text: Span<UInt8>, in range: Range<Int>) throws(ParseFailure) -> Host {
    let percent = text.extracting(first: range.upperBound).firstIndex(of: UInt8(ascii: "%"), from: range.lowerBound)
    let address: IPv6Address
    do {
      address = try IPv6Address.read(text.extracting(range.lowerBound..<(percent ?? range.upperBound)))
    } catch {
      // Positions count from the beginning of the whole text.
      throw ParseFailure(error.reason == .empty ? .unexpected : error.reason, at: error.position + range.lowerBound)
    }
    let scope = if let percent { try readScope(text, in: percent + 1..<range.upperBound) } else { UInt32(0) }
    return .ipv6(address, scope: scope)
  }

  /// Reads the number of an interface, or the name of one that this machine has.
  private static func readScope(_ text: Span<UInt8>, in range: Range<Int>) throws(ParseFailure) -> UInt32 {
    guard !range.isEmpty else { throw ParseFailure(.unexpected, at: range.lowerBound) }
    if text[range.lowerBound].decimalDigit != nil {
      return UInt32(try text.readDecimal(in: range, limit: UInt64(UInt32.max)))
    }
    guard range.count < CS_INTERFACE_NAME_CAPACITY else { throw ParseFailure(.unknownInterface, at: range.lowerBound) }
    // Longer than any name that gets here, so that a NUL ends it.
    let name = [32 of CChar] { $0 < range.count ? CChar(bitPattern: text[range.lowerBound + $0]) : 0 }
    // The array outlives the call, and the callee reads up to the NUL only.
    let index = unsafe name.span.withUnsafeBufferPointer { unsafe cs_interface_index($0.baseAddress!) }
    guard index != 0 else { throw ParseFailure(.unknownInterface, at: range.lowerBound) }
    return index
  }

  private static var flowPrefix: StaticString { "?flow=0x" }

  private static func readFlow(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> UInt32 {
    guard text.extracting(start...).starts(with: flowPrefix) else { throw ParseFailure(.unexpected, at: start) }
    let digits = start + flowPrefix.utf8CodeUnitCount..<text.count
    guard !digits.isEmpty else { throw ParseFailure(.endsTooEarly, at: text.count) }
    var flow: UInt64 = 0
    for index in digits {
      guard let digit = text[index].hexadecimalDigit else { throw ParseFailure(.unexpected, at: index) }
      flow = flow << 4 | UInt64(digit)
      let limit = UInt64(UInt32.max)
      guard flow <= limit else { throw ParseFailure(.numberTooLarge(limit: limit), at: digits.lowerBound) }
    }
    return UInt32(flow)
  }

  /// Writes the host and a port.
  func write(into output: inout OutputSpan<UInt8>, port: UInt16) {
    var flow: UInt32 = 0
    if case .ipv6(_, _, let flowInformation) = self {
      flow = flowInformation
      output.append(UInt8(ascii: "["))
      write(into: &output)
      output.append(UInt8(ascii: "]"))
    } else {
      write(into: &output)
    }
    output.append(UInt8(ascii: ":"))
    output.append(decimal: UInt32(port))
    if flow != 0 {
      output.append(Self.flowPrefix)
      output.append(hexadecimal: flow)
    }
  }

  /// Writes `%eth0`, or the number where no interface has it, or one whose name would not be read again.
  private static func write(scope: UInt32, into output: inout OutputSpan<UInt8>) {
    output.append(UInt8(ascii: "%"))
    var name = [32 of CChar](repeating: 0)
    var characters = name.mutableSpan
    // The array has more room than CS_INTERFACE_NAME_CAPACITY, which is all that the callee may write.
    let length = unsafe characters.withUnsafeMutableBufferPointer { unsafe cs_interface_name(scope, $0.baseAddress!) }
    let isPlain = (0..<length).allSatisfy { index in
      let byte = UInt8(bitPattern: name[index])
      return byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "]") && (index > 0 || byte.decimalDigit == nil)
    }
    guard length > 0, isPlain else {
      output.append(decimal: scope)
      return
    }
    for index in 0..<length { output.append(UInt8(bitPattern: name[index])) }
  }
}
