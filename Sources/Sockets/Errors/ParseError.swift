/// Text that is not what it should be: the input, where in it, and why.
public struct ParseError: Error, Hashable, Sendable {
  /// What the text was meant to be, such as "IPv4 address".
  public let expected: String
  /// The text, byte for byte.
  public let input: [UInt8]
  /// The byte at which it stops making sense, counted from 0; the length of the input where it ends too early.
  public let position: Int
  /// What is wrong there.
  public let reason: Reason

  /// What can be wrong with a text.
  public enum Reason: Hashable, Sendable {
    /// There is nothing.
    case empty
    /// It ends where more is needed.
    case endsTooEarly
    /// Something else is needed here.
    case unexpected
    /// A number begins with a zero, which some programs take for octal.
    case leadingZero
    /// A number is larger than this.
    case numberTooLarge(limit: UInt64)
    /// A group of an IPv6 address has more than four digits.
    case groupTooLong
    /// An IPv6 address has more than one `::`, or one that stands for nothing.
    case misplacedCompression
    /// An IPv6 address has more or fewer than eight groups.
    case wrongNumberOfGroups
    /// An IPv6 address with a port needs brackets around it.
    case missingBrackets
    /// A port is needed.
    case missingPort
    /// No network interface has this name.
    case unknownInterface
    /// The scheme is none of `tcp`, `udp`, `unix` and `unixgram`.
    case unknownScheme
    /// A host name, which has to be looked up: an ``Endpoint`` may have one, an address not.
    case needsLookUp
    /// A host name may have letters, digits, hyphens, underscores and single dots.
    case invalidHostName
    /// It has more bytes than this.
    case tooLong(limit: Int)
    /// A path cannot hold a NUL byte.
    case nulInPath
    /// A backslash stands before another one, or before `x` and two hexadecimal digits.
    case invalidEscape
  }
}

extension ParseError: CustomStringConvertible {
  /// One line: `"10.0.0.256" is not an IPv4 address: byte 7: a number above 255`.
  public var description: String {
    let article = "AEIOaeio".contains(expected.first ?? " ") ? "an" : "a"
    return "\"\(quotedInput)\" is not \(article) \(expected): \(place)\(explanation)"
  }

  private var place: String {
    switch reason {
    case .empty: ""
    default: "byte \(position): "
    }
  }

  /// The input with what a terminal would act on made visible, cut where it is very long.
  private var quotedInput: String {
    let shown = input.prefix(300)
    let text = [UInt8](capacity: 4 * shown.count) { output in
      Array(shown).span.writeEscaped(into: &output)
    }
    return String(decoding: text, as: UTF8.self) + (input.count > shown.count ? "…" : "")
  }

  private var explanation: String {
    switch reason {
    case .empty: "it is empty"
    case .endsTooEarly: "it ends too early"
    case .unexpected: "an unexpected character"
    case .leadingZero: "a leading zero"
    case .numberTooLarge(let limit): "a number above \(limit)"
    case .groupTooLong: "a group of more than four digits"
    case .misplacedCompression: "a misplaced '::'"
    case .wrongNumberOfGroups: "not eight groups"
    case .missingBrackets: "an IPv6 address before a port needs brackets"
    case .missingPort: "no ':' and port behind the host"
    case .unknownInterface: "no interface of that name"
    case .unknownScheme: "a scheme other than tcp, udp, unix and unixgram"
    case .needsLookUp: "a name, which an endpoint may have, and an address not"
    case .invalidHostName: "not allowed in a host name"
    case .tooLong(let limit): "more than \(limit) bytes"
    case .nulInPath: "a NUL byte in a path"
    case .invalidEscape: "a backslash without another one or xNN behind it"
    }
  }
}

/// Where and why, on the way to becoming a ``ParseError`` that has the whole input too.
struct ParseFailure: Error {
  let position: Int
  let reason: ParseError.Reason

  init(_ reason: ParseError.Reason, at position: Int) {
    self.position = position
    self.reason = reason
  }
}
