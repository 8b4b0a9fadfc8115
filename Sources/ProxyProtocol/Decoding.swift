internal import Sockets

extension ProxyHeader {
  /// A header that has been read, and how many bytes it takes; what follows is the client's.
  public struct Decoded: Hashable, Sendable {
    /// The header.
    public let header: ProxyHeader
    /// How it was written.
    public let version: ProxyVersion
    /// How many bytes it has.
    public let byteCount: Int
  }

  /// The most bytes of a header that follow its first 16, unless the caller says otherwise: 4096.
  public static var defaultLimit: Int { 4096 }

  /// Reads a header of either version from the beginning of what has come so far; nil where more has to come first.
  ///
  /// - Parameters:
  ///   - bytes: Everything that has come from the peer.
  ///   - limit: How long the part of a header of version 2 may be that follows its first 16 bytes; the protocol's own
  ///     limit is 65,535.
  /// - Throws: `ProxyError` as soon as it is certain that the bytes begin with no such header.
  public static func decode(_ bytes: Span<UInt8>, limit: Int = defaultLimit) throws(ProxyError) -> Decoded? {
    guard !bytes.isEmpty else { return nil }
    if bytes[0] == UInt8(ascii: "P") { return try decodeLine(bytes) }
    return try decodeBinary(bytes, limit: limit)
  }
}

/// What has come from a peer that has to begin with a header.
public struct ProxyHeaderBuffer: Sendable {
  private let limit: Int
  private var bytes: [UInt8] = []

  /// Nothing yet.
  public init(limit: Int = ProxyHeader.defaultLimit) {
    self.limit = limit
  }

  /// Adds what has come; nil where more has to come. What it keeps is never more than the longest header that is
  /// allowed and what has come last.
  ///
  /// - Returns: The header, and what has come behind it: the client's first bytes.
  /// - Throws: `ProxyError` as ``ProxyHeader/decode(_:limit:)``.
  public mutating func append(_ more: Span<UInt8>) throws(ProxyError) -> (header: ProxyHeader, rest: [UInt8])? {
    bytes += [UInt8](copying: more)
    guard let decoded = try ProxyHeader.decode(bytes.span, limit: limit) else { return nil }
    return (decoded.header, Array(bytes[decoded.byteCount...]))
  }
}
