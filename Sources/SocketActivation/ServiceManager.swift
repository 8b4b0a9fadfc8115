public import Sockets

/// The service manager that started this process, and what it is told of it. See `sd_notify(3)`.
///
/// ```swift
/// let manager = try ServiceManager.fromEnvironment()
/// try manager?.notify([.ready, .status("serving 3 sockets")])
/// ```
public struct ServiceManager: Hashable, Sendable {
  /// The Unix datagram socket that it reads.
  public let address: UnixAddress

  /// The manager that reads this socket.
  public init(at address: UnixAddress) {
    self.address = address
  }

  /// The manager that reads the socket NOTIFY_SOCKET, which is a path or an abstract name (`@name`); nil where that is
  /// not set: nobody wants to know. The variable stays, so that this can be asked again, and children can notify too
  /// where the manager wants them to (NotifyAccess= of a systemd unit).
  ///
  /// - Throws: `ActivationError` for a NOTIFY_SOCKET that is no such name.
  public static func fromEnvironment() throws(ActivationError) -> ServiceManager? {
    guard let variable = Variable("NOTIFY_SOCKET") else { return nil }
    let name = variable.value.span
    guard name.count > 1 else { throw variable.error(.invalidAddress) }
    do throws(ParseError) {
      // The bytes are the name's own: nothing in them is an escape.
      switch name[0] {
      case UInt8(ascii: "/"): return ServiceManager(at: try UnixAddress(path: name))
      case UInt8(ascii: "@"): return ServiceManager(at: try UnixAddress(abstract: name.extracting(droppingFirst: 1)))
      default: break
      }
    } catch {}
    throw variable.error(.invalidAddress)
  }

  /// Something that a manager is told.
  public enum State: Hashable, Sendable {
    /// READY=1: the service serves.
    case ready
    /// STOPPING=1: the service is about to end.
    case stopping
    /// STATUS=…: what the service is doing, for people, in one line: what would end the line becomes a space.
    case status(String)
    /// WATCHDOG=1: the service is alive. See ``watchdogInterval()``.
    case watchdog
  }

  /// Tells the manager, in one datagram.
  ///
  /// - Throws: `SocketError` with the address, with ENOENT or ECONNREFUSED (nobody reads there), EMSGSIZE (too much for
  ///   a datagram), ``Sockets/SocketError/Reason/timedOut`` (its queue is full).
  public func notify(_ states: [State], until deadline: Deadline = .never) throws(SocketError) {
    let socket = try Socket(.unix, .datagram)
    let text = states.map(\.assignment).joined(separator: "\n")
    _ = try socket.send(text, to: .unix(address), until: deadline)
  }

  /// How often the manager wants to hear ``State/watchdog``, at the latest (WATCHDOG_USEC): every half of it is what it
  /// advises. Nil where it does not, or wants to hear it from another process (WATCHDOG_PID).
  ///
  /// - Throws: `ActivationError` for what is no number, or an interval of 0.
  public static func watchdogInterval() throws(ActivationError) -> Duration? {
    guard let variable = Variable("WATCHDOG_USEC") else { return nil }
    if let process = Variable("WATCHDOG_PID"), try !process.isThisProcess() { return nil }
    let microseconds = try variable.number(upTo: UInt64(Int64.max))
    guard microseconds > 0 else { throw variable.error(.outOfRange) }
    return .microseconds(Int64(microseconds))
  }
}

extension ServiceManager.State {
  /// The line that says so.
  fileprivate var assignment: String {
    switch self {
    case .ready: return "READY=1"
    case .stopping: return "STOPPING=1"
    case .watchdog: return "WATCHDOG=1"
    case .status(let text):
      // Scalar by scalar: "\r\n" is one character. Another line would be another assignment.
      var line = "STATUS="
      for scalar in text.unicodeScalars { line.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar) }
      return line
    }
  }
}
