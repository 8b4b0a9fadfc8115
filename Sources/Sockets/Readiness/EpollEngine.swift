public import CSockets

/// epoll: the kernel keeps the sockets and their tokens.
///
/// It is safe: its pointer is to memory of its own, which it frees at the end of its life, and which only a wait uses.
@safe @usableFromInline final class EpollEngine {
  let room: Room

  /// The instance, and room for what one wait finds, so that none has to make it.
  @safe @usableFromInline struct Room: @unchecked Sendable {
    @usableFromInline let descriptor: Int32
    // It belongs to one poller, which changes while it waits.
    @usableFromInline let found: UnsafeMutableBufferPointer<cs_epoll_event>
  }

  init() throws(SocketError) {
    room = unsafe Room(
      descriptor: try SocketError.check(.poller, cs_epoll_create()), found: .allocate(capacity: 256))
  }

  deinit {
    _ = cs_close(room.descriptor)
    // Allocated by init, and of a type that needs nothing done.
    unsafe room.found.deallocate()
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
    try SocketError.check(.poller, cs_epoll_control(room.descriptor, Int32(operation), fd, events, token))
  }

  /// Appends what is found, 256 events at most; returns how much, or -errno.
  func wait(into events: inout [Poller.Event], _ maximum: Int, _ deadline: Deadline) -> Int32 {
    let count = room.wait(maximum, deadline)
    for index in 0..<max(Int(count), 0) { events.append(room.event(at: index)) }
    return count
  }
}

extension EpollEngine.Room {
  /// Finds 256 events at most; returns how many, or -errno.
  @inline(__always)
  func wait(_ maximum: Int, _ deadline: Deadline) -> Int32 {
    // The kernel stores no more events than there is room for, and says how many. The room is never without an address.
    let capacity = unsafe Int32(min(max(maximum, 1), found.count))
    return unsafe cs_epoll_wait(descriptor, found.baseAddress!, capacity, deadline.nanosecondsLeft)
  }

  /// One of those that the last wait has found.
  @inlinable @inline(__always)
  func event(at index: Int) -> Poller.Event {
    // As many as were stored.
    let event = unsafe found.baseAddress! + index
    return unsafe Poller.Event(
      token: cs_epoll_token(event), readiness: Readiness(rawValue: event.pointee.events))
  }
}

extension EpollEngine: Sendable {}
