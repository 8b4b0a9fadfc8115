internal import CSockets

/// epoll: the kernel keeps the sockets and their tokens.
final class EpollEngine: Sendable {
  private let descriptor: Int32

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

  /// Appends what is found, 256 events at most; returns how much, or -errno.
  func wait(into events: inout [Poller.Event], _ maximum: Int, _ deadline: Deadline) -> Int32 {
    // On the stack: as much temporary memory as this would be allocated anew by each wait. All zeros are an event.
    var storage = unsafe [256 of cs_epoll_event](repeating: cs_epoll_event())
    var span = unsafe storage.mutableSpan
    // The kernel stores no more events than there is room for, and says how many.
    return unsafe span.withUnsafeMutableBufferPointer { buffer in
      let capacity = Int32(min(max(maximum, 1), buffer.count))
      let found = unsafe cs_epoll_wait(descriptor, buffer.baseAddress!, capacity, deadline.nanosecondsLeft)
      for index in 0..<max(Int(found), 0) {
        let readiness = unsafe Readiness(rawValue: buffer[index].events)
        let token = unsafe cs_epoll_token(&buffer[index])
        events.append(Poller.Event(token: token, readiness: readiness))
      }
      return found
    }
  }
}
