internal import EchoSupport
internal import Sockets

/// The dialogue: a prompt, a line that is sent, what comes back; until a line is "quit" or the input ends.
struct LineSession: ~Copyable {
  private let endpoint: Endpoint
  private let diagnostics: Diagnostics
  private var lines = LineReader(.input)
  /// What has been received and not shown yet.
  private var received: [UInt8] = []
  /// As large as any datagram is, those between Unix sockets included.
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)

  /// How long to wait for a greeting before the first prompt.
  private static let greetingTime = Duration.milliseconds(250)
  /// How long to wait for the answer to a datagram, which may be lost.
  private static let datagramTime = Duration.seconds(2)
  /// How much of what no line asked for is kept before it is shown.
  private static let greetingLimit = 65_536

  init(_ endpoint: Endpoint, _ diagnostics: Diagnostics) {
    self.endpoint = endpoint
    self.diagnostics = diagnostics
  }

  /// Runs it to its end.
  mutating func run(_ socket: borrowing Socket) throws {
    try StandardStream.output.write("connected to server\n")
    if isStream { try showGreeting(socket) }
    while let line = try nextLine(socket), line != Array("quit".utf8) {
      let sent = line + [UInt8(ascii: "\n")]
      let reply = isStream ? try exchange(sent, socket) : try exchangeDatagrams(sent, socket)
      try show(Array("received:".utf8) + reply + (reply.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]))
    }
  }

  private var isStream: Bool { endpoint.socketType == .stream }

  /// Prompts, and reads a line; nil at the end of the input. Notices when the server goes away meanwhile.
  private mutating func nextLine(_ socket: borrowing Socket) throws -> [UInt8]? {
    try StandardStream.output.write("Enter string to send:")
    if isStream, !lines.hasLine {
      let ready = try StandardStream.input.waitForInput(orEndOf: socket)
      // A line that is there goes first: it may be the last one. What the server says stays for the next reply, but
      // once it has ended there is none: its last words are shown, and its end is thrown.
      if !ready.stream { while try receive(socket, until: .never) > 0 {} }
    }
    let line = try lines.next()
    // The user's own newline is missing where the input ended.
    if line == nil, StandardStream.output.isTerminal { try StandardStream.output.write("\n") }
    return line
  }

  /// Shows what the server says first, if it says anything soon.
  private mutating func showGreeting(_ socket: borrowing Socket) throws {
    do {
      _ = try receive(socket, until: .after(Self.greetingTime))
      try show(received)
      received = []
    } catch let error as SocketError where error.reason == .timedOut {
      // It does not greet, or not yet.
    }
  }

  /// Sends a line and receives at the same time, until what has come ends with the line.
  private mutating func exchange(_ line: [UInt8], _ socket: borrowing Socket) throws -> [UInt8] {
    var sent = 0
    while sent < line.count || !received.ends(with: line) {
      let ready = try socket.wait(for: sent < line.count ? [.read, .write] : .read)
      if ready.canReceive {
        _ = try receive(socket, until: .never)
        try showSurplus(keeping: line.count)
      } else if ready.canSend {
        sent += try sendSome(line.span.extracting(sent...), socket)
      }
    }
    // What precedes the line is a greeting that came late.
    try show(Array(received.dropLast(line.count)))
    received = []
    return line
  }

  /// Shows what cannot be part of the reply any more, so that a server that sends without end is not kept in memory.
  private mutating func showSurplus(keeping count: Int) throws {
    let surplus = received.count - count
    guard surplus > Self.greetingLimit else { return }
    try show(Array(received.prefix(surplus)))
    received.removeFirst(surplus)
  }

  /// Sends a datagram and receives one.
  private mutating func exchangeDatagrams(_ datagram: [UInt8], _ socket: borrowing Socket) throws -> [UInt8] {
    do {
      diagnostics.trace("sending \(datagram.count) bytes")
      _ = try socket.send(datagram.span)
      var span = buffer.mutableSpan
      let reply = try socket.receiveDatagram(into: &span, until: .after(Self.datagramTime))
      diagnostics.trace("received \(reply.count) bytes")
      guard !reply.isTruncated else { throw Failure("\(endpoint): a reply of \(reply.length) bytes does not fit") }
      return Array(buffer[..<reply.count])
    } catch let error as SocketError where error.reason == .timedOut {
      throw Failure("\(endpoint): no reply within \(Self.datagramTime)")
    } catch let error as SocketError {
      throw Failure(endpoint, error)
    }
  }

  private func sendSome(_ bytes: Span<UInt8>, _ socket: borrowing Socket) throws -> Int {
    do {
      let sent = try socket.send(bytes, until: .now)
      diagnostics.trace("sent \(sent) bytes")
      return sent
    } catch  where error.errno == .wouldBlock {
      return 0
    } catch  where error.errno == .brokenPipe || error.errno == .connectionReset {
      throw goneAway
    } catch {
      throw Failure(endpoint, error)
    }
  }

  /// Appends what comes to what has been received.
  private mutating func receive(_ socket: borrowing Socket, until deadline: Deadline) throws -> Int {
    let count: Int
    do throws(SocketError) {
      var span = buffer.mutableSpan
      count = try socket.receive(into: &span, until: deadline)
    } catch  where error.reason == .timedOut {
      throw error
    } catch  where error.errno == .connectionReset {
      throw goneAway
    } catch {
      throw Failure(endpoint, error)
    }
    guard count > 0 else {
      // It may have said why.
      try show(received)
      throw goneAway
    }
    diagnostics.trace("received \(count) bytes")
    received += buffer[..<count]
    return count
  }

  private var goneAway: Failure { Failure("\(endpoint): the server closed the connection") }
}

/// Shows what came from the server: on a terminal with control characters made visible, anywhere else byte for byte.
private func show(_ bytes: [UInt8]) throws {
  try StandardStream.output.write((StandardStream.output.isTerminal ? visible(bytes.span) : bytes).span)
}

extension [UInt8] {
  fileprivate func ends(with suffix: [UInt8]) -> Bool {
    count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
  }
}
