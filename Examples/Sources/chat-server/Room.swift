internal import AsyncSockets
internal import Sockets
internal import Synchronization

/// Who is there, and what each of them has still to hear.
final class Room: Sendable {
  /// By name. Nobody waits for anybody: what is said to a member goes into the member's own queue, which a task of its
  /// own sends. Nil once the room is closed.
  private let members = Mutex<[String: Member]?>([:])

  private struct Member {
    let connection: Connection
    let queue: AsyncStream<String>.Continuation
  }

  /// How many lines a member may be behind. One who is further behind does not listen, and is shown out.
  private static let patience = 256

  /// Has a newcomer take part for as long as it likes.
  func host(_ connection: Connection) async throws {
    try await connection.sendAll("What is your name? ")
    var lines = connection.lines(ofAtMost: 1000).makeAsyncIterator()
    guard let line = try await lines.next() else { return }
    let name = printable(line)
    let (messages, queue) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(Self.patience))
    guard !name.isEmpty, join(name, Member(connection: connection, queue: queue)) else {
      return try await connection.sendAll("* that name is taken\n")
    }
    async let hearing: Void = hear(messages, connection)
    do {
      while let line = try await lines.next() { say("<\(name)> \(printable(line))\n", from: name) }
    } catch  where error.reason == .closed {
      // The room has shown it out.
    } catch {
      leave(name)
      throw error
    }
    // It says no more, but may still hear what was said before.
    leave(name)
    try await hearing
  }

  /// Tells everybody that this is the end.
  func close() {
    let members = members.withLock { members in
      defer { members = nil }
      return members ?? [:]
    }
    for member in members.values {
      member.queue.yield("* the room is closed\n")
      member.queue.finish()
    }
  }

  /// Sends a member what there is to hear, to the end.
  private func hear(_ messages: AsyncStream<String>, _ connection: Connection) async throws {
    defer { connection.close() }
    for await message in messages { try await connection.sendAll(message, until: .after(.seconds(30))) }
  }

  private func join(_ name: String, _ member: Member) -> Bool {
    let others = members.withLock { members -> [String]? in
      guard let others = members?.keys.sorted(), !others.contains(name) else { return nil }
      members?[name] = member
      return others
    }
    guard let others else { return false }
    member.queue.yield("* here: \(others.isEmpty ? "nobody else" : others.joined(separator: ", "))\n")
    say("* \(name) has come in\n", from: name)
    return true
  }

  private func leave(_ name: String) {
    let member = members.withLock { $0?.removeValue(forKey: name) }
    guard let member else { return }
    member.queue.finish()
    say("* \(name) has left\n", from: name)
  }

  /// Says something to everybody else.
  private func say(_ message: String, from name: String) {
    members.withLock { members in
      for (other, member) in members ?? [:] where other != name {
        // Its own task sees that, and leaves.
        if case .dropped = member.queue.yield(message) { member.connection.close() }
      }
    }
  }
}

/// What somebody typed, as a line that does nothing to a terminal but show: control characters would.
private func printable(_ line: [UInt8]) -> String {
  let text = String(decoding: line, as: UTF8.self)
  return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
}
