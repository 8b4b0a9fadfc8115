internal import CSockets

/// A pipe through which bytes go from one socket to another without being brought into the process: what a proxy is
/// made of. Only on Linux.
///
/// ```swift
/// var pipe = try SplicePipe()
/// while try client.receive(into: &pipe) > 0 { try server.sendAll(from: &pipe) }
/// ```
public struct SplicePipe: ~Copyable, Sendable {
  fileprivate let reader: Descriptor
  fileprivate let writer: Descriptor
  /// How many bytes are in it.
  public fileprivate(set) var count = 0

  /// An empty pipe.
  ///
  /// - Parameter capacity: How many bytes it holds; the system rounds it. More than it allows (`fs.pipe-max-size`) is a
  ///   wish: the pipe then has the system's own size, 64 KiB.
  /// - Throws: `SocketError` with EMFILE or ENFILE (no descriptors are free), ENOSYS (not on this system).
  public init(capacity: Int = 65_536) throws(SocketError) {
    let pipe = cs_pipe(min(max(capacity, 0), Int(Int32.max)))
    try SocketError.check(.create, pipe.result)
    reader = Descriptor(adopting: pipe.first)
    writer = Descriptor(adopting: pipe.second)
  }
}

extension Socket {
  /// Moves what there is, at least one byte, into an empty pipe, and says how many bytes; 0 at the end of the stream.
  /// Corresponds to `splice(2)`. It is for streams: the ends of datagrams are lost.
  ///
  /// With a deadline a blocking descriptor is made non-blocking for as long as the call takes: where another thread
  /// uses a duplicate of it meanwhile, ``setNonBlocking(_:)`` first, for good. So it is for
  /// ``sendAll(from:until:retryOnInterrupt:)``.
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:retryOnInterrupt:)-(MutableSpan<UInt8>,_,_,_)``, and with
  ///   EINVAL (a kind of socket that cannot) or ENOBUFS (there is something in the pipe: how much more it takes is not
  ///   known).
  public borrowing func receive(
    into pipe: inout SplicePipe, upTo count: Int = .max, until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    guard pipe.count == 0 else { throw SocketError(.receive, .errno(.noBufferSpace)) }
    guard count > 0 else { return 0 }
    let writer = pipe.writer.rawValue
    var moved = 0
    try withNonBlocking(deadline != .never ? true : nil) { () throws(SocketError) in
      while true {
        moved = cs_splice(descriptor, writer, min(count, 1 << 30))
        if moved >= 0 { return }
        try recover(from: moved, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
      }
    }
    pipe.count = moved
    return moved
  }

  /// Sends all that is in a pipe. Corresponds to `splice(2)`; no SIGPIPE is raised.
  ///
  /// - Throws: `SocketError` as ``sendAll(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``; what was not sent is
  ///   still in the pipe.
  public borrowing func sendAll(
    from pipe: inout SplicePipe, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    let (reader, total) = (pipe.reader.rawValue, pipe.count)
    var left = total
    do throws(SocketError) {
      try withNonBlocking(deadline != .never ? true : nil) { () throws(SocketError) in
        while left > 0 {
          let moved = cs_splice(reader, descriptor, left)
          if moved > 0 {
            left -= moved
          } else {
            try recover(from: moved, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
          }
        }
      }
    } catch {
      pipe.count = left
      throw error.after(bytes: total - left)
    }
    pipe.count = left
  }
}
