// Opens a socket once and keeps worker processes that serve it, each of which is handed the open socket over another.
// One that dies is replaced, and no client is refused meanwhile: the socket stays open, and clients wait in its queue.
//   supervisor 127.0.0.1:4001 2

internal import AsyncSockets
internal import ExampleSupport
internal import Foundation
internal import Sockets

@main struct Supervisor {
  static func main() async {
    await Program.run(usage: "ADDRESS WORKERS") { arguments in
      if arguments == ["worker"] { return try await work() }
      guard arguments.count == 2, let count = Int(arguments[1]), 1...100 ~= count else { throw Usage() }
      try await supervise(try SocketAddress(arguments[0]), count)
    }
  }
}

/// Keeps so many workers until a signal comes, and then until they have ended.
private func supervise(_ address: SocketAddress, _ count: Int) async throws {
  let signals = try Program.terminationSignals()
  let loop = try EventLoop()
  try loop.start()
  defer { loop.stop() }
  let interruption = try await Connection(signals, on: loop)
  let workers = try Workers(address, loop)
  try Program.say("listening on \(try workers.listener.localAddress)")
  try await withThrowingTaskGroup { group in
    for _ in 0..<count { group.addTask { try await workers.keepOne() } }
    group.addTask { _ = try await interruption.receive(upTo: 1) }
    // Nothing but a signal, or what must not happen, ends any of them.
    try await group.next()
    group.cancelAll()
  }
}

/// The processes, and what they serve.
private final class Workers: Sendable {
  let listener: Socket
  private let loop: EventLoop
  private let program: URL

  init(_ address: SocketAddress, _ loop: EventLoop) throws {
    listener = try Socket(for: address, .stream)
    try listener.set(.reuseAddress, true)
    try listener.bind(to: address)
    try listener.listen()
    self.loop = loop
    program = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
  }

  /// Runs a worker, and another when that has ended, until the task is cancelled.
  func keepOne() async throws {
    while !Task.isCancelled {
      // One that cannot live is not to take all of the processor.
      let earliest = Deadline.after(.seconds(1))
      try await runOne()
      if !Task.isCancelled { try? await loop.sleep(until: earliest) }
    }
  }

  /// Starts a worker, hands it the socket, and waits for its end, which a cancellation asks for.
  private func runOne() async throws {
    let pair = try Socket.pair()
    let worker = Process()
    worker.executableURL = program
    worker.arguments = ["worker"]
    // The worker's end of the pair is its standard input, and nobody else's once this is closed.
    let input = FileHandle(fileDescriptor: pair.second.release(), closeOnDealloc: true)
    worker.standardInput = input
    let (ends, end) = AsyncStream.makeStream(of: Int32.self)
    worker.terminationHandler = { worker in
      end.yield(worker.terminationStatus)
      end.finish()
    }
    try worker.run()
    try input.close()
    let name = "worker \(worker.processIdentifier)"
    try Program.say("\(name) started")
    let channel = try await Connection(pair.first, on: loop)
    do {
      try await hand(over: channel)
      // It has nothing to say: what comes is its end.
      _ = try await channel.receive(upTo: 1)
    } catch {
      if error.reason != .cancelled { Program.report(Failure("\(name): \(error)")) }
    }
    // Where it is still there, this is what it ends at, when its clients are done. A cancellation does not shorten that.
    channel.close()
    let status = await Task { await ends.first { _ in true } }.value
    try Program.say("\(name) ended with status \(status ?? -1)")
  }

  /// Sends the socket beside a byte: a message of a stream has at least one.
  private func hand(over channel: Connection) async throws(SocketError) {
    var control = ControlBuffer()
    try control.append(descriptors: [listener.descriptor])
    _ = try await channel.send([0].span, control: control, until: .after(.seconds(10)))
  }
}
