public import Sockets

/// A header that is none: where, and why.
public struct ProxyError: Error, Hashable, Sendable {
  /// The byte at which it stops making sense, counted from 0.
  public let position: Int
  /// What is wrong there.
  public let reason: Reason

  init(_ reason: Reason, at position: Int) {
    self.position = position
    self.reason = reason
  }

  /// What can be wrong with a header.
  public enum Reason: Hashable, Sendable {
    /// It begins neither with `PROXY ` nor with the signature of version 2.
    case noSignature
    /// A line of version 1 has no CRLF within 107 bytes.
    case lineTooLong
    /// A line is neither TCP4, TCP6 nor UNKNOWN.
    case unknownProtocol
    /// A line has something else where a single space, or its end, has to be.
    case unexpected
    /// An address is none of the line's protocol, for this reason.
    case invalidAddress(ParseError.Reason)
    /// A port is not a number from 0 to 65,535 without leading zeros.
    case invalidPort
    /// Not version 2 of the binary form.
    case unknownVersion(UInt8)
    /// A command other than LOCAL and PROXY.
    case unknownCommand(UInt8)
    /// A family or transport that is not assigned.
    case unknownTransport(UInt8)
    /// What follows the first 16 bytes is longer than the caller wants.
    case tooLong(length: Int, limit: Int)
    /// What follows the first 16 bytes is shorter than the addresses of its family.
    case tooShort(length: Int, needed: Int)
    /// A field reaches beyond the end of what holds it.
    case truncatedField
    /// A field has a length that its type cannot have.
    case wrongLength(ProxyTLV.Kind, Int)
    /// A second checksum.
    case repeatedChecksum
    /// The checksum is another one than that of the header.
    case wrongChecksum(UInt32, expected: UInt32)
  }
}

extension ProxyError: CustomStringConvertible {
  /// One line: `not a PROXY header: byte 12: version 3`.
  public var description: String { "not a PROXY header: byte \(position): \(explanation)" }

  private var explanation: String {
    switch reason {
    case .noSignature: "neither version's signature"
    case .lineTooLong: "no end of line within 107 bytes"
    case .unknownProtocol: "a protocol other than TCP4, TCP6 and UNKNOWN"
    case .unexpected: "an unexpected character"
    case .invalidAddress: "not an address of its protocol"
    case .invalidPort: "not a port"
    case .unknownVersion(let version): "version \(version)"
    case .unknownCommand(let command): "command \(command)"
    case .unknownTransport(let transport): "family \(transport >> 4) and transport \(transport & 0xf)"
    case .tooLong(let length, let limit): "\(length) bytes, which is more than \(limit)"
    case .tooShort(let length, let needed): "\(length) bytes, and the addresses need \(needed)"
    case .truncatedField: "a field that ends too early"
    case .wrongLength(let type, let length): "a field of type \(type.rawValue) that has \(length) bytes"
    case .repeatedChecksum: "a second checksum"
    case .wrongChecksum: "a wrong checksum"
    }
  }
}

/// A header that cannot be written in this version.
public enum ProxyEncodingError: Error, Hashable, Sendable {
  /// Source and destination are of different families.
  case mixedFamilies
  /// An address of a family that the version does not have.
  case unsupportedFamily(AddressFamily)
  /// A transport that the version does not have.
  case unsupportedTransport(SocketType)
  /// Version 1 has no fields.
  case unsupportedFields
  /// A field is longer than its type allows, or all of them are longer than 65,535 bytes.
  case tooLong(Int)
}
