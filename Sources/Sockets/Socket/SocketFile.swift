internal import CSockets

/// The file that a Unix socket's path names, removed at the end of this value's life.
///
/// The kernel makes the file when a socket is bound and leaves it behind when the socket is closed, and then nobody can
/// bind to the path again. The owner of this value removes that file, and only that: a file that has taken its place is
/// somebody else's. Let it end before the socket is closed: until then nobody takes the socket for a dead one.
public struct SocketFile: ~Copyable, Sendable {
  /// The path.
  public let address: UnixAddress
  private let file: cs_file_identity

  /// Binds a socket to a path and looks after the file from then on.
  ///
  /// - Parameters:
  ///   - socket: A Unix socket that has no name yet.
  ///   - address: A path.
  ///   - replacingStale: Whether to remove a socket's file that is in the way and that nobody listens on any more. The
  ///     file of a socket that listens, or that receives datagrams, is never removed, nor a file of another kind. (A
  ///     stream socket that is bound and does not listen yet cannot be told from a dead one.)
  /// - Throws: `SocketError` with the address, as ``Socket/bind(to:)``, and with EINVAL where the address is no path.
  public init(
    binding socket: borrowing Socket, to address: UnixAddress, replacingStale: Bool = false
  ) throws(SocketError) {
    guard address.kind == .path else { throw SocketError(.bind, .errno(.invalidArgument)).done(to: .unix(address)) }
    do {
      try socket.bind(to: .unix(address))
    } catch  where replacingStale && error.errno == .addressInUse {
      let found = unsafe address.withPath { unsafe cs_file_at($0) }
      guard found.result == 0, found.is_socket != 0, Self.isDead(address) else { throw error }
      // Only what was looked at is removed. (Between the two a new server could still take the path over: it would find
      // its own file gone, as after any `rm`.)
      Self.remove(address, found)
      try socket.bind(to: .unix(address))
    }
    let file = unsafe address.withPath { unsafe cs_file_at($0) }
    guard file.result == 0 else {
      throw SocketError(.bind, .errno(Errno(rawValue: -file.result))).done(to: .unix(address))
    }
    self.address = address
    self.file = file
  }

  deinit {
    Self.remove(address, file)
  }

  /// Whether a connect to the path is refused, as it is when the socket that made the file is gone. A live one takes
  /// the connection, is of another type, or has a full backlog.
  private static func isDead(_ address: UnixAddress) -> Bool {
    do {
      let probe = try Socket(.unix, .stream)
      try probe.setNonBlocking(true)
      try probe.connect(to: .unix(address), until: .now)
      return false
    } catch {
      return error.errno == .connectionRefused
    }
  }

  /// Removes the file at a path if it is this one.
  private static func remove(_ address: UnixAddress, _ file: cs_file_identity) {
    unsafe address.withPath { path in
      let found = unsafe cs_file_at(path)
      guard found.result == 0, found.is_socket != 0, found.device == file.device, found.inode == file.inode,
        found.born == file.born
      else { return }
      // Nothing can be done about a failure here, and whoever binds next is told that the file is in the way.
      _ = unsafe cs_remove_file(path)
    }
  }
}

extension UnixAddress {
  /// Calls a function with the path as C wants it, a NUL at its end.
  fileprivate func withPath<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    let path = [109 of CChar] { $0 < storage.count ? CChar(bitPattern: storage[$0]) : 0 }
    // One byte longer than the longest path, so that there is a NUL, and never empty, so that there is a base address.
    return unsafe path.span.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
  }
}
