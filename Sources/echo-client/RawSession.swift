internal import EchoSupport
internal import Sockets

/// Standard input to the socket and the socket to standard output, both at once. The end of the input ends the sending
/// side; the end of the stream ends the session.
struct RawSession {
  private let endpoint: Endpoint
  private let diagnostics: Diagnostics

  /// How long to go on receiving datagrams, which have no end, after the input has ended.
  private static let datagramTime = Duration.seconds(1)

  init(_ endpoint: Endpoint, _ diagnostics: Diagnostics) {
    self.endpoint = endpoint
    self.diagnostics = diagnostics
  }

  /// Runs it to its end.
  func run(_ socket: borrowing Socket) throws {
    let isStream = endpoint.socketType == .stream
    // The sender has a descriptor of its own, so that neither can close the other's.
    let outcome = SendingOutcome()
    try startThread(owning: try socket.duplicate()) { socket in
      outcome.end(with: Result { try send(socket, outcome) })
      // The receiver waits for the server's end of the stream; with datagrams, or after a failure, there may be none.
      if outcome.failure != nil { try? socket.shutdown(.both) }
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count: Int
      do throws(SocketError) {
        var span = buffer.mutableSpan
        count = try socket.receive(into: &span, until: isStream ? .never : .after(Self.datagramTime))
      } catch  where error.reason == .timedOut && !outcome.hasEnded {
        continue
      } catch  where error.reason == .timedOut {
        break
      } catch {
        throw Failure(endpoint, error)
      }
      diagnostics.trace("received \(count) bytes")
      // A datagram may be empty; only the end of a stream is the end.
      if count == 0, isStream { break }
      try StandardStream.output.write(buffer.span.extracting(first: count))
    }
    // The sender may have found out first, and not told yet.
    let isCutOff = isStream && outcome.isSending
    if let failure = outcome.failure { throw failure }
    if isCutOff { throw Failure("\(endpoint): the server closed the connection") }
  }

  /// Sends standard input to its end.
  private func send(_ socket: borrowing Socket, _ outcome: SendingOutcome) throws {
    let isStream = endpoint.socketType == .stream
    var bytes: [UInt8] = []
    while true {
      bytes.removeAll(keepingCapacity: true)
      try StandardStream.input.read(appendingTo: &bytes, upTo: 65_507)
      do {
        if bytes.isEmpty { return isStream ? try socket.shutdown(.write) : () }
        diagnostics.trace("sending \(bytes.count) bytes")
        try outcome.sending { try socket.sendAll(bytes.span) }
      } catch {
        throw Failure(endpoint, error)
      }
    }
  }
}
