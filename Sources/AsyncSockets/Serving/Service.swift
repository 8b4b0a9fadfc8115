internal import Sockets
internal import Synchronization

/// A server: takes connections for as long as it may, and waits for them to end.
final class Service: Sendable {
  let listener: Listener
  let limits: ServiceLimits
  private let loops: [EventLoop]
  private let onFailure: (@Sendable (SocketAddress?, any Error) -> Void)?
  /// How many connections are open.
  private let open = Atomic(0)
  /// How many of them have a handler, and no task.
  private let streams = Atomic(0)
  private let isDraining = Atomic(false)
  /// Opened when a connection has ended, and when the server is to end.
  private let gate: Gate
  /// What ends the server when its time is over.
  private let reaper = Mutex<Task<Void, Never>?>(nil)

  init(
    _ listener: Listener, _ limits: ServiceLimits, _ loops: [EventLoop],
    _ onFailure: (@Sendable (SocketAddress?, any Error) -> Void)?
  ) {
    self.listener = listener
    self.limits = limits
    self.loops = loops.isEmpty ? [listener.loop] : loops
    self.onFailure = onFailure
    gate = Gate(on: listener.loop)
  }

  /// What begins to serve a connection on one of the loops.
  typealias Begin = @Sendable (inout DiscardingTaskGroup, consuming Accepted, EventLoop) -> Void

  /// Serves until the calling task is cancelled and what was open has ended.
  func run(_ begin: @escaping Begin) async throws(SocketError) {
    // A task of its own, so that a cancellation does not reach what is open at once.
    let service = Task(executorPreference: listener.loop) { await self.serve(begin) }
    let outcome = await withTaskCancellationHandler {
      await service.value
    } onCancel: {
      self.drain(service)
    }
    reaper.withLock { $0?.cancel() }
    try outcome.get()
  }

  /// Reports what has gone wrong with one connection, or with taking them.
  func failed(_ peer: SocketAddress?, _ error: any Error) {
    onFailure?(peer, error)
  }

  /// Notes that a connection has a handler, and no task.
  func streamBegins() {
    streams.add(1, ordering: .relaxed)
  }

  /// Notes that such a connection has ended.
  func streamEnded() {
    streams.subtract(1, ordering: .releasing)
    connectionEnded()
  }

  /// Notes that a connection has ended, and with it perhaps a shortage.
  func connectionEnded() {
    open.subtract(1, ordering: .releasing)
    gate.open()
  }

  /// Takes no more connections, and gives those that are open so long to end.
  private func drain(_ service: Task<Result<Void, SocketError>, Never>) {
    isDraining.store(true, ordering: .releasing)
    listener.loop.give(.interrupt(token: listener.registration.token))
    gate.open()
    guard let gracePeriod = limits.gracePeriod else { return }
    let loop = listener.loop
    let end = Deadline.after(gracePeriod)
    let task = Task {
      // Cancelled where there is nothing left to be ended.
      guard (try? await loop.sleep(until: end)) != nil else { return }
      service.cancel()
    }
    reaper.withLock { $0 = task }
  }

  private func serve(_ begin: Begin) async -> Result<Void, SocketError> {
    await withDiscardingTaskGroup { group in
      let outcome = await takeConnections(&group, begin)
      listener.close()
      await waitForStreams()
      return outcome
    }
  }

  /// How many connections may still be taken at the end, which waited already: as many as a backlog has room for.
  private static var mostAtLast: Int { 4096 }

  /// Waits until those connections have ended that have no tasks, as the group does for the others.
  private func waitForStreams() async {
    while streams.load(ordering: .acquiring) > 0 {
      switch await gate.wait() {
      case .ready: continue
      default: for loop in loops { await loop.onLoop { self.endStreams(on: loop) } }
      }
    }
  }

  private func endStreams(on loop: EventLoop) {
    guard loop.isCurrent else { return }
    // The state is this thread's own. Nobody is told anything while it is being used.
    for index in 0..<(unsafe loop.state.pointee.slots.count) {
      guard let stream = unsafe loop.state.pointee.slots[index].pointee.sink as? HandledStream else { continue }
      if stream.service === self { stream.end(.cancelled) }
    }
  }

  private func takeConnections(_ group: inout DiscardingTaskGroup, _ begin: Begin) async -> Result<Void, SocketError> {
    var backoff = AcceptBackoff()
    var next = 0
    var lastLeft = Self.mostAtLast
    while true {
      let isLast = isDraining.load(ordering: .acquiring)
      if open.load(ordering: .acquiring) >= limits.connections {
        guard !isLast, await gate.wait() != .loopClosed else { return .success(()) }
        continue
      }
      do throws(SocketError) {
        // What waits already is still taken: to close the listener would reset it.
        if isLast {
          lastLeft -= 1
          guard lastLeft > 0 else { return .success(()) }
        }
        let accepted = try await listener.acceptSocket(until: isLast ? .now : .never)
        backoff.reset()
        open.add(1, ordering: .relaxed)
        begin(&group, accepted, loops[next])
        next = (next + 1) % loops.count
      } catch {
        switch error.reason {
        case .cancelled where isDraining.load(ordering: .acquiring): continue
        case .errno(.wouldBlock) where isLast: return .success(())
        case .closed: return .success(())
        case _ where error.isShortage && !isLast:
          failed(nil, error)
          _ = await gate.wait(until: .after(backoff.next()))
        default: return .failure(error)
        }
      }
    }
  }
}
