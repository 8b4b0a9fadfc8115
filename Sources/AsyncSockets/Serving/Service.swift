internal import Sockets
internal import Synchronization

/// A server: takes connections for as long as it may, and waits for them to end.
final class Service: Sendable {
  let limits: ServiceLimits
  private let listeners: [Listener]
  /// Who serves the connections, in turn; none where each listener's own loop does.
  private let loops: [EventLoop]
  private let onFailure: (@Sendable (SocketAddress?, any Error) -> Void)?
  /// How many connections are open.
  private let open = Atomic(0)
  /// How many of them have a handler, and no task.
  private let streams = Atomic(0)
  private let isDraining = Atomic(false)
  private let nextLoop = Atomic(0)
  /// One for each listener: opened when a connection has ended, and when the server is to end.
  private let gates: [Gate]
  /// What ends the server when its time is over.
  private let reaper = Mutex<Task<Void, Never>?>(nil)

  init(
    _ listeners: [Listener], _ limits: ServiceLimits, _ loops: [EventLoop],
    _ onFailure: (@Sendable (SocketAddress?, any Error) -> Void)?
  ) {
    self.listeners = listeners
    self.limits = limits
    self.loops = loops
    self.onFailure = onFailure
    gates = listeners.map { Gate(on: $0.loop) }
  }

  /// What begins to serve a connection that a listener has taken, on one of the loops.
  typealias Begin = @Sendable (inout DiscardingTaskGroup, consuming Accepted, Listener, EventLoop) -> Void

  /// Serves until the calling task is cancelled and what was open has ended.
  func run(_ begin: @escaping Begin) async throws(SocketError) {
    guard !listeners.isEmpty else { return }
    // A task of its own, so that a cancellation does not reach what is open at once.
    let service = Task(executorPreference: listeners[0].loop) { await self.serveAll(begin) }
    let outcome = await withTaskCancellationHandler {
      await service.value
    } onCancel: {
      self.drain()
      self.end(service)
    }
    reaper.withLock { $0?.cancel() }
    try outcome.get()
  }

  /// Takes no more connections.
  private func drain() {
    isDraining.store(true, ordering: .releasing)
    for listener in listeners { listener.loop.give(.interrupt(token: listener.registration.token)) }
    for gate in gates { gate.open() }
  }

  /// Ends what is still open when the grace period is over.
  private func end(_ service: Task<Result<Void, SocketError>, Never>) {
    guard let gracePeriod = limits.gracePeriod else { return }
    // A listener's loop may have ended before others, which still serve.
    let loop = loops.first { !$0.isStopped } ?? listeners[0].loop
    let end = Deadline.after(gracePeriod)
    let task = Task {
      do throws(SocketError) {
        try await loop.sleep(until: end)
      } catch {
        // Cancelled where there is nothing left to be ended; a loop that ends meanwhile leaves no time.
        if error.reason == .cancelled { return }
      }
      service.cancel()
    }
    reaper.withLock { $0 = task }
  }

  private func serveAll(_ begin: @escaping Begin) async -> Result<Void, SocketError> {
    let outcome = await withTaskGroup { group in
      for index in listeners.indices {
        group.addTask(executorPreference: self.listeners[index].loop) { await self.serve(index, begin) }
      }
      var outcome = Result<Void, SocketError>.success(())
      for await one in group where (try? one.get()) == nil {
        // Where one of the listeners has failed, the server has.
        outcome = one
        drain()
      }
      return outcome
    }
    await waitForStreams()
    return outcome
  }

  private func serve(_ index: Int, _ begin: Begin) async -> Result<Void, SocketError> {
    await withDiscardingTaskGroup { group in
      let outcome = await takeConnections(index, &group, begin)
      listeners[index].close()
      return outcome
    }
  }

  /// How many connections may still be taken at the end, which waited already: as many as a backlog has room for.
  private static var mostAtLast: Int { 4096 }

  private func takeConnections(
    _ index: Int, _ group: inout DiscardingTaskGroup, _ begin: Begin
  ) async -> Result<Void, SocketError> {
    let (listener, gate) = (listeners[index], gates[index])
    var backoff = AcceptBackoff()
    var lastLeft = Self.mostAtLast
    while true {
      let isLast = isDraining.load(ordering: .acquiring)
      // What waits already is still taken: to close the listener would reset it.
      if isLast {
        lastLeft -= 1
        guard lastLeft > 0 else { return .success(()) }
      }
      do throws(SocketError) {
        let accepted = try await listener.acceptSocket(
          until: isLast ? .now : .never, admit: { () throws(SocketError) in try admit(isLast) }, dismiss: dismiss)
        backoff.reset()
        begin(&group, accepted, listener, loop(for: listener))
      } catch {
        switch error.reason {
        case .cancelled where isDraining.load(ordering: .acquiring): continue
        case .errno(.wouldBlock) where isLast, .busy where isLast: return .success(())
        case .closed: return .success(())
        case .busy:
          guard await gate.wait() != .loopClosed else { return .failure(SocketError(.accept, .loopClosed)) }
        case .errno(let errno) where !Self.isFinal(errno):
          // A shortage, or something that a firewall or the network has against one connection: it may pass.
          failed(nil, error)
          guard !isLast else { return .success(()) }
          _ = await gate.wait(until: .after(backoff.next()))
        default: return .failure(error)
        }
      }
    }
  }

  /// Whether no connection can ever be taken again: the listener is gone, or is none.
  private static func isFinal(_ errno: Errno) -> Bool {
    switch errno {
    case .badDescriptor, .invalidArgument, .notSocket, .notSupported: true
    default: false
    }
  }

  /// Counts one more connection.
  ///
  /// - Throws: `SocketError` with ``SocketError/Reason/busy`` where there are as many as there may be, and with
  ///   ``SocketError/Reason/cancelled`` where the server has been told to end while the call let others have their turn.
  private func admit(_ isLast: Bool) throws(SocketError) {
    guard isLast || !isDraining.load(ordering: .acquiring) else { throw SocketError(.accept, .cancelled) }
    guard open.add(1, ordering: .acquiring).oldValue >= limits.connections else { return }
    open.subtract(1, ordering: .relaxed)
    throw SocketError(.accept, .busy)
  }

  /// Counts one less, which there was not after all. Another listener may have been refused because of it.
  private func dismiss() {
    open.subtract(1, ordering: .relaxed)
    if gates.count > 1 { for gate in gates { gate.open() } }
  }

  private func loop(for listener: Listener) -> EventLoop {
    guard !loops.isEmpty else { return listener.loop }
    let number = nextLoop.wrappingAdd(1, ordering: .relaxed).oldValue
    return loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
  }
}

/// What connections report.
extension Service {
  /// Something has gone wrong with one connection, or with taking them.
  @inline(never)
  func failed(_ peer: CompactAddress?, _ error: any Error) {
    onFailure?(peer?.address, error)
  }

  /// A connection has ended, and with it perhaps a shortage.
  func connectionEnded() {
    open.subtract(1, ordering: .releasing)
    for gate in gates { gate.open() }
  }

  /// A connection has a handler, and no task.
  func streamBegins() {
    streams.add(1, ordering: .relaxed)
  }

  /// Such a connection has ended.
  func streamEnded() {
    streams.subtract(1, ordering: .releasing)
    connectionEnded()
  }

  /// Waits until those connections have ended that have no tasks, as groups do for the others.
  private func waitForStreams() async {
    while streams.load(ordering: .acquiring) > 0 {
      let wake = await gates[0].wait()
      guard wake != .ready else { continue }
      for loop in loops.isEmpty ? listeners.map(\.loop) : loops {
        await loop.onLoop { self.endStreams(on: loop, wake) }
      }
    }
  }

  private func endStreams(on loop: EventLoop, _ wake: Wake) {
    guard loop.isCurrent else { return }
    // The state is this thread's own. Nobody is told anything while it is being used.
    for index in 0..<(unsafe loop.state.pointee.slots.count) {
      guard let stream = unsafe loop.state.pointee.slots[index].pointee.sink as? HandledStream else { continue }
      if stream.service === self { stream.end(wake) }
    }
  }
}
