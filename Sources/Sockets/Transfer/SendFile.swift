internal import CSockets

extension Socket {
  /// Sends a file's bytes without bringing them into the process, and says how many that were. Corresponds to
  /// `sendfile(2)`; no SIGPIPE is raised. Only on Linux.
  ///
  /// - Parameters:
  ///   - file: The descriptor of a file that is open for reading; its own position stays where it is.
  ///   - offset: The first byte to send, from 0.
  ///   - count: How many bytes to send; nil for all that are behind the offset. Where the file ends before, that is the
  ///     end.
  ///   - deadline: When to give up. A blocking descriptor is made non-blocking for as long as the call takes: where
  ///     another thread uses a duplicate of it meanwhile, ``Socket/setNonBlocking(_:)`` first, for good.
  ///   - retryOnInterrupt: Whether to go on after a signal.
  /// - Throws: `SocketError` as ``send(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``, with the number of bytes
  ///   that went before in ``SocketError/bytesTransferred``, and with EBADF (not open), ESPIPE or EINVAL (not a file),
  ///   EINVAL (an offset below 0), ENOSYS (not on this system).
  @discardableResult
  public borrowing func sendFile(
    _ file: Int32, from offset: Int64 = 0, count: Int? = nil, until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    var done = 0
    do throws(SocketError) {
      try withNonBlocking(deadline != .never ? true : nil) { () throws(SocketError) in
        // The kernel takes less than 2 GiB at once.
        while done < count ?? .max {
          let sent = cs_sendfile(descriptor, file, offset + Int64(done), min((count ?? .max) - done, 1 << 30))
          if sent == 0 { return }
          if sent > 0 {
            done += sent
          } else {
            try recover(from: sent, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
          }
        }
      }
    } catch {
      throw error.after(bytes: done)
    }
    return done
  }
}
