internal import EchoSupport
internal import Sockets

/// Who may connect over a Unix socket: its file's permissions are what the umask left, and an abstract name has none.
struct AllowedUsers: Sendable {
  /// Nil for everyone.
  let numbers: Set<UInt32>?

  /// Whether to serve a client, which the kernel knows from when it connected; says so where not. One of whom nothing is
  /// known is not served.
  func admit(_ socket: borrowing Socket, _ peer: SocketAddress, _ log: Log) -> Bool {
    guard let numbers, peer.family == .unix else { return true }
    do {
      let user = try socket.get(.peerProcess).userID
      if numbers.contains(user) { return true }
      log.failed(peer, Failure("user \(user) may not connect"))
    } catch {
      log.failed(peer, error)
    }
    return false
  }
}
