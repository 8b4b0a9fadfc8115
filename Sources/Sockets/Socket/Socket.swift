public import CSockets

/// The one owner of a socket's descriptor.
///
/// It cannot be copied, so there is always exactly one place that closes the descriptor: ``close()``, or the end of the
/// value's life. To use a socket after closing it, or to close it twice, does not compile.
///
/// Every call that can wait takes a ``Deadline`` and waits until then, whatever the blocking mode of the descriptor
/// (``accept(until:retryOnInterrupt:)`` names the one exception): without one it waits for as long as it takes, with
/// ``Deadline/now`` it tries once and throws EAGAIN. Calls repeat after a signal (EINTR) unless `retryOnInterrupt` is
/// false.
///
/// One socket can be used from several threads at once as far as the kernel allows it, for instance by a thread that
/// sends and another that receives; each needs a way to reach it, which ``duplicate()`` gives.
@frozen public struct Socket: ~Copyable, Sendable {
  /// The descriptor's number, to pass to C. It stays this socket's own: do not close it, and do not keep it for longer
  /// than the socket lives.
  public let descriptor: Int32

  @inlinable package init(owning descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Closes the descriptor; an error that the system reports then is lost. ``close()`` throws it.
  @inlinable deinit {
    _ = cs_close(descriptor)
  }
}

/// Making sockets and parting with them.
extension Socket {
  /// Makes a socket, close-on-exec. Corresponds to `socket(2)`.
  ///
  /// An IPv6 socket takes IPv6 only, on every system and whatever its settings, unless `dualStack` is true
  /// (IPV6_V6ONLY). No other option is set.
  ///
  /// - Throws: `SocketError` with EAFNOSUPPORT or EPROTONOSUPPORT (this system has no such sockets), EMFILE or ENFILE
  ///   (no descriptor is free), EACCES or EPERM (not without a privilege).
  public init(
    _ family: AddressFamily, _ type: SocketType, _ protocol: SocketProtocol = .automatic, dualStack: Bool = false
  ) throws(SocketError) {
    let descriptor = cs_socket(family.rawValue, type.rawValue, `protocol`.rawValue)
    // Owned from its first moment, so that it is closed if the option cannot be set.
    let socket = Socket(owning: try SocketError.check(.create, descriptor))
    // A raw socket has a protocol's number where others have a port, and takes the option no more.
    if family == .ipv6, type != .raw { try socket.set(.v6Only, !dualStack) }
    self.init(owning: socket.release())
  }

  /// Makes a socket that can be bound or connected to an address. It takes both versions of IP only where the address
  /// is an IPv6 one that stands for an IPv4 one, which nothing else reaches.
  ///
  /// - Throws: `SocketError` as the initialiser that takes a family.
  public init(for address: SocketAddress, _ type: SocketType) throws(SocketError) {
    let isMapped = if case .ipv6(let host, _, _, _) = address { host.isIPv4Mapped } else { false }
    try self.init(address.family, type, dualStack: isMapped)
  }

  /// Takes over a descriptor that came from elsewhere, checks that it is a socket, and makes it close-on-exec. Its
  /// blocking mode stays as it is.
  ///
  /// - Throws: `SocketError` with EBADF (not open) or ENOTSOCK (not a socket); the descriptor is then still the
  ///   caller's own, and open.
  public init(adopting descriptor: Int32) throws(SocketError) {
    try SocketError.check(.adopt, cs_get_int(descriptor, SOL_SOCKET, SO_TYPE).result)
    try SocketError.check(.adopt, cs_set_close_on_exec(descriptor))
    self.init(owning: descriptor)
  }

  /// Two Unix sockets that are connected with each other. Corresponds to `socketpair(2)`.
  ///
  /// - Throws: `SocketError` with EMFILE or ENFILE (no descriptor is free).
  public static func pair(_ type: SocketType = .stream) throws(SocketError) -> SocketPair {
    let pair = cs_socketpair(type.rawValue)
    try SocketError.check(.pair, pair.result)
    return SocketPair(first: Socket(owning: pair.first), second: Socket(owning: pair.second))
  }

  /// A second descriptor for the same socket, close-on-exec: a way to use it from two threads, each owning one.
  ///
  /// What belongs to the socket is shared: its options, its blocking mode (O_NONBLOCK), what is received and sent. It
  /// stays open until both are closed; ``shutdown(_:)`` ends it for both. Corresponds to `fcntl(2)` with
  /// F_DUPFD_CLOEXEC.
  ///
  /// - Throws: `SocketError` with EMFILE (no descriptor is free).
  public borrowing func duplicate() throws(SocketError) -> Socket {
    Socket(owning: try SocketError.check(.duplicate, cs_duplicate(descriptor)))
  }

  /// Lends a socket whose descriptor somebody else owns, for as long as the function runs.
  @inlinable @inline(__always)
  package static func lending<R: ~Copyable, E>(
    _ descriptor: Int32, _ body: (borrowing Socket) throws(E) -> R
  ) throws(E) -> R {
    let socket = Socket(owning: descriptor)
    do throws(E) {
      let value = try body(socket)
      _ = socket.release()
      return value
    } catch {
      _ = socket.release()
      throw error
    }
  }

  /// Gives the descriptor up, open: the caller closes it from here on.
  @inlinable public consuming func release() -> Int32 {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  /// Closes the descriptor and reports what only closing reveals. It is closed whether this throws or not, and is never
  /// closed again after EINTR. Corresponds to `close(2)`.
  ///
  /// - Throws: `SocketError` with EIO, or with EINTR (a signal came while lingering).
  public consuming func close() throws(SocketError) {
    let descriptor = descriptor
    discard self
    try SocketError.check(.close, cs_close(descriptor))
  }
}

/// Two sockets that are connected with each other.
@frozen public struct SocketPair: ~Copyable, Sendable {
  /// One end.
  public let first: Socket
  /// The other end.
  public let second: Socket
}

/// The blocking mode.
extension Socket {
  /// Reports whether O_NONBLOCK is set. Corresponds to `fcntl(2)` with F_GETFL.
  ///
  /// The calls of this type wait as their deadlines say in either mode. The mode matters to C code that uses the same
  /// descriptor, and to ``accept(until:retryOnInterrupt:)``, which on a blocking descriptor can wait past its deadline.
  ///
  /// - Throws: `SocketError` with EBADF.
  public var isNonBlocking: Bool {
    get throws(SocketError) {
      try SocketError.check(.blockingMode, cs_get_nonblocking(descriptor)) == 1
    }
  }

  /// Sets or clears O_NONBLOCK, which every duplicate of the descriptor shares, in other processes too. Corresponds to
  /// `fcntl(2)` with F_SETFL.
  ///
  /// - Throws: `SocketError` with EBADF.
  public borrowing func setNonBlocking(_ on: Bool) throws(SocketError) {
    try SocketError.check(.blockingMode, cs_set_nonblocking(descriptor, on ? 1 : 0))
  }

  /// Calls a function with the blocking mode set or cleared, and restores it; nil leaves it as it is. For system calls
  /// that have no flag for one call.
  borrowing func withNonBlocking(
    _ wanted: Bool?, _ body: () throws(SocketError) -> Void
  ) throws(SocketError) {
    guard let wanted, try isNonBlocking != wanted else { return try body() }
    try setNonBlocking(wanted)
    let outcome = Result(catching: body)
    try setNonBlocking(!wanted)
    try outcome.get()
  }
}
