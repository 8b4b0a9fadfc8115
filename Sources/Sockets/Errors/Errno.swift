public import CSockets

/// The number that a failed system call leaves behind.
///
/// The values are constants, not the cases of an enumeration: a kernel may return a number that is not named here, and
/// comparing with a constant still works. See `errno(3)`.
@frozen public struct Errno: RawRepresentable, Hashable, Sendable {
  /// The number, as the system defines it.
  public let rawValue: Int32

  /// An errno of this number.
  @inlinable public init(rawValue: Int32) {
    self.rawValue = rawValue
  }
}

/// The values that users of sockets handle, sorted by the system's name.
extension Errno {
  /// EACCES: permission denied.
  public static var accessDenied: Errno { Errno(rawValue: EACCES) }
  /// EADDRINUSE: the address is already in use.
  public static var addressInUse: Errno { Errno(rawValue: EADDRINUSE) }
  /// EADDRNOTAVAIL: no interface has the address, or every ephemeral port is in use.
  public static var addressNotAvailable: Errno { Errno(rawValue: EADDRNOTAVAIL) }
  /// EAFNOSUPPORT: the address family is not supported.
  public static var addressFamilyNotSupported: Errno { Errno(rawValue: EAFNOSUPPORT) }
  /// EAGAIN, the same number as EWOULDBLOCK: the call would have to wait.
  @inlinable public static var wouldBlock: Errno { Errno(rawValue: EAGAIN) }
  /// EALREADY: a connect is under way on this socket.
  public static var alreadyConnecting: Errno { Errno(rawValue: EALREADY) }
  /// EBADF: not an open descriptor.
  public static var badDescriptor: Errno { Errno(rawValue: EBADF) }
  /// ECONNABORTED: the connection ended before it was accepted.
  public static var connectionAborted: Errno { Errno(rawValue: ECONNABORTED) }
  /// ECONNREFUSED: nobody listens there.
  public static var connectionRefused: Errno { Errno(rawValue: ECONNREFUSED) }
  /// ECONNRESET: the peer ended the connection with bytes still under way.
  public static var connectionReset: Errno { Errno(rawValue: ECONNRESET) }
  /// EDESTADDRREQ: the socket has no peer, and the call named none.
  public static var destinationRequired: Errno { Errno(rawValue: EDESTADDRREQ) }
  /// EEXIST: it exists already.
  public static var exists: Errno { Errno(rawValue: EEXIST) }
  /// EHOSTUNREACH: no route to the host.
  public static var hostUnreachable: Errno { Errno(rawValue: EHOSTUNREACH) }
  /// EINPROGRESS: the connect goes on without the caller.
  public static var inProgress: Errno { Errno(rawValue: EINPROGRESS) }
  /// EINTR: a signal interrupted the call.
  @inlinable public static var interrupted: Errno { Errno(rawValue: EINTR) }
  /// EINVAL: an argument is out of range, or the socket is in the wrong state.
  public static var invalidArgument: Errno { Errno(rawValue: EINVAL) }
  /// EIO: input or output failed.
  public static var ioError: Errno { Errno(rawValue: EIO) }
  /// EISCONN: the socket is connected already.
  public static var isConnected: Errno { Errno(rawValue: EISCONN) }
  /// EMFILE: the process has as many descriptors open as it may.
  public static var tooManyOpenFiles: Errno { Errno(rawValue: EMFILE) }
  /// EMSGSIZE: the message is larger than the transport carries.
  public static var messageTooLong: Errno { Errno(rawValue: EMSGSIZE) }
  /// ENETDOWN: the network is down.
  public static var networkDown: Errno { Errno(rawValue: ENETDOWN) }
  /// ENETUNREACH: no route to the network.
  public static var networkUnreachable: Errno { Errno(rawValue: ENETUNREACH) }
  /// ENFILE: the system has as many files open as it may.
  public static var tooManyOpenFilesInSystem: Errno { Errno(rawValue: ENFILE) }
  /// ENOBUFS: the kernel has no memory for buffers.
  public static var noBufferSpace: Errno { Errno(rawValue: ENOBUFS) }
  /// ENOENT: no such file or directory.
  public static var noSuchFile: Errno { Errno(rawValue: ENOENT) }
  /// ENOMEM: out of memory.
  public static var noMemory: Errno { Errno(rawValue: ENOMEM) }
  /// ENOPROTOOPT: the protocol has no such option.
  public static var noSuchOption: Errno { Errno(rawValue: ENOPROTOOPT) }
  /// ENOSYS: the system has no such call.
  public static var noSuchCall: Errno { Errno(rawValue: ENOSYS) }
  /// ENOTCONN: the socket is not connected.
  public static var notConnected: Errno { Errno(rawValue: ENOTCONN) }
  /// ENOTSOCK: the descriptor is not a socket.
  public static var notSocket: Errno { Errno(rawValue: ENOTSOCK) }
  /// EOPNOTSUPP: this kind of socket cannot do that.
  public static var notSupported: Errno { Errno(rawValue: EOPNOTSUPP) }
  /// EPERM: not permitted.
  public static var notPermitted: Errno { Errno(rawValue: EPERM) }
  /// EPIPE: this direction was shut down, or the peer is gone.
  public static var brokenPipe: Errno { Errno(rawValue: EPIPE) }
  /// EPROTO: a protocol error.
  public static var protocolError: Errno { Errno(rawValue: EPROTO) }
  /// EPROTONOSUPPORT: the protocol is not supported.
  public static var protocolNotSupported: Errno { Errno(rawValue: EPROTONOSUPPORT) }
  /// EPROTOTYPE: the socket at that name has another type.
  public static var wrongSocketType: Errno { Errno(rawValue: EPROTOTYPE) }
  /// ETIMEDOUT: the peer did not answer; the kernel's own limit, where ``SocketError/Reason/timedOut`` is a
  /// ``Deadline``.
  public static var connectionTimedOut: Errno { Errno(rawValue: ETIMEDOUT) }
}

extension Errno: CustomStringConvertible {
  /// The system's name, such as "ECONNREFUSED", or "errno 4242" for a number without a name.
  public var name: String {
    // A string constant of the C module: it has a NUL and lives as long as the process.
    guard let name = unsafe cs_errno_name(rawValue) else { return "errno \(rawValue)" }
    return unsafe String(cString: name)
  }

  /// What it means, and its name: "connection refused (ECONNREFUSED)".
  public var description: String {
    "\(meaning) (\(name))"
  }

  /// The system's words for it, begun in lower case so that they read on within a sentence. See `strerror(3)`.
  var meaning: String {
    let text = [UInt8](capacity: 256) { output in
      // The callee writes no more than the capacity it is given, and says how many bytes it wrote.
      unsafe output.withUnsafeMutableBufferPointer { buffer, count in
        count = unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
          // The span was made with a capacity above zero, so it has a base address.
          unsafe cs_errno_text(rawValue, characters.baseAddress!, characters.count)
        }
      }
    }
    let meaning = String(decoding: text, as: UTF8.self)
    // "RPC struct is bad" keeps its capitals; "Connection refused" does not.
    guard let first = meaning.first, meaning.dropFirst().first?.isLowercase == true else { return meaning }
    return first.lowercased() + meaning.dropFirst()
  }
}
