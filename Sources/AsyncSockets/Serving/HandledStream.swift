internal import Sockets
internal import Synchronization

/// A connection that a handler answers: receives, keeps what the peer does not take, and closes. All of it happens on
/// the loop's thread.
@safe class HandledStream: EventSink {
  let descriptor: Int32
  let service: Service
  private let loop: EventLoop
  /// The loop's, which this refers to.
  private let state: UnsafeMutablePointer<LoopState>
  private let endsShort: Bool
  private let hasIdleTimeout: Bool
  private var token: UInt64 = 0
  /// The loop's for this socket, until it is closed.
  private var slot: UnsafeMutablePointer<Slot>?
  /// What the kernel did not take. While there is any, nothing is received.
  private var unsent: [UInt8] = []
  private var unsentStart = 0
  /// Whether there is any.
  private var hasUnsent = false
  /// Whether a receive is worth trying.
  private var isReadable = false
  /// Whether the loop calls again though nothing is reported.
  private var isToBeCalled = false
  /// Nothing more is received, and the end comes when all is sent.
  private var isEnding = false
  private var isClosed = false
  /// What has gone wrong while a handler was running, to be dealt with after it.
  private var failure: SocketError?

  /// How often to receive before others have their turn.
  private static var receivesPerTurn: Int { 16 }

  /// A connection that has been taken, on its loop's thread.
  init(_ descriptor: Int32, _ service: Service, on loop: EventLoop, endsShort: Bool) {
    self.descriptor = descriptor
    self.service = service
    self.loop = loop
    unsafe state = loop.state
    self.endsShort = endsShort
    hasIdleTimeout = service.limits.idleTimeout != nil
  }

  /// What the handler does.
  func connected() {}
  func received(_ bytes: Span<UInt8>) {}
  func ended() {}
  func closed(_ error: SocketError?) {}

  /// Has the loop watch it from here on.
  final func begin() {
    do throws(SocketError) {
      // The state is this thread's own.
      guard loop.isCurrent, unsafe !state.pointee.isClosing else { throw SocketError(.poller, .loopClosed) }
      let index = try Socket.lending(descriptor) { socket throws(SocketError) in
        try unsafe state.pointee.add(socket)
      }
      let slot = unsafe state.pointee.slots[index]
      unsafe self.slot = slot
      unsafe token = state.pointee.slots.token(index)
      unsafe slot.pointee.sink = self
      unsafe slot.pointee.service = ObjectIdentifier(service)
      // From here on the server finds it, if it has not looked already.
      guard !service.isOver else { throw SocketError(.receive, .cancelled) }
      if let timeout = service.limits.idleTimeout { unsafe state.pointee.watchIdleness(slot, timeout.atLeastOne) }
      connected()
      finishTurn()
    } catch {
      close(error)
    }
  }

  final override func ready(_ readiness: Readiness) {
    // Nothing has been reported: it is this that it was to be called for.
    if readiness.isEmpty { isToBeCalled = false }
    if readiness.canReceive { isReadable = true }
    if readiness.canSend, hasUnsent { sendRest() }
    if isReadable { receive() }
    finishTurn()
  }

  final override func end(_ wake: Wake) {
    // To be closed while its own handler runs is dealt with after that.
    failure = failure ?? SocketError(.receive, wake.reason)
    finishTurn()
  }

  /// Closes it where that is what has come of it.
  private func finishTurn() {
    guard !isClosed else { return }
    if let failure { return close(failure) }
    if isEnding, !hasUnsent { close(nil) }
  }

  private func receive() {
    // The state is this thread's own; the buffer is lent for as long as this takes.
    var buffer = unsafe LentBuffer(of: state)
    for _ in 0..<Self.receivesPerTurn {
      guard !isEnding, failure == nil, !hasUnsent else { return }
      do throws(SocketError) {
        try Socket.lending(descriptor) { socket throws(SocketError) in
          try buffer.fill { span throws(SocketError) in try socket.receive(into: &span, until: .now) }
        }
      } catch {
        if error.errno == .wouldBlock { return setNotReadable() }
        return failure = error
      }
      guard buffer.count > 0 else {
        isEnding = true
        return ended()
      }
      noteActivity()
      let isAll = endsShort && buffer.count < LentBuffers.size && !isSticky
      if isAll { setNotReadable() }
      received(buffer.bytes)
      if isAll { return }
    }
    guard !isToBeCalled else { return }
    isToBeCalled = true
    loop.callAgain(self)
  }

  private func setNotReadable() {
    isReadable = false
    unsafe state.pointee.rearm(descriptor, .read)
  }

  private var isSticky: Bool {
    // Taken for it, and not given back before it is closed.
    unsafe slot?.pointee.isSticky ?? true
  }

  private func noteActivity() {
    guard hasIdleTimeout else { return }
    // As above.
    unsafe slot?.shared.pointee.lastActivity.store(state.pointee.moment.nanoseconds, ordering: .relaxed)
  }

  final func send(_ bytes: Span<UInt8>) {
    guard !isClosed, failure == nil else { return }
    var sent = 0
    if !hasUnsent {
      sent = sendNow(bytes)
      guard sent < bytes.count else { return }
    }
    keep(bytes.extracting(droppingFirst: sent))
  }

  private func keep(_ bytes: Span<UInt8>) {
    guard failure == nil else { return }
    guard unsent.count - unsentStart + bytes.count <= service.limits.bufferedBytes else {
      return failure = SocketError(.send, .bufferFull)
    }
    unsent.append(addingCapacity: bytes.count) { output in output.append(bytes) }
    hasUnsent = true
  }

  private func sendRest() {
    // Another reference to the same storage: an object does not lend a part of itself for as long as a span needs it.
    let bytes = unsent
    unsentStart += sendNow(bytes.span.extracting(droppingFirst: unsentStart))
    if unsentStart == bytes.count { (unsent, unsentStart, hasUnsent) = ([], 0, false) }
  }

  /// Sends what the kernel takes, and says how much.
  private func sendNow(_ bytes: Span<UInt8>) -> Int {
    var sent = 0
    do throws(SocketError) {
      try Socket.lending(descriptor) { socket throws(SocketError) in
        while sent < bytes.count {
          sent += try socket.send(bytes.extracting(droppingFirst: sent), until: .now)
          noteActivity()
        }
      }
    } catch {
      if error.errno == .wouldBlock {
        unsafe state.pointee.rearm(descriptor, .write)
      } else {
        failure = error
      }
    }
    return sent
  }

  final func closeWhenSent() {
    isEnding = true
  }

  private func close(_ error: SocketError?) {
    isClosed = true
    unsent = []
    unsafe slot = nil
    // 0 where the loop does not watch it.
    loop.retire(token, descriptor)
    closed(error)
    service.streamEnded()
  }
}

/// The same with its handler.
final class StreamOf<Handler: StreamHandler>: HandledStream {
  /// Nothing that it calls leads back to it: to have that checked each time would cost as much as a system call's
  /// preparation.
  @exclusivity(unchecked) private var handler: Handler
  private let peer: CompactAddress

  init(
    _ handler: Handler, _ peer: CompactAddress, _ descriptor: Int32, _ service: Service, on loop: EventLoop,
    endsShort: Bool
  ) {
    unsafe self.handler = handler
    self.peer = peer
    super.init(descriptor, service, on: loop, endsShort: endsShort)
  }

  override func connected() {
    var output = StreamOutput(self)
    unsafe handler.connected(&output)
  }

  override func received(_ bytes: Span<UInt8>) {
    var output = StreamOutput(self)
    unsafe handler.received(bytes, &output)
  }

  override func ended() {
    var output = StreamOutput(self)
    unsafe handler.ended(&output)
  }

  override func closed(_ error: SocketError?) {
    unsafe handler.closed(error)
    if let error { service.failed(peer, error) }
  }
}
