internal import CSockets

/// Datagrams that are received or sent many at a time, in storage that is allocated once and used again.
///
/// ```swift
/// var batch = DatagramBatch(capacity: 64)
/// while true {
///   try socket.receive(into: &batch)
///   for index in 0..<batch.count { print(batch.address(at: index), batch.bytes(at: index).count) }
///   try socket.sendAll(&batch)  // each back to where it came from
/// }
/// ```
///
/// What was received can be sent as it is: each datagram has the address of its sender, and goes there, from the
/// address that the system chooses. To send something else, or from another address, ``removeAll()`` and
/// ``append(_:to:segmentSize:)``.
///
/// It is safe: its pointers are into memory of its own, which it frees at the end of its life, and what it lends of
/// that memory is spans.
@safe public struct DatagramBatch: ~Copyable {
  /// The most datagrams that it holds.
  public let capacity: Int
  /// The most bytes that each has room for.
  public let datagramCapacity: Int
  /// How many datagrams it holds.
  public private(set) var count = 0
  /// How many of them have been sent, or left out by ``skipFailed()``.
  public fileprivate(set) var sentCount = 0
  /// Whether a device has refused to cut what it sends into segments.
  public fileprivate(set) var isSegmentationRefused = false

  private let controlCapacity: Int
  /// What the size of segments takes, which is sent behind other control data.
  private static var segmentControl: Int { 24 }
  private let datagrams: UnsafeMutablePointer<cs_datagram>
  private let slots: UnsafeMutablePointer<cs_datagram_slot>
  private let storage: UnsafeMutablePointer<UInt8>
  /// Words, so that the headers in it are aligned.
  private let control: UnsafeMutablePointer<UInt64>
  /// How many of the messages are not ready to be received into: those that were received or sent since they were.
  private var used: Int

  /// An empty batch.
  ///
  /// - Parameters:
  ///   - capacity: The most datagrams that it holds, 1 to 1,024; a number outside is taken for the nearest of these.
  ///   - datagramCapacity: The most bytes that each has room for, 1 to 65,535, likewise. What comes with
  ///     ``SocketOption/receiveSegments`` needs all of it.
  ///   - controlCapacity: How many bytes of control data come with each, or go, their headers included, as
  ///     ``ControlBuffer/init(capacity:)`` counts them: 24 to 65,536, likewise.
  public init(capacity: Int = 64, datagramCapacity: Int = 2048, controlCapacity: Int = 32) {
    self.capacity = min(max(capacity, 1), Int(CS_BATCH_LIMIT))
    self.datagramCapacity = min(max(datagramCapacity, 1), 65_535)
    // Whole words, and always enough for the size of segments.
    self.controlCapacity = (min(max(controlCapacity, Self.segmentControl), 65_536) + 7) / 8 * 8
    let controlWords = self.capacity * (self.controlCapacity + Self.segmentControl) / 8
    used = self.capacity
    // Zeros, which every one of these types takes for a value.
    unsafe datagrams = .allocate(capacity: self.capacity)
    unsafe datagrams.initialize(repeating: cs_datagram(), count: self.capacity)
    unsafe slots = .allocate(capacity: self.capacity)
    unsafe slots.initialize(repeating: cs_datagram_slot(), count: self.capacity)
    // Zeros that the system makes when they are first touched: room that is not used takes no memory.
    guard let storage = unsafe calloc(self.capacity, self.datagramCapacity) else { fatalError("out of memory") }
    unsafe self.storage = storage.assumingMemoryBound(to: UInt8.self)
    unsafe control = .allocate(capacity: controlWords)
    unsafe control.initialize(repeating: 0, count: controlWords)
  }

  deinit {
    // Allocated by init, and of types that need nothing done.
    unsafe datagrams.deallocate()
    unsafe slots.deallocate()
    unsafe free(storage)
    unsafe control.deallocate()
  }
}

// Its memory is its own, and changes only through it.
extension DatagramBatch: @unchecked Sendable {}

/// What is in it. An index is from 0 to below ``count``; any other is a programming error and ends the process.
extension DatagramBatch {
  /// A datagram's bytes, as many as there was room for.
  @_lifetime(borrow self)
  public func bytes(at index: Int) -> Span<UInt8> {
    check(index)
    // The batch owns the memory and does not change while it is borrowed.
    let vector = unsafe slots[index].vector
    let bytes = unsafe Span(
      _unsafeStart: vector.iov_base.assumingMemoryBound(to: UInt8.self), count: vector.iov_len)
    return unsafe _overrideLifetime(bytes, borrowing: self)
  }

  /// The same bytes, to be changed before they are sent.
  @_lifetime(&self)
  public mutating func mutableBytes(at index: Int) -> MutableSpan<UInt8> {
    check(index)
    // The batch owns the memory, and nobody else uses it while it is exclusively borrowed.
    let vector = unsafe slots[index].vector
    let bytes = unsafe MutableSpan(
      _unsafeStart: vector.iov_base.assumingMemoryBound(to: UInt8.self), count: vector.iov_len)
    return unsafe _overrideLifetime(bytes, mutating: &self)
  }

  /// Who sent a datagram, or whom to send it to; ``UnixAddress/unnamed`` for the peer, and for a Unix socket without a
  /// name.
  public func address(at index: Int) -> SocketAddress {
    check(index)
    return unsafe SocketAddress(slots[index].address)
  }

  /// How many bytes a datagram had; more than there are where it did not fit. (On systems other than Linux it is not
  /// known how many.)
  public func length(at index: Int) -> Int {
    check(index)
    return unsafe slots[index].length
  }

  /// Whether some of a datagram that was received is lost.
  public func isTruncated(at index: Int) -> Bool {
    check(index)
    return unsafe slots[index].flags & CS_MSG_TRUNC != 0
  }

  /// Whether there was more control data with a datagram than fitted.
  public func isControlTruncated(at index: Int) -> Bool {
    check(index)
    return unsafe slots[index].flags & CS_MSG_CTRUNC != 0
  }

  /// The size of the datagrams that came as one, the last of which may be smaller, or into which one is to be cut; nil
  /// where it is just one.
  public func segmentSize(at index: Int) -> Int? {
    check(index)
    let size = unsafe Int(slots[index].segment)
    return size == 0 ? nil : size
  }

  /// What came beside a datagram that was received, until it is sent. Descriptors that came with it are closed: take
  /// them with ``Socket/receiveMessage(into:control:flags:until:retryOnInterrupt:)``.
  public func messages(at index: Int) -> [ControlMessage] {
    check(index)
    var messages: [ControlMessage] = []
    forEachMessage(at: index) { level, type, bytes in
      if level == SOL_SOCKET, type == CS_SCM_RIGHTS { return }
      messages.append(ControlMessage(level: level, type: type, bytes))
    }
    return messages
  }

  private func check(_ index: Int) {
    precondition(index >= 0 && index < count, "an index beyond the batch's end")
  }

  /// Where a datagram's room begins.
  private func base(of index: Int) -> UnsafeMutablePointer<UInt8> {
    // Within what was allocated: an index is below the capacity.
    unsafe storage + index * datagramCapacity
  }

  /// Where the room for a datagram's control data begins.
  private func control(of index: Int) -> UnsafeMutableRawPointer {
    // As above.
    unsafe UnsafeMutableRawPointer(control) + index * (controlCapacity + Self.segmentControl)
  }

  /// Calls a function with each control message that was received.
  private func forEachMessage(at index: Int, _ body: (Int32, Int32, Span<UInt8>) -> Void) {
    // The control data is where the batch keeps it, and the kernel says how much there is.
    let length = unsafe min(slots[index].received_control, controlCapacity)
    let bytes = unsafe Span(
      _unsafeStart: UnsafePointer(control(of: index).assumingMemoryBound(to: UInt8.self)), count: length)
    bytes.forEachControlMessage(body)
  }
}

/// Filling it.
extension DatagramBatch {
  /// Takes everything out.
  public mutating func removeAll() {
    count = 0
    sentCount = 0
  }

  /// Leaves out the first datagram that has not been sent, so that ``Socket/sendAll(_:until:retryOnInterrupt:)`` goes
  /// on behind it.
  public mutating func skipFailed() {
    sentCount = min(sentCount + 1, count)
  }

  /// Adds a datagram to send.
  ///
  /// - Parameters:
  ///   - bytes: Its bytes, of which a copy is kept.
  ///   - address: Whom to send it to; nil, or ``UnixAddress/unnamed``, for the peer.
  ///   - segmentSize: Into datagrams of what size to cut it, as
  ///     ``Socket/sendSegments(_:of:to:until:retryOnInterrupt:)`` does, 1 to 65,535; nil for just one.
  /// - Returns: False where the batch is full or the bytes are more than a datagram has room for: then nothing is
  ///   added.
  public mutating func append(_ bytes: Span<UInt8>, to address: SocketAddress? = nil, segmentSize: Int? = nil) -> Bool {
    guard count < capacity, bytes.count <= datagramCapacity else { return false }
    // Below the capacity, and no more bytes than there is room for.
    let base = unsafe base(of: count)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { unsafe base.update(from: start, count: bytes.count) }
    }
    unsafe slots[count].vector = iovec(iov_base: base, iov_len: bytes.count)
    switch address {
    // What is made here need not be copied.
    case .ipv4(let host, let port): unsafe slots[count].address = cs_address(ipv4: host.bits, port: port)
    case .unix(.unnamed)?, nil: unsafe slots[count].address.length = 0
    case let address?: unsafe slots[count].address = address.kernelForm
    }
    unsafe slots[count].segment = UInt16(clamping: max(segmentSize ?? 0, 0))
    unsafe slots[count].length = bytes.count
    unsafe slots[count].flags = 0
    unsafe slots[count].control = 0
    unsafe slots[count].received_control = 0
    count += 1
    used = max(used, count)
    return true
  }

  /// Adds a datagram to send with control data beside it, such as the address to send it from; otherwise as
  /// ``append(_:to:segmentSize:)``. False also where the control data is more than a datagram has room for.
  public mutating func append(
    _ bytes: Span<UInt8>, to address: SocketAddress? = nil, segmentSize: Int? = nil, control: borrowing ControlBuffer
  ) -> Bool {
    unsafe control.withContents { contents in
      guard contents.count <= controlCapacity, append(bytes, to: address, segmentSize: segmentSize) else {
        return false
      }
      // There is room for it behind the datagram that was just added.
      if let start = contents.baseAddress {
        unsafe self.control(of: count - 1).copyMemory(from: start, byteCount: contents.count)
      }
      unsafe slots[count - 1].control = contents.count
      return true
    }
  }
}

/// The system calls.
extension DatagramBatch {
  /// Receives; returns how many came, or -errno.
  fileprivate mutating func receive(_ descriptor: Int32, flags: Int32) -> Int {
    // The kernel has changed only what it has received into since.
    for index in 0..<used {
      // All of these are the batch's own, and as long as they are said to be.
      unsafe cs_datagram_to_receive(
        &datagrams[index], &slots[index], base(of: index), datagramCapacity, control(of: index), controlCapacity)
    }
    removeAll()
    used = 0
    let received = unsafe cs_recv_batch(descriptor, datagrams, UInt32(capacity), flags)
    guard received > 0 else { return Int(received) }
    count = Int(received)
    used = count
    for index in 0..<count {
      // The kernel has filled in as much as it says.
      unsafe slots[index].vector.iov_len = min(Int(datagrams[index].length), datagramCapacity)
      unsafe slots[index].address.length = datagrams[index].message.msg_namelen
      unsafe slots[index].length = Int(datagrams[index].length)
      unsafe slots[index].flags = datagrams[index].message.msg_flags
      unsafe slots[index].control = 0
      unsafe slots[index].received_control = Int(datagrams[index].message.msg_controllen)
      unsafe slots[index].segment = 0
      forEachMessage(at: index) { level, type, bytes in
        if level == SOL_SOCKET, type == CS_SCM_RIGHTS { return bytes.closeDescriptors() }
        guard level == CS_IPPROTO_UDP, type == CS_UDP_GRO, bytes.count == 4 else { return }
        unsafe slots[index].segment = UInt16(clamping: bytes.word(at: 0))
      }
    }
    return count
  }

  /// Sends what is not sent yet, as far as one call goes, and only up to the first that has to be cut where the kernel
  /// is not to do that; returns how many datagrams went, or -errno for the first.
  fileprivate mutating func send(_ descriptor: Int32, flags: Int32, upToSegments: Bool) -> Int {
    used = max(used, count)
    var end = sentCount
    while end < count, !upToSegments || cut(at: end) == nil {
      // All of these are the batch's own; there is room for the size of the segments in any control data.
      let slot = unsafe slots + end
      var length = unsafe slot.pointee.control
      if cut(at: end) != nil {
        unsafe slot.pointee.received_control = 0
        length = unsafe cs_control_put(
          control(of: end), length, CS_IPPROTO_UDP, CS_UDP_SEGMENT, &slot.pointee.segment, 2)
      }
      unsafe cs_datagram_to_send(&datagrams[end], slot, control(of: end), length)
      end += 1
    }
    // Those that were made ready.
    let sent = unsafe cs_send_batch(descriptor, datagrams + sentCount, UInt32(end - sentCount), flags)
    sentCount += max(Int(sent), 0)
    return Int(sent)
  }

  /// The size of what a datagram has to be cut into, or nil where it is sent as it is.
  fileprivate func cut(at index: Int) -> Int? {
    // Below the capacity.
    let (size, length) = unsafe (Int(slots[index].segment), slots[index].vector.iov_len)
    return size > 0 && length > size ? size : nil
  }

  /// Whether any that is not sent yet has to be cut.
  fileprivate var hasSegments: Bool { (sentCount..<count).contains { cut(at: $0) != nil } }

  /// Whom a datagram goes to, or nil for the peer.
  fileprivate func target(at index: Int) -> SocketAddress? {
    // Below the capacity.
    unsafe slots[index].address.length > 0 ? address(at: index) : nil
  }

  /// Notes that the first bytes of a datagram that is cut have gone.
  fileprivate mutating func removeFirst(_ bytes: Int, at index: Int) {
    // No more than there are. (Built for ThreadSanitizer, the compiler crashes on an operator that changes an element in
    // place.)
    let vector = unsafe slots[index].vector
    unsafe slots[index].vector = iovec(iov_base: vector.iov_base + bytes, iov_len: vector.iov_len - bytes)
  }
}

extension Socket {
  /// Receives what datagrams there are, at least one and at most as many as the batch holds, and says how many; what
  /// the batch had before is gone. Corresponds to `recvmmsg(2)`.
  ///
  /// At the end of a connection of sequenced packets every one is empty. It is not for streams, as
  /// ``receiveDatagram(into:until:retryOnInterrupt:)`` is not.
  ///
  /// - Throws: `SocketError` as ``receiveDatagram(into:until:retryOnInterrupt:)``.
  @discardableResult
  public borrowing func receive(
    into batch: inout DatagramBatch, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) -> Int {
    while true {
      let received = batch.receive(descriptor, flags: deadline.messageFlags)
      if received >= 0 {
        // Only a connection leaves the sender out, and a Unix socket without a name.
        if batch.target(at: 0) == nil, try get(.type) == .stream {
          batch.removeAll()
          throw SocketError(.receive, .errno(.notSupported))
        }
        return received
      }
      try recover(from: received, .receive, for: .read, until: deadline, retryOnInterrupt: retryOnInterrupt)
    }
  }

  /// Sends all of the datagrams of a batch in their order, as many at once as the kernel takes. Corresponds to
  /// `sendmmsg(2)`. Where a device cannot cut one into segments, that is done here.
  ///
  /// After a failure those before the one that failed have been sent; ``DatagramBatch/skipFailed()`` leaves it out, and
  /// this goes on behind it.
  ///
  /// - Throws: `SocketError` with the datagram's address, as
  ///   ``send(_:to:flags:until:retryOnInterrupt:)-(Span<UInt8>,_,_,_,_)``.
  public borrowing func sendAll(
    _ batch: inout DatagramBatch, until deadline: Deadline = .never, retryOnInterrupt: Bool = true
  ) throws(SocketError) {
    // Only UDP cuts: another kind of socket would send the segments as one datagram.
    var cutsHere = batch.isSegmentationRefused
    if !cutsHere, batch.hasSegments { cutsHere = try get(.protocol) != .udp }
    while batch.sentCount < batch.count {
      let next = batch.sentCount
      do throws(SocketError) {
        if cutsHere, let size = batch.cut(at: next) {
          try sendSeparately(batch.bytes(at: next), of: size, to: batch.target(at: next), deadline, retryOnInterrupt)
          batch.sentCount += 1
          continue
        }
        let result = batch.send(descriptor, flags: deadline.messageFlags, upToSegments: cutsHere)
        guard result < 0 else { continue }
        let errno = Errno(rawValue: Int32(truncatingIfNeeded: -result))
        if batch.cut(at: next) != nil, Segmentation.isRefusal(errno) {
          cutsHere = true
          batch.isSegmentationRefused = batch.isSegmentationRefused || errno == .ioError
        } else {
          try recover(
            from: result, sendingTo: batch.target(at: next), until: deadline, retryOnInterrupt: retryOnInterrupt)
        }
      } catch {
        if error.bytesTransferred > 0 { batch.removeFirst(error.bytesTransferred, at: next) }
        throw batch.target(at: next).map(error.done(to:)) ?? error
      }
    }
  }
}
