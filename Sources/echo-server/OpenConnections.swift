internal import Sockets
internal import Synchronization

/// How many connections ``ThreadServer``'s threads have open, and a socket that says when one of them has ended.
final class OpenConnections: Sendable {
  /// Readable when a connection has ended since ``haveEnded()`` was asked last.
  let endings: Socket
  private let notices: Socket
  private let number = Mutex(0)

  init() throws(SocketError) {
    let pair = try Socket.pair()
    endings = pair.first
    notices = pair.second
  }

  /// How many are open now.
  var count: Int { number.withLock { $0 } }

  /// One more.
  func begin() {
    number.withLock { $0 += 1 }
  }

  /// One less.
  func end() {
    number.withLock { $0 -= 1 }
    // A buffer that is full says already what this would say.
    _ = try? notices.send([1].span, until: .now)
  }

  /// Whether any has ended since this was asked last. Where that cannot be told now, it is asked again.
  func haveEnded() -> Bool {
    (try? endings.receive(upTo: 4096, until: .now))?.isEmpty == false
  }
}
