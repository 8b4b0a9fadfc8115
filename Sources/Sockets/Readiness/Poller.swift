/// Waits for many sockets at once, with `epoll(7)` or `poll(2)` behind the same interface.
///
/// A socket is added with a token of the caller's choice, which its events carry. Tokens that are never used twice (a
/// counter, not the descriptor's number) make an event that was already fetched recognisable as that of a socket that
/// is gone.
///
/// Remove a socket before closing it. The poll engine cannot see that a number has been closed and given to another
/// socket, and epoll keeps watching a socket that has a duplicate.
///
/// ```swift
/// var poller = try Poller()
/// try poller.add(listener, for: .read, token: 0)
/// var events: [Poller.Event] = []
/// while true {
///   try poller.wait(into: &events)
///   for event in events where event.token == 0 { let client = try listener.accept(until: .now) }
/// }
/// ```
public struct Poller: ~Copyable, Sendable {
  /// The system call behind it.
  public enum Engine: Hashable, Sendable, CaseIterable {
    /// `epoll(7)`: the cost of a wait does not grow with the sockets that are idle. Linux only. Before Linux 5.11
    /// deadlines are rounded up to the millisecond.
    case epoll
    /// `poll(2)`: on every system.
    case poll
  }

  /// How often a socket that is ready is reported.
  public enum Trigger: Hashable, Sendable {
    /// By every wait for as long as it is ready.
    case level
    /// Once. Then go on until a call throws EAGAIN, and call ``rearm(_:for:)``: from then on it is reported again when
    /// it has become ready. A report may come too often, but never too rarely.
    case edge
  }

  /// One socket and what was found.
  @frozen public struct Event: Hashable, Sendable {
    /// What the socket was added with.
    public let token: UInt64
    /// What was found.
    public let readiness: Readiness

    @usableFromInline init(token: UInt64, readiness: Readiness) {
      self.token = token
      self.readiness = readiness
    }
  }

  /// The engine that this poller was made with.
  public let engine: Engine
  private let epoll: EpollEngine?
  private var poll = PollEngine()
  /// What the last wait in place has found, with poll.
  @usableFromInline var found: [Event] = []
  /// The engine's own, to be reached without the engine's reference being counted; nil with poll.
  @usableFromInline let inPlace: EpollEngine.Room?

  /// The descriptor that is readable when there is something to report, to be waited for by something else; nil for
  /// poll, which has none.
  package var descriptor: Int32? { inPlace?.descriptor }

  /// A poller without sockets.
  ///
  /// - Throws: `SocketError` with EMFILE or ENFILE (no descriptor is free, for epoll), ENOSYS (no epoll on this
  ///   system).
  public init(engine: Engine = .epoll) throws(SocketError) {
    self.engine = engine
    epoll = if engine == .epoll { try EpollEngine() } else { nil }
    inPlace = epoll?.room
  }

  /// Adds a socket. Corresponds to `epoll_ctl(2)`.
  ///
  /// - Throws: `SocketError` with EEXIST (it is there already), ENOMEM or ENOSPC (the kernel has no room).
  public mutating func add(
    _ socket: borrowing Socket, for interest: Interest, token: UInt64, trigger: Trigger = .level
  ) throws(SocketError) {
    if let epoll { return try epoll.add(socket.descriptor, interest, token, trigger) }
    try poll.add(socket.descriptor, interest, token, trigger)
  }

  /// Changes what is waited for, and the token.
  ///
  /// - Throws: `SocketError` with ENOENT (it was not added).
  public mutating func modify(
    _ socket: borrowing Socket, for interest: Interest, token: UInt64, trigger: Trigger = .level
  ) throws(SocketError) {
    if let epoll { return try epoll.modify(socket.descriptor, interest, token, trigger) }
    try poll.modify(socket.descriptor, interest, token, trigger)
  }

  /// Says that a call on an edge-triggered socket threw EAGAIN, so that it is reported when it becomes ready again. It
  /// costs nothing with epoll, which knows.
  public mutating func rearm(_ socket: borrowing Socket, for interest: Interest) {
    if epoll == nil { poll.rearm(socket.descriptor, interest) }
  }

  /// Removes a socket.
  ///
  /// - Throws: `SocketError` with ENOENT (it was not added).
  public mutating func remove(_ socket: borrowing Socket) throws(SocketError) {
    if let epoll { return try epoll.remove(socket.descriptor) }
    try poll.remove(socket.descriptor)
  }

  /// Waits until at least one socket is ready or the deadline passes, and replaces `events` with what was found:
  /// nothing in the latter case. Corresponds to `epoll_wait(2)` and `ppoll(2)`.
  ///
  /// - Parameters:
  ///   - events: What was found. Its storage is used again, so that a loop that keeps it allocates nothing.
  ///   - maximum: The most events to fetch at once, from 1; others come with the next wait.
  ///   - deadline: When to give up.
  ///   - retryOnInterrupt: Whether to go on after a signal.
  /// - Throws: `SocketError` with EINTR unless `retryOnInterrupt`, or ENOMEM.
  public mutating func wait(
    into events: inout [Event], maximum: Int = 256, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    events.removeAll(keepingCapacity: true)
    while true {
      let found =
        if let epoll {
          epoll.wait(into: &events, maximum, deadline)
        } else {
          poll.wait(into: &events, maximum, deadline)
        }
      // poll may have found only what is gone since, and a clock may be a little fast: nothing before the deadline is
      // not yet the end of the wait.
      if found > 0 || found == 0 && (!events.isEmpty || deadline.hasPassed) { return }
      if found < 0 { try SocketError.retryable(.wait, -found, retryOnInterrupt) }
    }
  }

  /// Waits once, however long a signal lets it, and says how many sockets were found ready, or -errno: 256 at most.
  /// ``event(at:)`` tells which, without their being copied.
  package mutating func waitInPlace(until deadline: Deadline) -> Int {
    if let inPlace { return Int(inPlace.wait(256, deadline)) }
    found.removeAll(keepingCapacity: true)
    let result = poll.wait(into: &found, 256, deadline)
    return result < 0 ? Int(result) : found.count
  }

  /// One of the sockets that the last ``waitInPlace(until:)`` has found ready.
  @inlinable @inline(__always)
  package func event(at index: Int) -> Event {
    if let inPlace { inPlace.event(at: index) } else { found[index] }
  }
}
