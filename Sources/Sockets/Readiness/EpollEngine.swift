internal import CSockets

/// epoll: the kernel keeps the sockets and their tokens.
final class EpollEngine: Sendable {
  private let descriptor: Int32
  /// How many events are fetched by one system call.
  private static let batch = 256

  init() throws(SocketError) {
    descriptor = try SocketError.check(.poller, cs_epoll_create())
  }

  deinit {
    _ = cs_close(descriptor)
  }

  func add(_ fd: Int32, _ interest: Interest, _ token: UInt64, _ trigger: Poller.Trigger) throws(SocketError) {
    try control(CS_EPOLL_ADD, fd, interest, token, trigger)
  }

  func modify(_ fd: Int32, _ interest: Interest, _ token: UInt64, _ trigger: Poller.Trigger) throws(SocketError) {
    try control(CS_EPOLL_MODIFY, fd, interest, token, trigger)
  }

  func remove(_ fd: Int32) throws(SocketError) {
    try control(CS_EPOLL_REMOVE, fd, [], 0, .level)
  }

  private func control<Number: BinaryInteger>(
    _ operation: Number, _ fd: Int32, _ interest: Interest, _ token: UInt64, _ trigger: Poller.Trigger
  ) throws(SocketError) {
    let events = interest.rawValue | (trigger == .edge ? CS_EPOLLET : 0)
    try SocketError.check(.poller, cs_epoll_control(descriptor, Int32(operation), fd, events, token))
  }

  /// Appends what is found; returns how much, or -errno.
  func wait(into events: inout [Poller.Event], _ maximum: Int, _ deadline: Deadline) -> Int32 {
    let capacity = min(max(maximum, 1), Self.batch)
    // Temporary memory for as long as the closure runs; the kernel initialises as many events as it says.
    return unsafe withUnsafeTemporaryAllocation(of: cs_epoll_event.self, capacity: capacity) { buffer in
      let found = unsafe cs_epoll_wait(descriptor, buffer.baseAddress!, Int32(capacity), deadline.nanosecondsLeft)
      for index in 0..<max(Int(found), 0) {
        let readiness = unsafe Readiness(rawValue: buffer[index].events)
        let token = unsafe cs_epoll_token(&buffer[index])
        events.append(Poller.Event(token: token, readiness: readiness))
      }
      return found
    }
  }
}
