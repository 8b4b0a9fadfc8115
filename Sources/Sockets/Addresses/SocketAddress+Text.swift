extension SocketAddress: TextRepresentable {
  /// "socket address".
  public static var textName: String { "socket address" }
  /// A Unix name in which every byte needs an escape, and what stands before it.
  public static var maximumTextLength: Int { UnixAddress.maximumTextLength + 16 }

  private static var unixPrefix: StaticString { "unix:" }
  private static var vsockPrefix: StaticString { "vsock:" }

  /// Reads `127.0.0.1:8000`, `[::1]:8000`, `[fe80::1%eth0]:8000` (or the interface's number), `unix:/run/echo.sock`,
  /// `unix:@name` for an abstract name, or `vsock:2:8000`. Flow information is `[::1]:8000?flow=0x12345`.
  ///
  /// Host names are for ``Endpoint``: this reads nothing that needs a look-up but the names of this machine's
  /// interfaces.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in
      if text.starts(with: Self.unixPrefix) {
        return .unix(try UnixAddress.read(text, from: Self.unixPrefix.utf8CodeUnitCount))
      }
      if text.starts(with: Self.vsockPrefix) {
        return try Self.readVsock(text, from: Self.vsockPrefix.utf8CodeUnitCount)
      }
      let (host, port) = try Host.readWithPort(text, from: 0)
      switch host {
      case .ipv4(let address): return .ipv4(address, port: port)
      case .ipv6(let address, let scope, let flow): return .ipv6(address, port: port, scope: scope, flow: flow)
      case .name: throw ParseFailure(.needsLookUp, at: 0)
      case .any: throw ParseFailure(.unexpected, at: 0)
      }
    }
  }

  private static func readVsock(_ text: Span<UInt8>, from start: Int) throws(ParseFailure) -> SocketAddress {
    guard let colon = text.firstIndex(of: UInt8(ascii: ":"), from: start) else {
      throw ParseFailure(.endsTooEarly, at: text.count)
    }
    let limit = UInt64(UInt32.max)
    let cid = try text.readDecimal(in: start..<colon, limit: limit)
    let port = try text.readDecimal(in: colon + 1..<text.count, limit: limit)
    return .vsock(cid: UInt32(cid), port: UInt32(port))
  }

  /// Writes the address so that reading it gives the same again; a family without a case of its own has no such form
  /// and is written as its number and bytes.
  public func write(into output: inout OutputSpan<UInt8>) {
    switch self {
    case .ipv4(let address, let port):
      Host.ipv4(address).write(into: &output, port: port)
    case .ipv6(let address, let port, let scope, let flow):
      Host.ipv6(address, scope: scope, flow: flow).write(into: &output, port: port)
    case .unix(let address):
      output.append(Self.unixPrefix)
      address.write(into: &output)
    case .vsock(let cid, let port):
      output.append(Self.vsockPrefix)
      output.append(decimal: cid)
      output.append(UInt8(ascii: ":"))
      output.append(decimal: port)
    case .other(let address):
      output.append("family ")
      output.append(decimal: UInt32(bitPattern: address.family.rawValue))
      output.append(UInt8(ascii: " "))
      for index in address.bytes.indices { output.append(hexadecimal: UInt32(address.bytes[index]), digits: 2) }
    }
  }
}
