public import Sockets

/// A variable of the environment that is not what a service manager sets: which, what it is, and why that is wrong.
public struct ActivationError: Error, Hashable, Sendable {
  /// The variable's name, such as "LISTEN_FDS".
  public let variable: String
  /// Its value, byte for byte.
  public let value: [UInt8]
  /// What is wrong with it.
  public let reason: Reason

  /// What can be wrong with a variable.
  public enum Reason: Hashable, Sendable {
    /// It is not a decimal number, or one that is too large.
    case notANumber
    /// A number that cannot be, such as an interval of 0.
    case outOfRange
    /// There are more or fewer names than descriptors.
    case wrongNumberOfNames(names: Int, descriptors: Int)
    /// A name has more than 255 bytes, or one that is no printable ASCII character.
    case invalidName
    /// A descriptor that it counts is not a socket: with EBADF not open, with ENOTSOCK something else.
    case notASocket(descriptor: Int32, Errno)
    /// It is neither an absolute path nor an abstract name (`@name`), or too long for a Unix socket.
    case invalidAddress
  }
}

extension ActivationError: CustomStringConvertible {
  /// One line: `LISTEN_FDS="two": not a decimal number`.
  public var description: String {
    let shown = value.prefix(300)
    // Every byte may need an escape of four.
    let text = [UInt8](capacity: 4 * shown.count) { output in Array(shown).span.writeEscaped(into: &output) }
    return
      "\(variable)=\"\(String(decoding: text, as: UTF8.self))\(value.count > shown.count ? "…" : "")\": \(explanation)"
  }

  private var explanation: String {
    switch reason {
    case .notANumber: "not a decimal number"
    case .outOfRange: "out of range"
    case .wrongNumberOfNames(let names, let descriptors): "\(names) names for \(descriptors) descriptors"
    case .invalidName: "a name of more than 255 bytes, or with one that is not printable ASCII"
    case .notASocket(let descriptor, let errno): "descriptor \(descriptor): \(errno)"
    case .invalidAddress: "neither an absolute path nor an abstract name that a Unix socket can have"
    }
  }
}
