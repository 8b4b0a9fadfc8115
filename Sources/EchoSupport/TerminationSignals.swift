internal import CSockets
public import Sockets

/// SIGINT and SIGTERM as bytes from a socket, so that a program waits for them as it waits for everything else. The
/// handler of the signals does nothing but send them.
public final class TerminationSignals: Sendable {
  /// Readable when a signal has come; each is one byte.
  public let socket: Socket

  /// Takes the signals over.
  public init() throws {
    let pair = try Socket.pair()
    socket = pair.first
    // The handler's, for as long as the process lives.
    let result = cs_tell_termination_signals(pair.second.release())
    guard result == 0 else { throw SignalError(errno: Errno(rawValue: -result)) }
  }

  /// How many signals have come since this was asked last.
  public func count() throws(SocketError) -> Int {
    do {
      return try socket.receive(upTo: 16, until: .now).count
    } catch  where error.errno == .wouldBlock || error.isShortage {
      // What could not be read stays there, and is asked for again.
      return 0
    }
  }
}

/// Signals that could not be taken over.
public struct SignalError: Error, CustomStringConvertible {
  /// Why.
  public let errno: Errno

  /// One line.
  public var description: String { "handle signals: \(errno)" }
}

/// Makes writing to a closed pipe an error (EPIPE) instead of the end of the program.
public func ignoreBrokenPipes() {
  cs_ignore_broken_pipes()
}
