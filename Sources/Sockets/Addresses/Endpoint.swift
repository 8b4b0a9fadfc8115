/// A transport and whom to reach by it: what a person types to say where a program should listen or connect.
@frozen public enum Endpoint: Hashable, Sendable {
  /// A TCP port.
  case tcp(Host, port: UInt16)
  /// A UDP port.
  case udp(Host, port: UInt16)
  /// A Unix stream socket.
  case unix(UnixAddress)
  /// A Unix datagram socket.
  case unixgram(UnixAddress)
}

extension Endpoint {
  /// The type of socket that the transport needs.
  public var socketType: SocketType {
    switch self {
    case .tcp, .unix: .stream
    case .udp, .unixgram: .datagram
    }
  }

  /// The same endpoint with another port; unchanged where there is none.
  public func with(port: UInt16) -> Endpoint {
    switch self {
    case .tcp(let host, _): .tcp(host, port: port)
    case .udp(let host, _): .udp(host, port: port)
    case .unix, .unixgram: self
    }
  }
}

extension Endpoint: TextRepresentable {
  /// "endpoint".
  public static var textName: String { "endpoint" }
  /// The longest Unix name, or host and port, and the longest scheme before it.
  public static var maximumTextLength: Int { max(UnixAddress.maximumTextLength, Host.maximumTextLength) + 11 }

  private static var separator: StaticString { "://" }

  /// Reads `tcp://127.0.0.1:8000`, `udp://[::1]:8000`, `tcp://localhost:8000`, `tcp://*:8000` (every address of this
  /// machine), `unix:///run/echo.sock`, `unix://@name` for an abstract name, and `unixgram://` with what follows
  /// `unix://`. No scheme means `tcp://`; `unix:/run/echo.sock` is understood too.
  public init(parsing text: Span<UInt8>) throws(ParseError) {
    self = try Self.parsing(text) { text throws(ParseFailure) in
      guard text.count > 0 else { throw ParseFailure(.empty, at: 0) }
      // As the address of a Unix socket is written.
      if text.starts(with: "unix:"), !text.starts(with: "unix://") { return .unix(try UnixAddress.read(text, from: 5)) }
      guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
        text.extracting(colon...).starts(with: Self.separator)
      else {
        let (host, port) = try Host.readWithPort(text, from: 0)
        return .tcp(host, port: port)
      }
      let scheme = text.extracting(first: colon)
      let start = colon + Self.separator.utf8CodeUnitCount
      if scheme.isEqual(to: "unix") { return .unix(try UnixAddress.read(text, from: start)) }
      if scheme.isEqual(to: "unixgram") { return .unixgram(try UnixAddress.read(text, from: start)) }
      let isTCP = scheme.isEqual(to: "tcp")
      guard isTCP || scheme.isEqual(to: "udp") else { throw ParseFailure(.unknownScheme, at: 0) }
      let (host, port) = try Host.readWithPort(text, from: start)
      return isTCP ? .tcp(host, port: port) : .udp(host, port: port)
    }
  }

  /// Writes the endpoint with its scheme.
  public func write(into output: inout OutputSpan<UInt8>) {
    output.append(scheme)
    output.append(Self.separator)
    switch self {
    case .tcp(let host, let port), .udp(let host, let port): host.write(into: &output, port: port)
    case .unix(let address), .unixgram(let address): address.write(into: &output)
    }
  }

  private var scheme: StaticString {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .unix: "unix"
    case .unixgram: "unixgram"
    }
  }
}

extension Span<UInt8> {
  fileprivate func isEqual(to text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && starts(with: text)
  }
}
