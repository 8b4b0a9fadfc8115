internal import CSockets

/// A set of sockets for ``select(reading:writing:exceptional:until:retryOnInterrupt:)``: numbers below 1024 and no
/// others.
///
/// It is here because every book begins with it. ``Poller`` has no such limit and does not have to be filled anew.
public struct SocketSet: Sendable {
  fileprivate var set = cs_descriptor_set.empty()
  /// One more than the largest number that was ever inserted.
  fileprivate var bound: Int32 = 0

  /// How many descriptors a set holds: numbers from 0 to below this. FD_SETSIZE, 1024.
  public static var capacity: Int { Int(CS_DESCRIPTOR_SET_SIZE) }

  /// An empty set. Corresponds to FD_ZERO of `select(2)`.
  public init() {}

  /// Adds a socket. Corresponds to FD_SET, which writes past the set's end where this throws.
  ///
  /// - Throws: `SocketError` with ``SocketError/Reason/beyondSocketSet`` for a descriptor of ``capacity`` or above.
  public mutating func insert(_ socket: borrowing Socket) throws(SocketError) {
    // The set is this value's own, and nobody else has a pointer to it.
    guard unsafe cs_descriptor_set_insert(&set, socket.descriptor) == 0 else {
      throw SocketError(.wait, .beyondSocketSet)
    }
    bound = max(bound, socket.descriptor + 1)
  }

  /// Takes a socket out. Corresponds to FD_CLR.
  public mutating func remove(_ socket: borrowing Socket) {
    // As above.
    unsafe cs_descriptor_set_remove(&set, socket.descriptor)
  }

  /// Whether a socket is in the set. Corresponds to FD_ISSET.
  public func contains(_ socket: borrowing Socket) -> Bool {
    var set = set
    // A copy of this value's own.
    return unsafe cs_descriptor_set_contains(&set, socket.descriptor) != 0
  }
}

/// Waits until a socket of any of the sets is ready or the deadline passes, leaves those in the sets that are ready,
/// and says how many those are; 0 when the deadline passed. Corresponds to `pselect(2)`.
///
/// - Throws: `SocketError` with EBADF (a socket in a set has been closed), and EINTR unless `retryOnInterrupt`; the
///   sets are then as they were.
public func select(
  reading: inout SocketSet, writing: inout SocketSet, exceptional: inout SocketSet,
  until deadline: Deadline = .never, retryOnInterrupt: Bool = true
) throws(SocketError) -> Int {
  let bound = max(reading.bound, writing.bound, exceptional.bound)
  while true {
    var sets = (reading.set, writing.set, exceptional.set)
    // Three sets of this call's own, each of its full size.
    let found = unsafe cs_select(bound, &sets.0, &sets.1, &sets.2, deadline.nanosecondsLeft)
    if found >= 0 {
      (reading.set, writing.set, exceptional.set) = sets
      return Int(found)
    }
    try SocketError.retryable(.wait, -found, retryOnInterrupt)
  }
}

/// Waits for sockets to become readable; otherwise as ``select(reading:writing:exceptional:until:retryOnInterrupt:)``.
public func select(
  reading: inout SocketSet, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
) throws(SocketError) -> Int {
  var writing = SocketSet()
  var exceptional = SocketSet()
  return try select(
    reading: &reading, writing: &writing, exceptional: &exceptional, until: deadline, retryOnInterrupt: retryOnInterrupt
  )
}
