public import Sockets
internal import Synchronization

/// Suspending calls, and letting them go on.
extension EventLoop {
  /// Suspends the calling task until its time has come, at no cost to anything else on the loop.
  ///
  /// - Throws: `SocketError` with ``Sockets/SocketError/Reason/cancelled`` or
  ///   ``Sockets/SocketError/Reason/loopClosed``.
  public func sleep(until deadline: Deadline) async throws(SocketError) {
    let wake = await onLoop {
      guard self.isCurrent else { return Wake.loopClosed }
      let index = unsafe self.state.pointee.slots.take()
      // The slot is this call's own until it is given back.
      let wake = await unsafe self.suspend(self.state.pointee.slots[index], .read, until: deadline)
      if self.isCurrent { unsafe self.state.pointee.slots.giveBack(index) }
      return wake
    }
    if wake != .ready && wake != .timedOut { throw SocketError(.wait, wake.reason) }
  }

  /// Does something on the loop's thread, there already or not. (A function that is not `@concurrent` would begin where
  /// its caller is.)
  func onLoop<R: Sendable, E>(_ body: @escaping @concurrent @Sendable () async throws(E) -> R) async throws(E) -> R {
    // Also for a task that is there and has no preference for it, as an actor may have brought there: it would go on
    // elsewhere once it has waited.
    try await withTaskExecutorPreference(self) { () async throws(E) in try await self.onceThere(body) }
  }

  /// A task that begins at once (`Task.immediate`) with a preference for the loop is taken for being there already, until
  /// it has been suspended, as a yield often does.
  @concurrent private func onceThere<R: Sendable, E>(
    _ body: @concurrent @Sendable () async throws(E) -> R
  ) async throws(E) -> R {
    while !isCurrent && !isStopped { await Task.yield() }
    return try await body()
  }

  /// Lets the call go on that waits in a slot of its own.
  func wake(_ token: UInt64) {
    guard isCurrent else { return _ = give(.wake(token: token)) }
    // The state is this thread's own.
    guard let slot = unsafe state.pointee.slots.slot(token) else { return }
    unsafe state.pointee.wake(&slot.pointee.reader, .ready)
  }

  /// Suspends a call that runs on the loop's thread, until it is woken.
  func suspend(_ slot: UnsafeMutablePointer<Slot>, _ direction: Direction, until deadline: Deadline) async -> Wake {
    // On its own thread; after the end of the loop another one runs what is left.
    guard isCurrent, unsafe !state.pointee.isClosing else { return .loopClosed }
    if let wake = unsafe SlotState.wake(slot.shared.pointee.state.load(ordering: .relaxed)) { return wake }
    let waiter = unsafe slot.waiter(direction)
    // The server ends it: it need not look after a cancellation itself.
    if unsafe slot.isServedHere {
      // Resumed once, by whoever takes it out of the waiter.
      return await unsafe withContinuation { continuation in
        unsafe state.pointee.park(waiter, continuation, 0, until: deadline)
      }
    }
    let ticket = unsafe state.pointee.nextTicket()
    let order = unsafe Inbox.Order.cancelCall(waiter, ticket: ticket)
    return await withTaskCancellationHandler {
      // As above.
      await unsafe withContinuation { continuation in
        unsafe state.pointee.park(waiter, continuation, ticket, until: deadline)
      }
    } onCancel: {
      give(order)
    }
  }
}

/// Suspends the calling task until a continuation is resumed, once. `withUnsafeContinuation` does the same, but has the
/// task first switch to the executor that it is on already: 270 instructions, a tenth of what a request takes.
@inline(__always)
@unsafe func withContinuation(_ body: (UnsafeContinuation<Wake, Never>) -> Void) async -> Wake {
  // Resumed once, which is the caller's to see to.
  #if compiler(<6.4)
    await unsafe _unsafeInheritExecutor_withUnsafeContinuation(body)
  #else
    // It may be gone from the standard library: it is there for what was compiled long ago.
    await unsafe withUnsafeContinuation(body)
  #endif
}
