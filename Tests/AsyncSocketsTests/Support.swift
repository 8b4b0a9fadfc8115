import AsyncSockets
import Foundation
import Glibc
import Sockets
import Testing

/// The text's bytes.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A prime number of them, so that what is lost or doubled in pieces of a usual size shows.
private let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }

/// So many bytes, of which none follow each other twice in the same order for a long while.
func pattern(_ count: Int) -> [UInt8] {
  var all: [UInt8] = []
  all.reserveCapacity(count + block.count)
  while all.count < count { all += block }
  all.removeLast(all.count - count)
  return all
}

/// Runs a test with a loop that has a thread of its own, on that thread or not.
func withLoop<R: Sendable>(
  _ engine: Poller.Engine, onLoop: Bool, _ body: @escaping @concurrent @Sendable (EventLoop) async throws -> R
) async throws -> R {
  let loop = try EventLoop(engine: engine)
  try loop.start()
  defer { loop.stop() }
  return try await withTaskExecutorPreference(onLoop ? loop : nil) { try await body(loop) }
}

/// A socket that tasks can share.
final class Held: Sendable {
  let socket: Socket

  init(_ socket: consuming Socket) { self.socket = socket }

  /// Receives at most so many bytes, and fails rather than wait for ever.
  func received(_ count: Int = 65_536) throws -> [UInt8] { try socket.receive(upTo: count, until: .after(soon)) }

  /// Receives to the end of the stream.
  func receivedAll() throws -> [UInt8] {
    var all: [UInt8] = []
    while case let more = try received(1 << 20), !more.isEmpty { all += more }
    return all
  }
}

/// Kinds of stream.
enum Kind: CaseIterable {
  case tcp, unix

  /// Two sockets that are joined.
  func pair(sendBuffer: Int? = nil) throws -> (Held, Held) {
    switch self {
    case .tcp:
      let listener = try listening()
      let client = try Socket.connected(to: listener.localAddress, until: .after(soon))
      let accepted = try listener.accept(until: .after(soon))
      if let sendBuffer { try client.set(.sendBufferSize, sendBuffer) }
      return (Held(client), Held(accepted.socket))
    case .unix:
      let pair = try Socket.pair()
      if let sendBuffer { try pair.first.set(.sendBufferSize, sendBuffer) }
      return (Held(try pair.first.duplicate()), Held(try pair.second.duplicate()))
    }
  }

  /// The same, one of them on a loop.
  func joined(on loop: EventLoop, sendBuffer: Int? = nil) async throws -> (Connection, Held) {
    let (first, second) = try pair(sendBuffer: sendBuffer)
    return (try await Connection(first.socket.duplicate(), on: loop), second)
  }

  /// The same, both on a loop.
  func connections(on loop: EventLoop, sendBuffer: Int? = nil) async throws -> (Connection, Connection) {
    let (connection, peer) = try await joined(on: loop, sendBuffer: sendBuffer)
    return (connection, try await Connection(peer.socket.duplicate(), on: loop))
  }
}

/// A socket that listens on a loopback address, at a port of the kernel's choice.
func listening(_ address: SocketAddress = .loopback(port: 0), backlog: Int = 4096) throws -> Socket {
  let socket = try Socket(address.family, .stream)
  try socket.bind(to: address)
  try socket.listen(backlog: backlog)
  return socket
}

/// A name that no other test has.
func abstractName() throws -> SocketAddress {
  .unix(try UnixAddress(abstract: "async-sockets-\(UInt64.random(in: 0 ... .max))"))
}

extension Connection {
  /// Receives so many bytes, and fails rather than wait for ever.
  func received(exactly count: Int) async throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    var span = buffer.mutableSpan
    try await receiveExactly(into: &span, until: .after(soon))
    return buffer
  }

  /// Receives to the end of the stream.
  func receivedAll() async throws -> [UInt8] {
    var all: [UInt8] = []
    while case let more = try await receive(upTo: 1 << 20, until: .after(soon)), !more.isEmpty { all += more }
    return all
  }
}

/// The socket error that a call throws, or nil where it throws none.
func failure(_ body: () async throws -> Void) async -> SocketError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? SocketError
  }
}

/// How many sockets this process has open. (Other descriptors come and go: the tests' own threads have some.)
func openSockets(where isCounted: (String) -> Bool = { $0.hasPrefix("socket:") }) throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
    // The descriptor that read the directory is closed again by now.
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
    return target.map(isCounted) ?? false
  }
}

/// Waits until something holds that nothing tells of, and says whether it came to that.
func eventually(within limit: Duration = soon, _ condition: () throws -> Bool) async rethrows -> Bool {
  let deadline = Deadline.after(limit)
  while try !condition() {
    guard !deadline.hasPassed else { return false }
    await Task.yield()
  }
  return true
}

/// Does what waits on a thread of its own: there are only few that tasks run on.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) -> Task<R, any Error> {
  Task {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }
}

/// Ends a process that a test has for itself, where `#expect` does not reach, if the condition does not hold.
func ensure(
  _ condition: Bool, _ message: @autoclosure () -> String = "", file: StaticString = #file, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}

/// How long an operation takes.
func elapsed(_ body: () async throws -> Void) async rethrows -> Duration {
  try await ContinuousClock().measure(body)
}

/// How much processor time the calling thread has used.
func threadTime() -> Duration {
  var time = timespec()
  // Written before the call returns.
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// The socket error that a call throws which does not suspend, or nil.
func socketFailure(_ body: () throws -> Void) -> SocketError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SocketError
  }
}

/// How much processor time the process has used.
func processTime() -> Duration {
  var time = timespec()
  // Written before the call returns.
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// How much of it a wait uses.
func processTime(of body: () async throws -> Void) async rethrows -> Duration {
  let start = processTime()
  try await body()
  return processTime() - start
}

/// Sends back what comes.
struct EchoHandler: StreamHandler {
  mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) { output.send(bytes) }
}
