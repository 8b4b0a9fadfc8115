internal import Sockets

/// When each connection may have been idle for too long. To move bytes costs nothing here: a connection's place is
/// looked at again only when the time that was noted for it has come.
struct IdleQueue {
  /// What is noted, the earliest first. The limit is the same for all, so a new connection comes last.
  private var entries: [Entry] = []

  private struct Entry: Comparable {
    let deadline: Deadline
    let token: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.token) < (right.deadline, right.token)
    }
  }

  /// When to look again.
  var deadline: Deadline { entries.first?.deadline ?? .never }

  /// Notes when a connection will be idle for too long if nothing moves.
  mutating func insert(_ token: UInt64, at deadline: Deadline) {
    guard deadline != .never else { return }
    let entry = Entry(deadline: deadline, token: token)
    entries.insert(entry, at: position(of: entry))
  }

  /// Forgets a connection that was noted for this time.
  mutating func remove(_ token: UInt64, at deadline: Deadline) {
    let entry = Entry(deadline: deadline, token: token)
    let position = position(of: entry)
    if position < entries.count, entries[position] == entry { entries.remove(at: position) }
  }

  /// Takes out the connections whose time has come.
  mutating func takeDue() -> [UInt64] {
    let due = entries.prefix { $0.deadline.hasPassed }.map(\.token)
    entries.removeFirst(due.count)
    return due
  }

  /// Where an entry is, or belongs.
  private func position(of entry: Entry) -> Int {
    if let last = entries.last, last < entry { return entries.count }
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < entry { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
