import Glibc
import Sockets
import Testing

@Suite struct WaitTests {
  @Test("a wait says for what the socket is ready, and nothing when the time is over")
  func wait() throws {
    let pair = try Socket.pair()
    #expect(try pair.first.wait(for: .read, until: .now).isEmpty)
    #expect(try pair.first.wait(for: .read, until: .after(.milliseconds(5))).isEmpty)
    #expect(try pair.first.wait(for: [.read, .write]) == .writable)
    try pair.second.sendAll("x")
    #expect(try pair.first.wait(for: [.read, .write]) == [.readable, .writable])
    try pair.second.close()
    // A program that another test has just started may hold a copy of the descriptor for a moment.
    let end = Deadline.after(soon)
    var found = try pair.first.wait(for: .read)
    while !found.contains(.hangUp), !end.hasPassed { found = try pair.first.wait(for: .read) }
    #expect(found.contains([.readable, .hangUp, .readClosed]))
    #expect(found.canReceive && found.canSend)
  }

  @Test("select finds what is ready among sockets below 1,024, and leaves it in the set")
  func selects() async {
    // In a process of its own, where numbers are low.
    await #expect(processExitsWith: .success) {
      let first = try Socket.pair()
      let second = try Socket.pair()
      var reading = SocketSet()
      try reading.insert(first.first)
      try reading.insert(second.first)
      ensure(reading.contains(first.first) && !reading.contains(first.second))
      var idle = reading
      ensure(try select(reading: &idle, until: .after(.milliseconds(5))) == 0)
      ensure(!idle.contains(first.first))
      try second.second.sendAll("x")
      ensure(try select(reading: &reading, until: .after(soon)) == 1)
      ensure(!reading.contains(first.first) && reading.contains(second.first))
      var writing = SocketSet()
      try writing.insert(first.first)
      var none = SocketSet()
      var exceptional = SocketSet()
      ensure(try select(reading: &none, writing: &writing, exceptional: &exceptional, until: .now) == 1)
      ensure(writing.contains(first.first))
      writing.remove(first.first)
      ensure(!writing.contains(first.first))
      interruptEvery(milliseconds: 5)
      try none.insert(first.first)
      ensure(try select(reading: &none, until: .after(.milliseconds(50))) == 0)
    }
  }

  @Test("trap 34: a descriptor that a set cannot hold is a typed error, and nothing is written past the set")
  func beyond() throws {
    let pair = try Socket.pair()
    let high = try Socket(adopting: fcntl(pair.first.descriptor, F_DUPFD_CLOEXEC, Int32(SocketSet.capacity)))
    #expect(high.descriptor >= 1024)
    var set = SocketSet()
    var thrown: SocketError?
    do throws(SocketError) { try set.insert(high) } catch { thrown = error }
    #expect(thrown == SocketError(.wait, .beyondSocketSet))
    #expect(thrown.map { "\($0)" } == "wait: the descriptor does not fit into a set of 1024")
    let isContained = set.contains(high)
    #expect(!isContained)
    set.remove(high)
    #expect(try high.wait(for: .write) == .writable)
  }
}
