public import CSockets

/// Sending. No call here raises SIGPIPE.
extension Socket {
  /// Sends some of the bytes, as many as the kernel takes at once, and says how many. Corresponds to `send(2)`.
  ///
  /// A datagram is sent whole or not at all; no bytes are an empty datagram.
  ///
  /// - Throws: `SocketError` with EPIPE or ECONNRESET (the peer is gone), EMSGSIZE (larger than a datagram can be),
  ///   ECONNREFUSED (an earlier datagram came back), EAGAIN (the buffer is full, with ``Deadline/now``),
  ///   ``SocketError/Reason/timedOut``.
  @inlinable
  public borrowing func send(
    _ bytes: Span<UInt8>, flags: SendFlags = [], until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    while true {
      let sent = cs_send(descriptor, bytes, flags.rawValue | deadline.messageFlags)
      if sent >= 0 { return sent }
      try recover(from: sent, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }

  /// Sends all of the bytes, in as many calls as it takes. No bytes are no call.
  ///
  /// - Throws: `SocketError` as ``send(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``, with the number of bytes
  ///   that went before in ``SocketError/bytesTransferred``.
  @inlinable
  public borrowing func sendAll(
    _ bytes: Span<UInt8>, flags: SendFlags = [], until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    var rest = bytes
    while !rest.isEmpty {
      do {
        let sent = try send(rest, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
        rest = rest.extracting(droppingFirst: sent)
      } catch {
        throw error.after(bytes: bytes.count - rest.count)
      }
    }
  }

  /// Sends one datagram to an address, whole or not at all, and says how many bytes it has. Corresponds to `sendto(2)`.
  ///
  /// - Throws: `SocketError` with the address, as ``send(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``, and
  ///   with ENOENT or ECONNREFUSED (no such Unix socket), EISCONN (a stream), EACCES (a broadcast without
  ///   ``SocketOption/broadcast``).
  @inlinable @discardableResult
  public borrowing func send(
    _ bytes: Span<UInt8>, to address: SocketAddress, flags: SendFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    do {
      var flags = flags
      while true {
        let sent = sendOnce(bytes, to: address, flags: flags.rawValue | deadline.messageFlags)
        if sent >= 0 { return sent }
        if flags.contains(.fastOpen), try isConnecting(after: sent, deadline, retryOnInterrupt) {
          flags.remove(.fastOpen)
        } else {
          try recover(from: sent, sendingTo: address, until: deadline, retryOnInterrupt: retryOnInterrupt)
        }
      }
    } catch {
      throw error.done(to: address)
    }
  }

  /// Whether a send with a fast open has only begun to connect, and sent nothing: waits until that is done.
  @usableFromInline
  borrowing func isConnecting(
    after result: Int, _ deadline: Deadline, _ retryOnInterrupt: Bool
  ) throws(SocketError) -> Bool {
    guard result == -Int(EINPROGRESS), deadline != .now else { return false }
    try waitBefore(.send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
    return true
  }

  /// What comes after a send to an address, or to the peer, that returned -errno: this returns when it is to be made
  /// again.
  @usableFromInline
  borrowing func recover(
    from result: Int, sendingTo address: SocketAddress?, until deadline: Deadline, retryOnInterrupt: Bool
  ) throws(SocketError) {
    try recover(from: result, .send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
    if let address, address.family == .unix {
      try waitForRoom(at: address, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }

  /// Waits for room in the queue of a Unix datagram socket. The socket that sends does not show it: it is writable as
  /// long as its own buffer has room. One that is connected to the receiver does.
  private borrowing func waitForRoom(
    at address: SocketAddress, until deadline: Deadline, retryOnInterrupt: Bool
  ) throws(SocketError) {
    let probe = try Socket(.unix, .datagram)
    do {
      try probe.connect(to: address)
    } catch {
      // The receiver is gone, or takes from others only: the send that follows says which.
      return
    }
    try probe.waitBefore(.send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }

  @usableFromInline
  borrowing func sendOnce(_ bytes: Span<UInt8>, to address: SocketAddress, flags: Int32) -> Int {
    // What is made here need not be copied, and its size is known.
    switch address {
    case .ipv4(let host, let port):
      cs_sendto(descriptor, bytes, flags, cs_address(ipv4: host.bits, port: port))
    case .ipv6(let host, let port, let scope, let flow):
      cs_sendto(descriptor, bytes, flags, cs_address(ipv6: host.kernelForm, port: port, scope: scope, flow: flow))
    default:
      cs_sendto(descriptor, bytes, flags, address.kernelForm)
    }
  }
}

/// The same for an array and for text.
extension Socket {
  /// Sends all of an array's bytes; see ``sendAll(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``.
  @inlinable
  public borrowing func sendAll(
    _ bytes: [UInt8], flags: SendFlags = [], until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    try sendAll(bytes.span, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }

  /// Sends all of a text as UTF-8; see ``sendAll(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``.
  @inlinable
  public borrowing func sendAll(
    _ text: String, flags: SendFlags = [], until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    try sendAll(text.utf8.span, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }

  /// Sends an array as one datagram; see ``send(_:to:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_,_)``.
  @discardableResult
  public borrowing func send(
    _ bytes: [UInt8], to address: SocketAddress, flags: SendFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    try send(bytes.span, to: address, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }

  /// Sends a text as one datagram; see ``send(_:to:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_,_)``.
  @discardableResult
  public borrowing func send(
    _ text: String, to address: SocketAddress, flags: SendFlags = [], until deadline: Deadline = .never,
    retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    try send(text.utf8.span, to: address, flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
  }
}
