import Sockets
import Testing

@Suite struct DeadlineTests {
  @Test("now has passed, never does not, and the order is that of time")
  func order() {
    #expect(Deadline.now.hasPassed)
    #expect(!Deadline.never.hasPassed)
    #expect(Deadline.never.timeLeft == nil)
    #expect(Deadline.now.timeLeft == .zero)
    let later = Deadline.after(.seconds(100))
    #expect(Deadline.now < later && later < .never)
    #expect(!later.hasPassed)
    #expect(later.timeLeft! <= .seconds(100) && later.timeLeft! > .seconds(90))
    #expect(Deadline.after(.seconds(-1)).hasPassed)
  }

  @Test("a duration that no clock counts is never, or long ago")
  func overflow() {
    #expect(Deadline.after(.seconds(Int64.max)) == .never)
    #expect(Deadline.after(.seconds(Int64.min)).hasPassed)
    #expect(Deadline.after(.seconds(Int64.min)) != .now)
    // More seconds than fit into 64 bits.
    #expect(Deadline.after(.seconds(Int64.max) * 2) == .never)
    #expect(Deadline.after(.seconds(Int64.min) * 2).hasPassed)
  }

  @Test(
    "trap 16: a wait of less than the unit waits, and does not spin or end early",
    arguments: [Poller.Engine.epoll, .poll])
  func roundsUp(_ engine: Poller.Engine) throws {
    let pair = try Socket.pair()
    var poller = try Poller(engine: engine)
    try poller.add(pair.first, for: .read, token: 1)
    var events: [Poller.Event] = []
    for _ in 0..<20 {
      let deadline = Deadline.after(.microseconds(300))
      try poller.wait(into: &events, until: deadline)
      #expect(deadline.hasPassed)
      #expect(events.isEmpty)
      let next = Deadline.after(.nanoseconds(1))
      #expect(try pair.first.wait(for: .read, until: next).isEmpty)
      #expect(next.hasPassed)
    }
  }
}
