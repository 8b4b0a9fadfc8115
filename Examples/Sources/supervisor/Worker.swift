internal import AsyncSockets
internal import ExampleSupport
internal import Foundation
internal import Sockets

/// Serves the socket that comes over standard input, until that ends or a signal comes, and then until what is open is
/// done: every client is greeted and gets its bytes back.
func work() async throws {
  let signals = try Program.terminationSignals()
  let loop = try EventLoop()
  try loop.start()
  defer { loop.stop() }
  let interruption = try await Connection(signals, on: loop)
  let supervisor = try await Connection(Socket(adopting: 0), on: loop)
  let listener = try await receiveListener(from: supervisor, loop)
  let greeting = "worker \(ProcessInfo.processInfo.processIdentifier)\n"
  try await withThrowingTaskGroup { group in
    group.addTask {
      try await listener.serve { connection in
        try await connection.sendAll(greeting)
        for try await chunk in connection.chunks() { try await connection.sendAll(chunk) }
      }
    }
    group.addTask { _ = try await interruption.receive(upTo: 1) }
    group.addTask { _ = try await supervisor.receive(upTo: 1) }
    try await group.next()
    group.cancelAll()
  }
}

private func receiveListener(from supervisor: Connection, _ loop: EventLoop) async throws -> Listener {
  var control = ControlBuffer()
  var buffer: [UInt8] = [0]
  var span = buffer.mutableSpan
  _ = try await supervisor.receiveMessage(into: &span, control: &control, until: .after(.seconds(10)))
  // A descriptor that is not taken is closed with the buffer.
  guard let descriptor = control.takeDescriptor() else { throw Failure("no socket came over standard input") }
  return try await Listener(Socket(adopting: descriptor), on: loop)
}
