public import Sockets

/// Receiving.
extension Connection {
  /// Receives into the front of a buffer what there is, at least one byte, and says how many; 0 is the end of the
  /// stream, or a buffer without room. Corresponds to `recv(2)`.
  ///
  /// - Throws: `SocketError` as `Socket.receive`, and with ``Sockets/SocketError/Reason/cancelled``,
  ///   ``Sockets/SocketError/Reason/busy``, ``Sockets/SocketError/Reason/closed`` or
  ///   ``Sockets/SocketError/Reason/loopClosed``, as every call of this type.
  public func receive(
    into buffer: inout MutableSpan<UInt8>, flags: ReceiveFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    guard !buffer.isEmpty else { return 0 }
    let count = try await registration.call(flags.direction, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receive(into: &buffer, flags: flags, until: .now)
    }
    if count < buffer.count, flags.isEmpty { registration.receivedLess() }
    return count
  }

  /// Appends to a buffer what there is, and says how many bytes that was; otherwise as
  /// ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``.
  public func receive(
    into buffer: inout OutputSpan<UInt8>, flags: ReceiveFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    guard buffer.freeCapacity > 0 else { return 0 }
    let count = try await registration.call(flags.direction, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receive(into: &buffer, flags: flags, until: .now)
    }
    if buffer.freeCapacity > 0, flags.isEmpty { registration.receivedLess() }
    return count
  }
}

extension Connection {
  /// Receives what there is into a buffer of the loop's, at most 64 KiB, and lends it to a function: an idle connection
  /// needs no buffer of its own. No bytes are the end of the stream. The function may wait; the bytes are its own until
  /// it returns. (The compiler has to be told that it throws nothing but a `SocketError`.)
  ///
  /// ```swift
  /// let isOpen = try await connection.receive { bytes async throws(SocketError) in
  ///   try await connection.sendAll(bytes)
  ///   return !bytes.isEmpty
  /// }
  /// ```
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``, and what the function throws.
  public func receive<R>(
    until deadline: Deadline = .never, _ body: (Span<UInt8>) async throws(SocketError) -> R
  ) async throws(SocketError) -> R {
    let buffer = try await receiveLent(until: deadline)
    return try await body(buffer.bytes)
  }

  /// The same with a function that does not wait, which costs less.
  ///
  /// ```swift
  /// let rest = try await connection.receive { bytes throws(SocketError) in
  ///   try connection.sendNow(copyingRestOf: bytes)
  /// }
  /// try await connection.sendAll(rest)
  /// ```
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``, and what the function throws.
  @inlinable
  public func receive<R>(
    until deadline: Deadline = .never, _ body: (Span<UInt8>) throws(SocketError) -> R
  ) async throws(SocketError) -> R {
    var outcome: Result<R, SocketError>?
    try await registration.lendReceived(until: deadline) { bytes in
      outcome = Result { () throws(SocketError) in try body(bytes) }
    }
    // It has been called, or an error was thrown.
    return try outcome!.get()
  }

  private func receiveLent(until deadline: Deadline) async throws(SocketError) -> LentBuffer {
    try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
      var buffer = registration.lentBuffer()
      try buffer.fill { span throws(SocketError) in try socket.receive(into: &span, until: .now) }
      if buffer.count < LentBuffers.size { registration.receivedLess() }
      return buffer
    }
  }

  /// Receives at most so many bytes into a new array, which is empty at the end of the stream.
  ///
  /// - Parameters:
  ///   - count: From 0; more than 16 MiB is taken for that.
  ///   - deadline: When to give up.
  /// - Throws: `SocketError` as ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``.
  public func receive(upTo count: Int, until deadline: Deadline = .never) async throws(SocketError) -> [UInt8] {
    guard count > 0 else { return [] }
    let bytes = try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receive(upTo: count, until: .now)
    }
    if bytes.count < min(count, 1 << 24) { registration.receivedLess() }
    return bytes
  }

  /// Fills the whole of a buffer, in as many calls as it takes.
  ///
  /// - Throws: `SocketError` as ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``, and with
  ///   ``Sockets/SocketError/Reason/endOfStream``; ``Sockets/SocketError/bytesTransferred`` says how much of the buffer
  ///   is filled then.
  public func receiveExactly(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline = .never
  ) async throws(SocketError) {
    var done = 0
    guard !buffer.isEmpty else { return }
    do throws(SocketError) {
      try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
        while done < buffer.count {
          let count = try socket.receive(into: &buffer, from: done, flags: [], until: .now, retryOnInterrupt: true)
          guard count > 0 else { throw SocketError(.receive, .endOfStream) }
          done += count
          registration.noteActivity()
          if done < buffer.count { try registration.letOthers(after: count, .receive, until: deadline) }
        }
      }
    } catch {
      throw error.after(bytes: done)
    }
  }

  /// Receives into several buffers, one after the other; otherwise as
  /// ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``. Corresponds to `recvmsg(2)`.
  public func receive<let capacity: Int>(
    into buffers: inout ReceiveBuffers<capacity>, until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    guard buffers.byteCount > 0 else { return 0 }
    let count = try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receive(into: &buffers, until: .now)
    }
    if count < buffers.byteCount { registration.receivedLess() }
    return count
  }

  /// Receives bytes with what came beside them, such as descriptors; otherwise as
  /// ``receive(into:flags:until:)-(MutableSpan<UInt8>,_,_)``. Corresponds to `recvmsg(2)`.
  ///
  /// - Throws: `SocketError` as that.
  public func receiveMessage(
    into buffer: inout MutableSpan<UInt8>, control: inout ControlBuffer, flags: ReceiveFlags = [],
    until deadline: Deadline = .never
  ) async throws(SocketError) -> ReceivedMessage {
    try await registration.call(flags.direction, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receiveMessage(into: &buffer, control: &control, flags: flags, until: .now)
    }
  }
}

extension Registration {
  /// Receives into a buffer of the loop's and calls a function with it, once.
  @usableFromInline @inline(never)
  func lendReceived(until deadline: Deadline, _ body: (Span<UInt8>) -> Void) async throws(SocketError) {
    try await call(.read, .receive, until: deadline) { socket throws(SocketError) in
      var buffer = lentBuffer()
      try buffer.fill { span throws(SocketError) in try socket.receive(into: &span, until: .now) }
      if buffer.count < LentBuffers.size { receivedLess() }
      body(buffer.bytes)
    }
  }
}
