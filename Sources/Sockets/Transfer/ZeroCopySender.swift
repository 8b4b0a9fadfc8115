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
/// allocated for ever: to free them could send whatever is there next. ``finish(until:retryOnInterrupt:)`` waits for
/// it.
public struct ZeroCopySender: ~Copyable, Sendable {
  /// The socket, to receive from and to ask. What is sent with MSG_ZEROCOPY by others, and what they read of its queue
  /// of errors, is missing here.
  public let socket: Socket
  private let pending = PendingSends()

  /// Takes over a TCP socket and sets SO_ZEROCOPY.
  ///
  /// - Throws: `SocketError` with EOPNOTSUPP (not TCP), EINVAL (SO_ZEROCOPY is set already: the kernel may have counted
  ///   sends that are not known here), ENOPROTOOPT (not on this system); the socket is closed then.
  public init(_ socket: consuming Socket) throws(SocketError) {
    let `protocol` = try socket.get(.protocol)
    guard `protocol` == .tcp else { throw SocketError(.setOption, .errno(.notSupported)) }
    let isSet = try socket.get(.zeroCopy)
    guard !isSet else { throw SocketError(.setOption, .errno(.invalidArgument)) }
    try socket.set(.zeroCopy, true)
    self.socket = socket
  }

  deinit {
    // What the kernel has done with by now need not stay.
    _ = try? pending.collect(from: socket, retryOnInterrupt: true)
  }

  /// How many sends the kernel is not done with.
  public var pendingCount: Int { pending.count }

  /// How many sends the kernel has copied after all.
  public var copiedCount: Int { pending.copiedCount }
}

/// Sending.
extension ZeroCopySender {
  /// Sends all of the bytes, and keeps them until the kernel is done with them.
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
        let rest = bytes.bytes.extracting(done...)
        done += try socket.send(rest, flags: flags, until: .now, retryOnInterrupt: retryOnInterrupt)
        if flags != [] { pending.append(bytes) }
        continue
      } catch {
        guard error.errno == .wouldBlock || error.errno == .noBufferSpace && flags != [] else {
          throw error.after(bytes: done)
        }
        do throws(SocketError) {
          // Notices that nobody reads make every wait end at once.
          let collected = try pending.collect(from: socket, retryOnInterrupt: retryOnInterrupt)
          if error.errno == .noBufferSpace {
            if collected == 0 { flags = [] }
          } else {
            guard deadline != .now else { throw error }
            guard !deadline.hasPassed else { throw SocketError(.send, .timedOut) }
            try socket.waitBefore(.send, for: .write, until: deadline, retryOnInterrupt: retryOnInterrupt)
          }
        } catch {
          throw error.after(bytes: done)
        }
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
    while pending.count > 0 {
      let collected = try pending.collect(from: socket, retryOnInterrupt: retryOnInterrupt)
      guard collected == 0, !deadline.hasPassed else { return collected }
      // A notice shows as an error, and so does an error.
      let found = try socket.wait(for: [], until: deadline, retryOnInterrupt: retryOnInterrupt)
      guard !found.isEmpty else { continue }
      let late = try pending.collect(from: socket, retryOnInterrupt: retryOnInterrupt)
      if late > 0 { return late }
      if let errno = try socket.get(.error) { throw SocketError(.send, .errno(errno)) }
      // The end of both directions shows for ever, and the notice comes when the last of it has been acknowledged.
      deadline.pause()
    }
    return 0
  }

  /// Waits until the kernel is done with everything, and gives the socket back (as another descriptor of it), with
  /// SO_ZEROCOPY set.
  ///
  /// - Throws: `SocketError` as ``collect(until:retryOnInterrupt:)``, ``SocketError/Reason/timedOut``, and EMFILE (no
  ///   descriptor is free); the socket is closed then.
  public consuming func finish(
    until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Socket {
    while pending.count > 0 {
      let collected = try collect(until: deadline, retryOnInterrupt: retryOnInterrupt)
      guard collected > 0 || pending.count == 0 else { throw SocketError(.send, .timedOut) }
    }
    return try socket.duplicate()
  }
}

/// What the kernel may still read.
private final class PendingSends: @unchecked Sendable {
  // Only its owner, which has one owner itself, touches it.
  /// In the order in which it was sent; nil where the kernel is done.
  private var sends: [SharedBytes?] = []
  /// The number of the first of these. The kernel counts the sends that took something, in 32 bits.
  private var first: UInt32 = 0
  /// How many the kernel is not done with.
  private(set) var count = 0
  private(set) var copiedCount = 0

  deinit {
    // It must never be freed.
    for case let bytes? in sends { _ = unsafe Unmanaged.passRetained(bytes) }
  }

  func append(_ bytes: SharedBytes) {
    sends.append(bytes)
    count += 1
  }

  /// Takes in the notices that are there; returns with how many sends the kernel is done since.
  func collect(from socket: borrowing Socket, retryOnInterrupt: Bool) throws(SocketError) -> Int {
    var control = ControlBuffer(capacity: 128)
    var nothing = MutableSpan<UInt8>()
    var collected = 0
    while true {
      do throws(SocketError) {
        _ = try socket.receiveMessage(
          into: &nothing, control: &control, flags: .errorQueue, until: .now, retryOnInterrupt: retryOnInterrupt)
      } catch {
        guard error.errno == .wouldBlock else { throw error }
        return collected
      }
      for case .error(let notice) in control.messages where notice.origin == QueuedError.zeroCopyOrigin {
        collected += release(notice.info, through: notice.data)
        if notice.code == QueuedError.zeroCopyCopied { copiedCount += Int(notice.data &- notice.info) + 1 }
      }
    }
  }

  /// Lets go of a range of sends; returns how many of them were pending.
  private func release(_ first: UInt32, through last: UInt32) -> Int {
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
