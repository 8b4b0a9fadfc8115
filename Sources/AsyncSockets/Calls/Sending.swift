public import Sockets

/// Sending. No call here raises SIGPIPE.
extension Connection {
  /// Sends some of the bytes, as many as the kernel takes at once, and says how many. Corresponds to `send(2)`.
  ///
  /// - Throws: `SocketError` as `Socket.send`, and as every call of this type.
  public func send(
    _ bytes: Span<UInt8>, flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    try await registration.call(.write, .send, until: deadline) { socket throws(SocketError) in
      try socket.send(bytes, flags: flags, until: .now)
    }
  }

  /// Sends as many of the bytes as the kernel takes at once, which may be none, and says how many. It never waits, and
  /// needs no `await`.
  ///
  /// - Throws: `SocketError` as ``send(_:flags:until:)``, but for EAGAIN.
  public func sendNow(_ bytes: Span<UInt8>, flags: SendFlags = []) throws(SocketError) -> Int {
    try registration.callNow(.write, .send) { socket throws(SocketError) in
      bytes.isEmpty ? 0 : try socket.send(bytes, flags: flags, until: .now)
    } ?? 0
  }

  /// Sends as many of the bytes as the kernel takes at once, and returns a copy of the others: what is lent can be given
  /// back, and the rest be sent when there is room for it.
  ///
  /// ```swift
  /// let rest = try await connection.receive { bytes throws(SocketError) in
  ///   try connection.sendNow(copyingRestOf: bytes)
  /// }
  /// try await connection.sendAll(rest)
  /// ```
  ///
  /// - Throws: `SocketError` as ``sendNow(_:flags:)``.
  public func sendNow(copyingRestOf bytes: Span<UInt8>) throws(SocketError) -> [UInt8] {
    let sent = try sendNow(bytes)
    return sent < bytes.count ? [UInt8](copying: bytes.extracting(droppingFirst: sent)) : []
  }

  /// Sends all of the bytes, in as many calls as it takes.
  ///
  /// - Throws: `SocketError` as ``send(_:flags:until:)``, with the number of bytes that went before in
  ///   ``Sockets/SocketError/bytesTransferred``.
  @inline(never)  // What it needs would be kept in the caller's task for as long as that lasts.
  public func sendAll(
    _ bytes: Span<UInt8>, flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) {
    var done = 0
    guard !bytes.isEmpty else { return }
    do throws(SocketError) {
      try await registration.call(.write, .send, until: deadline) { socket throws(SocketError) in
        while done < bytes.count {
          let sent = try socket.send(bytes.extracting(droppingFirst: done), flags: flags, until: .now)
          done += sent
          registration.noteActivity()
          if done < bytes.count { try registration.letOthers(after: sent, .send, until: deadline) }
        }
      }
    } catch {
      throw error.after(bytes: done)
    }
  }

  /// Sends all of an array's bytes; see ``sendAll(_:flags:until:)-(Span<UInt8>,_,_)``.
  public func sendAll(
    _ bytes: [UInt8], flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) {
    try await sendAll(bytes.span, flags: flags, until: deadline)
  }

  /// Sends all of a text as UTF-8; see ``sendAll(_:flags:until:)-(Span<UInt8>,_,_)``.
  public func sendAll(
    _ text: String, flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) {
    try await sendAll(text.utf8.span, flags: flags, until: deadline)
  }

  /// Sends all of the bytes of several buffers, in as many calls as it takes, and leaves none; after a failure those
  /// that were not sent are left. Corresponds to `sendmsg(2)`.
  ///
  /// - Throws: `SocketError` as ``send(_:flags:until:)``, with the number of bytes that went before in
  ///   ``Sockets/SocketError/bytesTransferred``, and with EMSGSIZE (more than 1,024 buffers).
  public func sendAll<let capacity: Int>(
    _ buffers: inout SendBuffers<capacity>, flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) {
    let total = buffers.byteCount
    var done = 0
    guard total > 0 else { return }
    do throws(SocketError) {
      try await registration.call(.write, .send, until: deadline) { socket throws(SocketError) in
        while done < total {
          let sent = try socket.send(buffers, flags: flags, until: .now)
          buffers.removeFirst(sent)
          done += sent
          registration.noteActivity()
          if done < total { try registration.letOthers(after: sent, .send, until: deadline) }
        }
      }
    } catch {
      throw error.after(bytes: done)
    }
  }

  /// Sends some of the bytes with control data beside them, such as descriptors; see `Socket.send(_:control:)`.
  /// Corresponds to `sendmsg(2)`.
  ///
  /// - Throws: `SocketError` as that.
  public func send(
    _ bytes: Span<UInt8>, control: borrowing ControlBuffer, flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    try await registration.call(.write, .send, until: deadline) { socket throws(SocketError) in
      try socket.send(bytes, control: control, flags: flags, until: .now)
    }
  }

  /// Sends a file's bytes without bringing them into the process, and says how many that were; see `Socket.sendFile`.
  /// Corresponds to `sendfile(2)`. The loop waits while a disk is read.
  ///
  /// The descriptor is non-blocking from then on, as are its duplicates.
  ///
  /// - Throws: `SocketError` as that.
  @discardableResult
  public func sendFile(
    _ file: Int32, from offset: Int64 = 0, count: Int? = nil, until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    var done = 0
    guard count != 0 else { return 0 }
    do throws(SocketError) {
      return try await registration.call(.write, .send, until: deadline) { socket throws(SocketError) in
        try socket.setNonBlocking(true)
        while true {
          // Not more at once than others may wait for.
          let next = min((count ?? .max) - done, 1 << 20)
          let start = offset + Int64(done)
          do throws(SocketError) {
            let sent = try socket.sendFile(file, from: start, count: next, until: .now)
            done += sent
            if sent < next || done == count { return done }
            try registration.letOthers(after: sent, .send, until: deadline)
          } catch {
            done += error.bytesTransferred
            throw error
          }
        }
      }
    } catch {
      throw error.after(bytes: done)
    }
  }
}
