internal import Sockets

/// When each connection may have been idle for too long. To move bytes costs nothing here: a connection's place is looked
/// at again only when the time that was first noted for it has come.
struct IdleQueue {
  /// The earliest is last.
  private var entries: [(deadline: Deadline, token: UInt64)] = []

  /// When to look again.
  var deadline: Deadline { entries.last?.deadline ?? .never }

  /// Notes when a connection will be idle for too long if nothing moves.
  mutating func insert(_ token: UInt64, at deadline: Deadline) {
    guard deadline != .never else { return }
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].deadline > deadline { low = middle + 1 } else { high = middle }
    }
    entries.insert((deadline, token), at: low)
  }

  /// The connections that are idle for too long, given when each of them will be, or nil for one that is gone.
  mutating func expired(_ deadlineOf: (UInt64) -> Deadline?) -> [UInt64] {
    var expired: [UInt64] = []
    while let entry = entries.last, entry.deadline.hasPassed {
      entries.removeLast()
      guard let deadline = deadlineOf(entry.token) else { continue }
      if deadline.hasPassed { expired.append(entry.token) } else { insert(entry.token, at: deadline) }
    }
    return expired
  }
}
