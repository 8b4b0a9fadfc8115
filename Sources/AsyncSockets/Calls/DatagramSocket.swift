public import Sockets

/// A socket that sends and receives datagrams, or packets of a sequence, on an event loop.
///
/// ```swift
/// let socket = try await DatagramSocket(try Socket.boundToAny(port: 8000, .datagram), on: loop)
/// while true {
///   try await socket.receive { bytes, datagram async throws(SocketError) in
///     try await socket.send(bytes, to: datagram.sender)
///   }
/// }
/// ```
public final class DatagramSocket: LoopSocket, @unchecked Sendable {
  /// Has a loop watch a socket.
  ///
  /// - Parameters:
  ///   - socket: The socket, which is closed on failure. Its blocking mode does not matter.
  ///   - loop: The loop; the call waits until it runs.
  /// - Throws: `SocketError` with ``Sockets/SocketError/Reason/loopClosed``, or ENOMEM or ENOSPC (the system cannot
  ///   watch it).
  public convenience init(_ socket: consuming Socket, on loop: EventLoop) async throws(SocketError) {
    self.init(try await Registration.watching(socket, on: loop))
  }
}

/// Receiving.
extension DatagramSocket {
  /// Receives one datagram, and says when it did not fit; see `Socket.receiveDatagram`. Corresponds to `recvmsg(2)`.
  ///
  /// - Throws: `SocketError` as that, and as every call of a ``LoopSocket``.
  public func receive(
    into buffer: inout MutableSpan<UInt8>, until deadline: Deadline = .never
  ) async throws(SocketError) -> Datagram {
    try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receiveDatagram(into: &buffer, until: .now)
    }
  }

  /// Receives one datagram into a buffer of the loop's, of 64 KiB, and lends it to a function. Every datagram of UDP
  /// fits; one of a Unix socket may not, and ``Sockets/Datagram/isTruncated`` says so.
  ///
  /// - Throws: `SocketError` as ``receive(into:until:)->Datagram``, and what the function throws.
  public func receive<R>(
    until deadline: Deadline = .never, _ body: (Span<UInt8>, Datagram) async throws(SocketError) -> R
  ) async throws(SocketError) -> R {
    var received: Datagram?
    let buffer = try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
      var buffer = registration.lentBuffer()
      try buffer.fill { span throws(SocketError) in
        let datagram = try socket.receiveDatagram(into: &span, until: .now)
        received = datagram
        return datagram.count
      }
      return buffer
    }
    // Set by what has returned the buffer.
    return try await body(buffer.bytes, received!)
  }

  /// Receives what datagrams there are, at least one and at most as many as the batch holds, and says how many; see
  /// `Socket.receive(into:)`. Corresponds to `recvmmsg(2)`.
  ///
  /// - Throws: `SocketError` as ``receive(into:until:)->Datagram``.
  @discardableResult
  public func receive(
    into batch: inout DatagramBatch, until deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    let count = try await registration.call(.read, .receive, until: deadline) { socket throws(SocketError) in
      try socket.receive(into: &batch, until: .now)
    }
    if count < batch.capacity { registration.receivedAll() }
    return count
  }

  /// Receives a datagram with what came beside it; see `Socket.receiveMessage`. Corresponds to `recvmsg(2)`.
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

/// Sending.
extension DatagramSocket {
  /// Sends one datagram, to an address or to the peer, whole or not at all. Corresponds to `sendto(2)`.
  ///
  /// - Throws: `SocketError` as `Socket.send`, with the address, and as every call of a ``LoopSocket``.
  public func send(
    _ bytes: Span<UInt8>, to address: SocketAddress? = nil, flags: SendFlags = [], until deadline: Deadline = .never
  ) async throws(SocketError) {
    try await sending(until: deadline) { socket throws(SocketError) in
      if let address {
        try socket.send(bytes, to: address, flags: flags, until: .now)
      } else {
        _ = try socket.send(bytes, flags: flags, until: .now)
      }
    }
  }

  /// Sends a datagram with control data beside it; see `Socket.send(_:control:)`. Corresponds to `sendmsg(2)`.
  ///
  /// - Throws: `SocketError` as that.
  public func send(
    _ bytes: Span<UInt8>, control: borrowing ControlBuffer, to address: SocketAddress? = nil, flags: SendFlags = [],
    until deadline: Deadline = .never
  ) async throws(SocketError) {
    try await sending(until: deadline) { socket throws(SocketError) in
      do throws(SocketError) {
        _ = try socket.send(bytes, control: control, to: address, flags: flags, until: .now)
      } catch {
        throw address.map(error.done(to:)) ?? error
      }
    }
  }

  /// Sends bytes as many datagrams of one size, cut by the kernel; see `Socket.sendSegments`.
  ///
  /// - Throws: `SocketError` as that.
  public func sendSegments(
    _ bytes: Span<UInt8>, of size: Int, to address: SocketAddress? = nil, until deadline: Deadline = .never
  ) async throws(SocketError) {
    var done = 0
    do throws(SocketError) {
      try await sending(until: deadline) { socket throws(SocketError) in
        do throws(SocketError) {
          try socket.sendSegments(bytes.extracting(droppingFirst: done), of: size, to: address, until: .now)
        } catch {
          done += error.bytesTransferred
          throw error
        }
      }
    } catch {
      throw error.after(bytes: done)
    }
  }

  /// Sends all of the datagrams of a batch; see `Socket.sendAll(_:)`. Corresponds to `sendmmsg(2)`.
  ///
  /// - Throws: `SocketError` as that.
  public func sendAll(_ batch: inout DatagramBatch, until deadline: Deadline = .never) async throws(SocketError) {
    try await sending(until: deadline) { socket throws(SocketError) in try socket.sendAll(&batch, until: .now) }
  }

  /// Makes a call that sends. The queue of a Unix socket that a datagram is addressed to may be full, which the socket
  /// that sends does not show: one that is connected to the receiver does, and is waited for instead. Where it is what
  /// the socket has sent already that takes all of its buffer, it shows that itself.
  private func sending(
    until deadline: Deadline, _ attempt: (borrowing Socket) throws(SocketError) -> Void
  ) async throws(SocketError) {
    while true {
      var full: SocketAddress?
      try await registration.call(.write, .send, until: deadline) { socket throws(SocketError) in
        do throws(SocketError) {
          try attempt(socket)
        } catch  where error.errno == .wouldBlock && error.address?.family == .unix && deadline != .now {
          guard try socket.sendQueueSize < socket.get(.sendBufferSize) else { throw error }
          full = error.address
        }
      }
      guard let full else { return }
      try await waitForRoom(at: full, until: deadline)
    }
  }

  private func waitForRoom(at address: SocketAddress, until deadline: Deadline) async throws(SocketError) {
    let probe = try Socket(.unix, .datagram)
    do throws(SocketError) {
      try probe.connect(to: address)
    } catch {
      // The receiver is gone, or takes from others only: the send that follows says which.
      return
    }
    let registration = try await Registration.watching(probe, on: loop)
    do throws(SocketError) {
      try await registration.waitForRoom(until: deadline)
    } catch {
      throw error.done(to: address)
    }
  }
}
