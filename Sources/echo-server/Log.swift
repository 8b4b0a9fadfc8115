internal import EchoSupport
internal import SocketActivation
internal import Sockets
internal import Synchronization

/// What the server tells: connections and what they send on standard output, failures on standard error.
final class Log: Sendable {
  private let isQuiet: Bool
  private let diagnostics: Diagnostics
  private let tellsTransfers: Bool
  /// Set when standard output is gone: a server does not end because nobody reads what it says.
  private let isBroken = Atomic(false)

  init(_ diagnostics: Diagnostics, isQuiet: Bool) {
    self.diagnostics = diagnostics
    tellsTransfers = diagnostics.tellsTransfers
    self.isQuiet = isQuiet
  }

  /// A connection was accepted, of a client that a proxy may have introduced.
  func accepted(_ client: SocketAddress, by peer: SocketAddress) {
    if client != peer { diagnostics.debug("client \(peer.unmapped): brings client \(client.unmapped)") }
    if !isQuiet { print("accept client \(client.unmapped)\n".utf8.span) }
  }

  /// A connection has ended.
  func ended(_ peer: SocketAddress) {
    diagnostics.debug("client \(peer.unmapped): ended")
  }

  /// Bytes came.
  func received(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    if tellsTransfers { diagnostics.trace("received \(bytes.count) bytes") }
    guard !isQuiet else { return }
    var text = visible(bytes)
    // What comes next begins a line of its own.
    if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    print(text.span)
  }

  /// Datagrams came, as one where they were sent as segments: each is shown for itself.
  func received(_ bytes: Span<UInt8>, segmentSize: Int?) {
    let size = segmentSize ?? max(bytes.count, 1)
    for start in stride(from: 0, to: bytes.count, by: size) {
      received(bytes.extracting(start..<min(start + size, bytes.count)))
    }
  }

  /// Something failed with one client.
  func failed(_ peer: SocketAddress, _ error: some Error) {
    // An IPv4 client of a socket for both versions is shown as what it is.
    failed("client \(peer.unmapped)", error)
  }

  /// The same, where nobody minds.
  func passedOver(_ peer: SocketAddress, _ error: some Error) {
    diagnostics.debug("\(Failure("client \(peer.unmapped)", error))")
  }

  /// Something failed.
  func failed(_ subject: some CustomStringConvertible, _ error: some Error) {
    diagnostics.failed(Failure(subject, error))
  }

  /// Something failed that says itself what it is about.
  func failed(_ error: some Error) {
    diagnostics.failed(error)
  }

  /// The first signal has come. The service manager is told; and a person who sent it from the keyboard would wonder why nothing happens.
  func stopping(open: Int) {
    notifyManager(.stopping, log: self)
    if open > 0, StandardStream.error.isTerminal {
      diagnostics.notice("stopping; \(open) open, interrupt again to end at once")
    } else {
      diagnostics.debug("stopping; \(open) open")
    }
  }

  private func print(_ text: Span<UInt8>) {
    guard !isBroken.load(ordering: .relaxed) else { return }
    do {
      try StandardStream.output.write(text)
    } catch {
      if !isBroken.exchange(true, ordering: .relaxed) { diagnostics.failed(error) }
    }
  }
}
