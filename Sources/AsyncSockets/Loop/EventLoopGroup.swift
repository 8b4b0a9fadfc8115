internal import CSockets
public import Sockets

/// Several loops, each on a thread of its own: one for each processor uses the whole machine.
///
/// ```swift
/// let group = try EventLoopGroup()
/// defer { group.stop() }
/// let listener = try await Listener(at: address, on: group.loops[0])
/// try await listener.serve(across: group.loops) { connection in … }
/// ```
///
/// One listener hands its connections to the loops in turn. Listeners of their own at the same port (SO_REUSEPORT), one a
/// loop, are possible too: `Listener.serve` takes several. Measured with two loops on two processors the processor time
/// is the same, for a request as for a connection, but the kernel spreads connections by chance: of eight, one loop had
/// sometimes twice as much to do as the other, and in turn they never differ by more than one connection. Unix sockets
/// know only the former.
///
/// Its loops stop when nobody refers to it any more.
public final class EventLoopGroup: Sendable {
  /// The loops, at least one.
  public let loops: [EventLoop]

  /// Starts loops.
  ///
  /// - Parameters:
  ///   - count: How many, from 1; nil for as many as this process may use processors.
  ///   - engine: The system call that they wait with.
  ///   - busyPoll: How long they look for events before they sleep; see ``EventLoop/init(engine:busyPoll:)``.
  /// - Throws: `SocketError` as ``EventLoop/init(engine:busyPoll:)`` and ``EventLoop/start()``.
  public init(
    count: Int? = nil, engine: Poller.Engine = .epoll, busyPoll: Duration = .zero
  ) throws(SocketError) {
    var loops: [EventLoop] = []
    do throws(SocketError) {
      for _ in 0..<max(count ?? Self.processorCount, 1) {
        let loop = try EventLoop(engine: engine, busyPoll: busyPoll)
        try loop.start()
        loops.append(loop)
      }
    } catch {
      for loop in loops { loop.stop() }
      throw error
    }
    self.loops = loops
  }

  /// How many processors this process may run on. Corresponds to `sched_getaffinity(2)`.
  public static var processorCount: Int { max(Int(cs_processor_count()), 1) }

  /// Stops the loops; see ``EventLoop/stop()``.
  public func stop() {
    for loop in loops { loop.stop() }
  }

  deinit {
    stop()
  }
}
