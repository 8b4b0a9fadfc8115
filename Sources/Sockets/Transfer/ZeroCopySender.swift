internal import CSockets

/// A socket that sends large buffers without copying them: the kernel reads them where they are, and says later when it
/// is done. See MSG_ZEROCOPY in `send(2)`. Only on Linux.
///
/// ```swift
/// var sender = try ZeroCopySender(socket)
/// try sender.sendAll(page)             // page: SharedBytes
/// try sender.collect(until: .now)      // lets go of what has been sent
/// let socket = try sender.finish(until: .after(.seconds(10)))
/// ```
///
/// It keeps what it sends until the kernel has done with it. It pays from about 10 KB a send on, over a real network:
/// over loopback, and where a device cannot, the kernel copies after all (``copiedCount``).
///
/// At the end of its life the socket is closed. Where the kernel has not said that it is done, the bytes then stay
/// allocated for ever: to free them could send whatever is there next. ``finish(until:)`` waits for it.
public struct ZeroCopySender: ~Copyable, Sendable {
  /// The socket, for everything but what has to do with the error queue, where the kernel's notices come in.
  public let socket: Socket
  private var pending = PendingSends()
  /// How many sends the kernel has copied after all.
  public private(set) var copiedCount = 0
  /// What came with a notice.
  private var control = ControlBuffer(capacity: 128)

  /// Takes a socket over and sets SO_ZEROCOPY.
  ///
  /// - Throws: `SocketError` with ENOPROTOOPT or EOPNOTSUPP (not for this kind of socket, or not on this system); the
  ///   socket is closed then.
  public init(_ socket: consuming Socket) throws(SocketError) {
    try socket.set(.zeroCopy, true)
    self.socket = socket
  }

  /// How many sends the kernel is not done with.
  public var pendingCount: Int { pending.count }
}

/// What the kernel may still read.
private struct PendingSends: ~Copyable, Sendable {
  /// In the order in which it was sent; nil where the kernel is done.
  private var sends: [SharedBytes?] = []
  /// The number of the first of these. The kernel counts the sends that took something, in 32 bits.
  private var first: UInt32 = 0
  /// How many the kernel is not done with.
  private(set) var count = 0

  deinit {
    // It must never be freed.
    for case let bytes? in sends { _ = unsafe Unmanaged.passRetained(bytes) }
  }

  mutating func append(_ bytes: SharedBytes) {
    sends.append(bytes)
    count += 1
  }

  /// Lets go of a range of sends; returns how many of them were pending.
  mutating func release(_ first: UInt32, through last: UInt32) -> Int {
    let before = count
    for number in 0...(last &- first) {
      let index = Int(first &+ number &- self.first)
      guard index < sends.count, sends[index] != nil else { continue }
      sends[index] = nil
      count -= 1
    }
    let done = sends.prefix { $0 == nil }.count
    sends.removeFirst(done)
    self.first &+= UInt32(done)
    return before - count
  }
}

/// Sending.
extension ZeroCopySender {
  /// Sends all of the bytes, and keeps them until the kernel is done with them. A datagram socket sends them as one
  /// datagram.
  ///
  /// Where the kernel has no more room for notices (`net.core.optmem_max`), those that have come are collected; where
  /// that does not help, the rest is sent with a copy.
  ///
  /// - Throws: `SocketError` as ``Socket/sendAll(_:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_)``.
  public mutating func sendAll(
    _ bytes: SharedBytes, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    var flags = SendFlags(rawValue: CS_MSG_ZEROCOPY)
    var done = 0
    while done < bytes.count {
      do throws(SocketError) {
        done += try socket.send(
          bytes.bytes.extracting(done...), flags: flags, until: deadline, retryOnInterrupt: retryOnInterrupt)
        if flags != [] { pending.append(bytes) }
      } catch {
        guard error.errno == .noBufferSpace, flags != [] else { throw error.after(bytes: done) }
        if try collect(until: .now) == 0 { flags = [] }
      }
    }
  }
}

/// Hearing that the kernel is done.
extension ZeroCopySender {
  /// Waits until the kernel is done with at least one send, or the deadline passes, and says with how many it is; lets
  /// go of their bytes. 0 where nothing is pending, or when the deadline passed.
  ///
  /// - Throws: `SocketError` with what has gone wrong with the connection, such as ECONNRESET.
  @discardableResult
  public mutating func collect(
    until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    while pendingCount > 0 {
      let collected = try collectNotices(retryOnInterrupt: retryOnInterrupt)
      guard collected == 0, !deadline.hasPassed else { return collected }
      let found = try socket.wait(for: [], until: deadline, retryOnInterrupt: retryOnInterrupt)
      // A notice shows as an error, and so does an error.
      if found.contains(.hangUp) || found.contains(.error) {
        let late = try collectNotices(retryOnInterrupt: retryOnInterrupt)
        if late > 0 { return late }
        if let errno = try socket.get(.error) { throw SocketError(.send, .errno(errno)) }
        // Ended in both directions: that shows for ever, and the notice comes when the last of it has been confirmed.
        _ = cs_poll(nil, 0, 1_000_000)
      }
    }
    return 0
  }

  /// Waits until the kernel is done with everything, and gives the socket back.
  ///
  /// - Throws: `SocketError` as ``collect(until:retryOnInterrupt:)``, and ``SocketError/Reason/timedOut``; the socket is
  ///   closed then.
  public consuming func finish(
    until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Socket {
    while pendingCount > 0 {
      guard try collect(until: deadline, retryOnInterrupt: retryOnInterrupt) > 0 || pendingCount == 0 else {
        throw SocketError(.send, .timedOut)
      }
    }
    return socket
  }

  /// Takes in the notices that are there.
  private mutating func collectNotices(retryOnInterrupt: Bool) throws(SocketError) -> Int {
    var collected = 0
    var empty = MutableSpan<UInt8>()
    while true {
      do throws(SocketError) {
        _ = try socket.receiveMessage(
          into: &empty, control: &control, flags: .errorQueue, until: .now, retryOnInterrupt: retryOnInterrupt)
      } catch {
        guard error.errno == .wouldBlock else { throw error }
        return collected
      }
      for case .error(let notice) in control.messages where notice.origin == QueuedError.zeroCopyOrigin {
        collected += pending.release(notice.info, through: notice.data)
        if notice.code == QueuedError.zeroCopyCopied { copiedCount += Int(notice.data &- notice.info) + 1 }
      }
    }
  }
}
