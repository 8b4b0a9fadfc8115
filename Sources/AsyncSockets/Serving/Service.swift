internal import Sockets
internal import Synchronization

/// A server: takes connections for as long as it may, and waits for them to end.
final class Service: Sendable {
  let limits: ServiceLimits
  private let listeners: [Listener]
  /// Who serves the connections, in turn.
  private let loops: [EventLoop]
  private let handsOver: Bool
  private let onFailure: (@Sendable (SocketAddress?, any Error) -> Void)?
  /// How many connections are open.
  private let open = Atomic(0)
  /// How many of them have a handler, and no task.
  private let streams = Atomic(0)
  private let isDraining = Atomic(false)
  /// Whether the grace period is over: what begins after that has ended.
  private let hasEnded = Atomic(false)
  private let nextLoop = Atomic(0)
  /// One for each listener: opened when a connection has ended, and when the server is to end.
  private let gates: [Gate]
  /// Opened when the server is to end.
  private let ending: Gate

  /// A server of some listeners, at least one, whose connections are handed to some loops in turn; none for each
  /// listener's own.
  init(
    _ listeners: [Listener], _ limits: ServiceLimits, _ loops: [EventLoop],
    _ onFailure: (@Sendable (SocketAddress?, any Error) -> Void)?
  ) {
    self.listeners = listeners
    self.limits = limits
    self.loops = loops.isEmpty ? listeners.map(\.loop) : loops
    handsOver = !loops.isEmpty
    self.onFailure = onFailure
    gates = listeners.map { Gate(on: $0.loop) }
    ending = Gate(on: listeners[0].loop)
  }

  /// What begins to serve a connection that a listener has taken, on one of the loops.
  typealias Begin = @Sendable (inout DiscardingTaskGroup, consuming Accepted, Listener, EventLoop) -> Void

  /// Serves until the calling task is cancelled and what was open has ended.
  func run(_ begin: @escaping Begin) async throws(SocketError) {
    // A task of its own, so that a cancellation does not reach what is open at once.
    let service = Task(executorPreference: listeners[0].loop) { await self.serveAll(begin) }
    let outcome = await withTaskCancellationHandler {
      await service.value
    } onCancel: {
      self.drain()
    }
    try outcome.get()
  }

  /// Takes no more connections.
  private func drain() {
    isDraining.store(true, ordering: .releasing)
    for listener in listeners { listener.loop.give(.interrupt(token: listener.registration.token)) }
    for gate in gates { gate.open() }
    ending.open()
  }

  /// A part of the server that has ended.
  private enum Part {
    /// A listener takes no more connections, and those that have tasks have ended.
    case listener(Result<Void, SocketError>)
    /// Those have ended that have handlers.
    case streams
    /// What is still open has had its time.
    case gracePeriod
  }

  private func serveAll(_ begin: @escaping Begin) async -> Result<Void, SocketError> {
    await withTaskGroup(of: Part.self) { group in
      for index in listeners.indices {
        group.addTask(executorPreference: self.listeners[index].loop) { .listener(await self.serve(index, begin)) }
      }
      if let gracePeriod = limits.gracePeriod {
        group.addTask {
          await self.waitForEnd(gracePeriod)
          return .gracePeriod
        }
      }
      var outcome = Result<Void, SocketError>.success(())
      var listening = listeners.count
      for await part in group {
        switch part {
        case .listener(let one):
          // Where one of the listeners has failed, the server has.
          if (try? one.get()) == nil {
            outcome = one
            drain()
          }
          listening -= 1
          if listening == 0 {
            group.addTask {
              // Not cancelled with the others: it ends when there are no more.
              await Task(executorPreference: self.listeners[0].loop) { await self.waitForStreams() }.value
              return .streams
            }
          }
        case .streams:
          // A grace period that is not needed any more.
          group.cancelAll()
        case .gracePeriod:
          group.cancelAll()
          hasEnded.store(true, ordering: .releasing)
          await endConnections(.cancelled)
        }
      }
      return outcome
    }
  }

  /// Waits until the server is to end and the grace period is over.
  private func waitForEnd(_ gracePeriod: Duration) async {
    _ = await ending.wait()
    let end = Deadline.after(gracePeriod)
    // A loop may end before others, which still serve. Where all have, there is nothing left to end.
    for loop in loops where !Task.isCancelled {
      if (try? await loop.sleep(until: end)) != nil { return }
    }
  }

  private func serve(_ index: Int, _ begin: Begin) async -> Result<Void, SocketError> {
    await withDiscardingTaskGroup { group in
      let listener = listeners[index]
      guard listener.registration.takeOver() else { return .failure(SocketError(.accept, .busy)) }
      let outcome = await takeConnections(index, &group, begin)
      // Where it has failed since somebody else takes connections there, it stays theirs.
      if case .failure(let error) = outcome, error.reason == .busy {
        listener.registration.giveUp()
      } else {
        listener.close()
      }
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
          until: isLast ? .now : .never, admit: { admit(isLast) }, dismiss: dismiss)
        if let accepted {
          backoff.reset()
          begin(&group, accepted, listener, loop(for: listener))
        } else if isLast {
          return .success(())
        } else if await gate.wait() == .loopClosed {
          return .failure(SocketError(.accept, .loopClosed))
        }
      } catch {
        switch error.reason {
        // By drain, of this server or of one that it keeps out. What waits already is still taken.
        case .cancelled: continue
        case .errno(.wouldBlock) where isLast: return .success(())
        case .closed: return .success(())
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

  /// Counts one more connection; false where there are as many as there may be, or where the server has been told to end
  /// while the call let others have their turn: the gate is open then.
  private func admit(_ isLast: Bool) -> Bool {
    guard isLast || !isDraining.load(ordering: .acquiring) else { return false }
    guard open.add(1, ordering: .acquiring).oldValue >= limits.connections else { return true }
    open.subtract(1, ordering: .relaxed)
    return false
  }

  /// Counts one less, which there was not after all. Another listener may have been refused because of it.
  private func dismiss() {
    open.subtract(1, ordering: .relaxed)
    if gates.count > 1 { for gate in gates { gate.open() } }
  }

  private func loop(for listener: Listener) -> EventLoop {
    guard handsOver else { return listener.loop }
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

  /// Whether a connection that only begins now is to end at once.
  var isOver: Bool { hasEnded.load(ordering: .acquiring) }

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
      // The other loops' have no more time either.
      if await gates[0].wait() == .loopClosed { await endConnections(.loopClosed) }
    }
  }

  /// Ends the connections that are open.
  private func endConnections(_ wake: Wake) async {
    for loop in loops { await loop.onLoop { self.endConnections(on: loop, wake) } }
  }

  private func endConnections(on loop: EventLoop, _ wake: Wake) {
    guard loop.isCurrent else { return }
    // The state is this thread's own. Nobody is told anything while it is being used.
    for index in 0..<(unsafe loop.state.pointee.slots.count) {
      let slot = unsafe loop.state.pointee.slots[index]
      guard unsafe slot.pointee.service == ObjectIdentifier(self) else { continue }
      unsafe loop.state.pointee.cancel(slot)?.end(wake)
    }
  }
}
