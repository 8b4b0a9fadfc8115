public import Sockets

/// Serving.
extension Listener {
  /// Takes connections and serves each in a task of its own, until the task that calls this is cancelled, or the
  /// listener closed. Then no more are taken than wait already; those that are open may end by themselves for a grace
  /// period, and are cancelled after that. When this returns, all tasks have ended, and the listener is closed.
  ///
  /// A connection is closed when its task ends, however it does. What goes wrong with one touches no other. Where
  /// descriptors or memory are short (EMFILE, ENFILE, ENOBUFS, ENOMEM), this pauses for a while, or until a connection
  /// has ended.
  ///
  /// - Parameters:
  ///   - limits: How much to take on.
  ///   - loops: The loops that connections are handed to in turn; none for the listener's own.
  ///   - onFailure: What is told of an error that a connection's task has thrown, with the peer, or that was met in
  ///     taking connections, without.
  ///   - body: Serves one connection. On the connection's loop, unless it moves elsewhere by itself.
  /// - Throws: `SocketError` where connections cannot be taken any more, with ``SocketError/Reason/loopClosed`` where
  ///   the loop has been stopped.
  public func serve(
    limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    onFailure: (@Sendable (SocketAddress?, any Error) -> Void)? = nil,
    _ body: @escaping @Sendable (Connection, SocketAddress) async throws -> Void
  ) async throws(SocketError) {
    let service = Service(self, limits, loops, onFailure)
    try await service.run { group, accepted, loop in
      let peer = accepted.peer
      let descriptor = accepted.socket.release()
      group.addTask(executorPreference: loop) {
        defer { service.connectionEnded() }
        do {
          let connection = try service.connection(descriptor, on: loop)
          try await connection.serving { try await body(connection, peer) }
        } catch {
          service.failed(peer, error)
        }
      }
    }
  }
}

extension Service {
  /// A connection that has been taken, on the thread of its loop.
  fileprivate func connection(_ descriptor: Int32, on loop: EventLoop) throws(SocketError) -> Connection {
    let connection = Connection(
      try Registration.watching(Socket(owning: descriptor), on: loop, endsShort: listener.registration.endsShort))
    connection.registration.limit(limits)
    return connection
  }
}

extension Connection {
  /// Serves the connection in the calling task, and closes it. A cancellation of the task reaches all of its calls: they
  /// need not look after it one by one.
  fileprivate func serving(_ body: () async throws -> Void) async throws {
    let (loop, token) = (registration.loop, registration.token)
    defer { close() }
    registration.enterScope()
    try await withTaskCancellationHandler {
      try await body()
    } onCancel: {
      loop.give(.cancelAll(token: token))
    }
  }
}

extension Registration {
  /// Sets what a server has set for all of its connections. On the loop's thread, before anyone makes a call.
  func limit(_ limits: ServiceLimits) {
    // The slot is this thread's own.
    if let timeout = limits.readTimeout { unsafe slot.pointee.readTimeout = timeout }
    if let timeout = limits.writeTimeout { unsafe slot.pointee.writeTimeout = timeout }
    if let timeout = limits.idleTimeout { unsafe loop.state.pointee.watchIdleness(slot, timeout) }
  }

  /// Says that somebody passes on the cancellation of this task. On the loop's thread.
  fileprivate func enterScope() {
    // As above; it is let go of when the slot is given back, which the socket's end is not later than the task's.
    unsafe withUnsafeCurrentTask { task in unsafe slot.pointee.scope = task }
  }
}

/// Serving without a task for each connection.
extension Listener {
  /// Takes connections and has a handler answer each, until the task that calls this is cancelled; otherwise as
  /// ``serve(limits:across:onFailure:_:)``. It costs as little as a loop written by hand, and a connection no more than
  /// its handler.
  ///
  /// - Parameters:
  ///   - limits: How much to take on.
  ///   - loops: The loops that connections are handed to in turn; none for the listener's own.
  ///   - onFailure: What is told of an error of a connection, with the peer, or that was met in taking connections,
  ///     without.
  ///   - handler: Makes the handler of one connection, on its loop's thread.
  /// - Throws: `SocketError` as that.
  public func serve<Handler: StreamHandler>(
    limits: ServiceLimits = ServiceLimits(), across loops: [EventLoop] = [],
    onFailure: (@Sendable (SocketAddress?, any Error) -> Void)? = nil,
    handler: @escaping @Sendable (SocketAddress) -> Handler
  ) async throws(SocketError) {
    let service = Service(self, limits, loops, onFailure)
    try await service.run { _, accepted, loop in
      let peer = accepted.peer
      let descriptor = accepted.socket.release()
      service.streamBegins()
      loop.perform {
        let stream = StreamOf(handler(peer), descriptor, service, on: loop) { service.failed(peer, $0) }
        stream.begin()
      }
    }
  }
}
