internal import CSockets

/// poll: the sockets and their tokens are kept here, side by side in the order that the kernel is given.
struct PollEngine: Sendable {
  /// What the kernel is given. A negative descriptor is one that it passes over.
  private var polled: [pollfd] = []
  private var registrations: [Registration] = []
  /// Where a descriptor stands in both.
  private var indices: [Int32: Int] = [:]
  /// Where the last wait stopped reporting, so that a socket at the end gets its turn when many are ready.
  private var next = 0

  private struct Registration {
    let descriptor: Int32
    var interest: Interest
    var token: UInt64
    var trigger: Poller.Trigger
    /// Whether the last report was of an error and nothing else.
    var showsError = false
  }

  mutating func add(
    _ fd: Int32, _ interest: Interest, _ token: UInt64, _ trigger: Poller.Trigger
  ) throws(SocketError) {
    guard indices[fd] == nil else { throw SocketError(.poller, .errno(.exists)) }
    indices[fd] = polled.count
    polled.append(pollfd(fd: fd, events: Int16(truncatingIfNeeded: interest.rawValue), revents: 0))
    registrations.append(Registration(descriptor: fd, interest: interest, token: token, trigger: trigger))
  }

  mutating func modify(
    _ fd: Int32, _ interest: Interest, _ token: UInt64, _ trigger: Poller.Trigger
  ) throws(SocketError) {
    guard let index = indices[fd] else { throw SocketError(.poller, .errno(.noSuchFile)) }
    registrations[index] = Registration(descriptor: fd, interest: interest, token: token, trigger: trigger)
    arm(index, for: interest)
  }

  mutating func rearm(_ fd: Int32, _ interest: Interest) {
    guard let index = indices[fd] else { return }
    let armed = Interest(rawValue: UInt32(UInt16(bitPattern: polled[index].events)))
    arm(index, for: armed.union(interest.intersection(registrations[index].interest)))
  }

  mutating func remove(_ fd: Int32) throws(SocketError) {
    guard let index = indices[fd] else { throw SocketError(.poller, .errno(.noSuchFile)) }
    remove(at: index)
  }

  private mutating func remove(at index: Int) {
    indices[registrations[index].descriptor] = nil
    let last = polled.count - 1
    if index != last {
      polled.swapAt(index, last)
      registrations.swapAt(index, last)
      indices[registrations[index].descriptor] = index
    }
    polled.removeLast()
    registrations.removeLast()
  }

  private mutating func arm(_ index: Int, for interest: Interest) {
    polled[index].fd = registrations[index].descriptor
    polled[index].events = Int16(truncatingIfNeeded: interest.rawValue)
  }

  /// Appends what is found; returns how much, or -errno.
  mutating func wait(into events: inout [Poller.Event], _ maximum: Int, _ deadline: Deadline) -> Int32 {
    // The array is not touched by anyone else while the kernel fills in what it found.
    let found = unsafe polled.withUnsafeMutableBufferPointer {
      unsafe cs_poll($0.baseAddress, $0.count, deadline.nanosecondsLeft)
    }
    guard found > 0 else { return found }
    var closed: [Int] = []
    var hasNews = false
    let count = polled.count
    let start = next < count ? next : 0
    for offset in 0..<count where events.count < max(maximum, 1) {
      let index = (start + offset) % count
      next = index + 1
      let readiness = Readiness(rawValue: UInt32(UInt16(bitPattern: polled[index].revents)))
      guard !readiness.isEmpty else { continue }
      // Closed without being removed: epoll forgets such a descriptor without a word, and so do we.
      guard readiness.rawValue & CS_POLLNVAL == 0 else {
        closed.append(index)
        continue
      }
      events.append(Poller.Event(token: registrations[index].token, readiness: readiness))
      let isError = readiness == .error && registrations[index].trigger == .edge
      if !isError || !registrations[index].showsError { hasNews = true }
      registrations[index].showsError = isError
      if registrations[index].trigger == .edge { disarm(index, after: readiness) }
    }
    for index in closed.sorted(by: >) { remove(at: index) }
    // An error in the queue of errors shows until somebody reads it, where the edge would be told once.
    if !hasNews && !events.isEmpty { deadline.pause() }
    return Int32(events.count)
  }

  /// Stops asking for what was just reported. HUP and ERR are reported whether asked for or not, so a socket that has
  /// one of them is passed over altogether until it is asked for again.
  private mutating func disarm(_ index: Int, after readiness: Readiness) {
    var left = UInt32(UInt16(bitPattern: polled[index].events))
    if readiness.canReceive { left &= ~(Interest.read.rawValue) }
    if readiness.canSend { left &= ~(Interest.write.rawValue) }
    left &= ~readiness.rawValue
    polled[index].events = Int16(truncatingIfNeeded: left)
    if left == 0 || !readiness.isDisjoint(with: [.hangUp, .error]) { polled[index].fd = -1 }
  }
}
