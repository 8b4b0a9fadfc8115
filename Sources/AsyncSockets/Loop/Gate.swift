internal import Sockets
internal import Synchronization

/// Lets one task wait until somebody, on any thread, opens it. To open it before anyone waits is not lost.
final class Gate: Sendable {
  private let loop: EventLoop
  private let state = Mutex(State())

  fileprivate struct State {
    var isOpen = false
    /// Who waits, to the loop.
    var token: UInt64?
  }

  init(on loop: EventLoop) {
    self.loop = loop
  }

  /// Waits until it is open, and closes it again.
  func wait(until deadline: Deadline = .never) async -> Wake {
    await loop.onLoop { await self.waitOnLoop(until: deadline) }
  }

  private func waitOnLoop(until deadline: Deadline) async -> Wake {
    guard loop.isCurrent else { return .loopClosed }
    // The state is this thread's own, and the slot this call's until it is given back.
    let index = unsafe loop.state.pointee.slots.take()
    let token = unsafe loop.state.pointee.slots.token(index)
    let isOpen = state.withLock { state in
      state.token = token
      return state.takeOpen()
    }
    let wake = isOpen ? .ready : await unsafe loop.suspend(loop.state.pointee.slots[index], .read, until: deadline)
    state.withLock { state in
      state.token = nil
      _ = state.takeOpen()
    }
    if loop.isCurrent { unsafe loop.state.pointee.slots.giveBack(index) }
    return wake
  }

  /// Opens it.
  func open() {
    let token = state.withLock { state in
      state.isOpen = true
      return state.token
    }
    if let token { loop.wake(token) }
  }
}

extension Gate.State {
  fileprivate mutating func takeOpen() -> Bool {
    defer { isOpen = false }
    return isOpen
  }
}
