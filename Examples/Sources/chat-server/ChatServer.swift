// A room in which everybody hears what anybody says. Come in with `netcat 127.0.0.1:4000`.

internal import AsyncSockets
internal import ExampleSupport
internal import Sockets

@main struct ChatServer {
  static func main() async {
    await Program.run(usage: "[ADDRESS]") { arguments in
      guard arguments.count <= 1 else { throw Usage() }
      try await serve(at: try SocketAddress(arguments.first ?? "127.0.0.1:4000"))
    }
  }
}

private func serve(at address: SocketAddress) async throws {
  let signals = try Program.terminationSignals()
  let loop = try EventLoop()
  try loop.start()
  defer { loop.stop() }
  let interruption = try await Connection(signals, on: loop)
  let listener = try await Listener(at: address, on: loop)
  let local = try listener.withSocket { socket throws(SocketError) in try socket.localAddress }
  try Program.say("listening on \(local)")

  let room = Room()
  var limits = ServiceLimits()
  // Who does not hear the end in that time will not hear it.
  limits.gracePeriod = .seconds(5)
  try await withThrowingTaskGroup { group in
    group.addTask { [limits] in
      try await listener.serve(limits: limits) { peer, error in
        // Who has not said its name when the room is closed is cut off, and that is no failure.
        if (error as? SocketError)?.reason == .cancelled { return }
        Program.report(Failure("\(peer.map { "client \($0)" } ?? "listener"): \(error)"))
      } _: { connection in
        try await room.host(connection)
      }
    }
    group.addTask {
      _ = try await interruption.receive(upTo: 1)
      room.close()
    }
    // Whichever ends first ends the other.
    try await group.next()
    group.cancelAll()
  }
}
