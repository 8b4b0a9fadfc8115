internal import Sockets

/// What ``PollServer`` remembers of a client: what it has sent and not got back yet.
final class PolledConnection {
  let socket: Socket
  let peer: SocketAddress
  /// When it will have been idle for too long.
  private(set) var idleDeadline = Deadline.never
  /// The time that is noted for it in the ``IdleQueue``.
  var notedDeadline = Deadline.never
  private let idleTimeout: Duration?
  /// What the kernel did not take. While there is any, nothing more is received, so it never grows beyond one buffer.
  private var unsent: [UInt8]
  private var unsentStart = 0
  /// What the poller waits for.
  var interest: Interest = .read

  /// What to wait for next.
  enum Step {
    case receive, send, end
  }

  init(_ accepted: consuming Accepted, greeting: [UInt8], idleTimeout: Duration?) {
    peer = accepted.peer
    socket = accepted.socket
    unsent = greeting
    self.idleTimeout = idleTimeout
    touch()
  }

  /// Sends and receives until either would wait, and says which; or that the client is done.
  func advance(_ buffer: inout [UInt8], _ log: Log) throws(SocketError) -> Step {
    do {
      if try !sendRest() { return .send }
      // Not for ever: the other clients want their turn.
      for _ in 0..<16 {
        let count = try receive(&buffer)
        if count == 0 { return .end }
        touch()
        let received = buffer.span.extracting(first: count)
        log.received(received)
        guard try sendBack(received) else { return .send }
        // Less than there was room for is all that there was: to ask again would be to hear so.
        if count < buffer.count { return .receive }
      }
      return .receive
    } catch  where error.errno == .wouldBlock {
      return .receive
    }
  }

  private func receive(_ buffer: inout [UInt8]) throws(SocketError) -> Int {
    var span = buffer.mutableSpan
    return try socket.receive(into: &span, until: .now)
  }

  /// Sends what the kernel takes and keeps the rest; false if there is any.
  private func sendBack(_ bytes: Span<UInt8>) throws(SocketError) -> Bool {
    let sent = try sendNow(bytes)
    guard sent < bytes.count else { return true }
    unsent = [UInt8](copying: bytes.extracting(sent...))
    unsentStart = 0
    return false
  }

  /// Sends what was kept; false if some of it still is.
  private func sendRest() throws(SocketError) -> Bool {
    guard !unsent.isEmpty else { return true }
    // Another reference to the same storage: an object does not lend a part of itself for as long as a span needs it.
    let bytes = unsent
    unsentStart += try sendNow(bytes.span.extracting(unsentStart...))
    guard unsentStart == bytes.count else { return false }
    unsent = []
    return true
  }

  /// Sends what the kernel takes at once, which may be nothing.
  private func sendNow(_ bytes: Span<UInt8>) throws(SocketError) -> Int {
    do {
      let sent = try socket.send(bytes, until: .now)
      touch()
      return sent
    } catch  where error.errno == .wouldBlock {
      return 0
    }
  }

  private func touch() {
    if let idleTimeout { idleDeadline = .after(idleTimeout) }
  }
}
