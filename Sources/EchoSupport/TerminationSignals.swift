internal import CSockets
public import Sockets

/// SIGINT and SIGTERM as bytes from a socket, so that a program waits for them as it waits for everything else. Nothing
/// runs inside a signal handler.
public final class TerminationSignals: Sendable {
  /// Readable when a signal has come; each is one byte.
  public let socket: Socket

  /// Takes the signals over. Call it before any other thread is started: they must be blocked in all of them.
  public init() throws {
    let blocked = cs_block_termination_signals()
    guard blocked == 0 else { throw SignalError(errno: Errno(rawValue: -blocked)) }
    let pair = try Socket.pair()
    socket = pair.first
    try startThread(owning: pair.second) { writer in
      while cs_wait_for_termination_signal() > 0 {
        guard Self.tell(writer) else { return }
      }
    }
  }

  /// Passes a signal on, when a shortage has passed; false when the program is not interested any more, and then there is
  /// nobody to tell.
  private static func tell(_ writer: borrowing Socket) -> Bool {
    while true {
      do {
        return try writer.send([1].span) == 1
      } catch  where error.isShortage {
        _ = try? writer.wait(for: [], until: .after(.milliseconds(10)))
      } catch {
        return false
      }
    }
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
  public var description: String { "block signals: \(errno)" }
}

/// Makes writing to a closed pipe an error (EPIPE) instead of the end of the program.
public func ignoreBrokenPipes() {
  cs_ignore_broken_pipes()
}
