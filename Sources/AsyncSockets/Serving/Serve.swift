internal import CSockets
public import Sockets

/// Serving.
extension Listener {
  /// Takes connections and serves each in a task of its own, until the task that calls this is cancelled; see
  /// ``serve(_:limits:across:onFailure:_:)``.
  ///
  /// - Throws: `SocketError` as that.
  public func serve(
    limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    onFailure: (@Sendable (SocketAddress?, any Error) -> Void)? = nil,
    _ body: @escaping @Sendable (Connection) async throws -> Void
  ) async throws(SocketError) {
    try await Self.serve([self], limits: limits, across: loops, onFailure: onFailure, body)
  }

  /// Takes the connections of several listeners and serves each in a task of its own, until the task that calls this is
  /// cancelled, or the listeners are closed. Then no more are taken than wait already; those that are open may end by
  /// themselves for a grace period, and are cancelled after that. When this returns, all of their tasks have ended, and
  /// the listeners are closed.
  ///
  /// A connection is closed when its task ends, however it does. What goes wrong with one touches no other. Where
  /// descriptors or memory are short (EMFILE, ENFILE, ENOBUFS, ENOMEM), this pauses for a while, or until a connection
  /// has ended.
  ///
  /// - Parameters:
  ///   - listeners: Where connections come from.
  ///   - limits: How much to take on, all in all.
  ///   - loops: The loops that connections are handed to in turn; none for each listener's own.
  ///   - onFailure: What is told of an error that a connection's task has thrown, with the peer, or that was met in
  ///     taking connections, without.
  ///   - body: Serves one connection. It runs on the connection's loop, unless it moves elsewhere by itself. Once it
  ///     has been cancelled, every call of its connection throws ``Sockets/SocketError/Reason/cancelled``, also one
  ///     that would not wait.
  /// - Throws: `SocketError` where connections cannot be taken any more, with ``Sockets/SocketError/Reason/loopClosed``
  ///   where the loop has been stopped.
  public static func serve(
    _ listeners: [Listener], limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    onFailure: (@Sendable (SocketAddress?, any Error) -> Void)? = nil,
    _ body: @escaping @Sendable (Connection) async throws -> Void
  ) async throws(SocketError) {
    guard !listeners.isEmpty else { return }
    let service = Service(listeners, limits, loops, onFailure)
    try await service.run { group, accepted, listener, loop in
      let peer = CompactAddress(accepted.peer)
      let descriptor = accepted.socket.release()
      let endsShort = listener.registration.endsShort
      group.addTask(executorPreference: loop) {
        await service.serve(descriptor, peer, on: loop, endsShort: endsShort, body)
      }
    }
  }
}

extension Service {
  /// Serves a connection that has been taken, in the calling task, and closes it.
  @inline(__always)  // One frame less for as long as the connection lasts.
  fileprivate func serve(
    _ descriptor: Int32, _ peer: CompactAddress, on loop: EventLoop, endsShort: Bool,
    _ body: (Connection) async throws -> Void
  ) async {
    guard let connection = connection(descriptor, peer, on: loop, endsShort: endsShort) else {
      return connectionEnded()
    }
    do {
      try await body(connection)
      end(connection, nil)
    } catch {
      end(connection, error)
    }
  }

  /// A connection that has been taken, on its loop's thread; nil where it has failed already. (Not inlined, as below:
  /// what it needs only while it runs would be kept for as long as the connection lasts.)
  @inline(never)
  private func connection(
    _ descriptor: Int32, _ peer: CompactAddress, on loop: EventLoop, endsShort: Bool
  ) -> Connection? {
    do throws(SocketError) {
      let registration = try Registration.watching(Socket(owning: descriptor), on: loop, endsShort: endsShort)
      registration.limit(limits)
      registration.belong(to: self)
      return Connection(registration, peer)
    } catch {
      failed(peer, error)
      return nil
    }
  }

  @inline(never)
  private func end(_ connection: Connection, _ error: (any Error)?) {
    if let error { failed(connection.peer, error) }
    connection.close()
    connectionEnded()
  }
}

extension Registration {
  /// Sets what a server has set for all of its connections. On the loop's thread, before anyone makes a call.
  fileprivate func limit(_ limits: ServiceLimits) {
    // The slot is this thread's own.
    if let timeout = limits.readTimeout { unsafe slot.pointee.readTimeout = timeout.atLeastOne }
    if let timeout = limits.writeTimeout { unsafe slot.pointee.writeTimeout = timeout.atLeastOne }
    if let timeout = limits.idleTimeout { unsafe loop.state.pointee.watchIdleness(slot, timeout.atLeastOne) }
  }

  /// Says that a server ends its calls, and which task they are made in: this one. On the loop's thread.
  fileprivate func belong(to service: Service) {
    // As above. The task lives until it has closed the socket, after which nobody asks.
    unsafe slot.pointee.service = ObjectIdentifier(service)
    unsafe slot.pointee.task = cs_current_task()
    // It has been ended before it began. Nobody waits yet.
    if Task.isCancelled { _ = unsafe loop.state.pointee.cancel(slot) }
  }

  /// Says that a server takes the connections of this listener, and lets its call go on by itself when it is to end: the
  /// call of this task. False where another server does so. On the loop's thread, or when the loop has ended.
  func takeOver() -> Bool {
    // As above; by its token, since the listener may have been closed. Then the next call says so.
    guard loop.isCurrent, let slot = unsafe state.pointee.slots.slot(token) else { return true }
    guard unsafe slot.pointee.task == nil else { return false }
    unsafe slot.pointee.task = cs_current_task()
    return true
  }

  /// Leaves the listener to others. On the loop's thread, or when the loop has ended.
  func giveUp() {
    // As above.
    guard loop.isCurrent else { return }
    unsafe state.pointee.slots.slot(token)?.pointee.task = nil
  }
}

extension Duration {
  /// The duration in nanoseconds: none at all, or less, is as short as can be, since 0 would be for ever.
  var atLeastOne: Int64 { max(nanosecondsRoundedUp, 1) }
}

/// Serving without a task for each connection.
extension Listener {
  /// Takes connections and has a handler answer each, until the task that calls this is cancelled; see
  /// ``serve(_:limits:across:onFailure:handler:)``.
  ///
  /// - Throws: `SocketError` as that.
  public func serve<Handler: StreamHandler>(
    limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    onFailure: (@Sendable (SocketAddress?, any Error) -> Void)? = nil,
    handler: @escaping @Sendable (SocketAddress) -> Handler
  ) async throws(SocketError) {
    try await Self.serve([self], limits: limits, across: loops, onFailure: onFailure, handler: handler)
  }

  /// Takes the connections of several listeners and has a handler answer each, until the task that calls this is
  /// cancelled; otherwise as ``serve(_:limits:across:onFailure:_:)``. It costs as little as a loop written by hand, and
  /// a connection no more than its handler.
  ///
  /// - Parameters:
  ///   - listeners: Where connections come from.
  ///   - limits: How much to take on, all in all. A handler does not wait, so that the timeouts of reads and writes are
  ///     not for it; the one for idle connections is.
  ///   - loops: The loops that connections are handed to in turn; none for each listener's own.
  ///   - onFailure: What is told of an error of a connection, with the peer, or that was met in taking connections,
  ///     without.
  ///   - handler: Makes the handler of one connection, on its loop's thread.
  /// - Throws: `SocketError` as that.
  public static func serve<Handler: StreamHandler>(
    _ listeners: [Listener], limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    onFailure: (@Sendable (SocketAddress?, any Error) -> Void)? = nil,
    handler: @escaping @Sendable (SocketAddress) -> Handler
  ) async throws(SocketError) {
    guard !listeners.isEmpty else { return }
    let service = Service(listeners, limits, loops, onFailure)
    try await service.run { _, accepted, listener, loop in
      let peer = CompactAddress(accepted.peer)
      let descriptor = accepted.socket.release()
      let endsShort = listener.registration.endsShort
      service.streamBegins()
      loop.perform {
        StreamOf(handler(peer.address), peer, descriptor, service, on: loop, endsShort: endsShort).begin()
      }
    }
  }
}
