// Says who takes connections, asking all at once:
//   port-check 2 localhost:22 www.example.org:443 unix:///run/echo.sock
// The status is 0 if all do.

internal import AsyncSockets
internal import ExampleSupport
internal import Sockets

@main struct PortCheck {
  static func main() async {
    await Program.run(usage: "SECONDS ENDPOINT ...") { arguments in
      guard arguments.count >= 2, let seconds = Double(arguments[0]), seconds > 0, seconds < 1e6 else { throw Usage() }
      let endpoints = try arguments.dropFirst().map { try Endpoint($0) }
      for endpoint in endpoints where endpoint.socketType != .stream {
        // What is sent may be lost, and who takes it need not answer.
        throw Failure("\(endpoint): whether somebody receives datagrams cannot be told")
      }
      let loop = try EventLoop()
      try loop.start()
      defer { loop.stop() }
      let outcomes = await check(endpoints, on: loop, until: .after(.seconds(seconds)))
      for outcome in outcomes { try Program.say(outcome.line) }
      let closed = outcomes.count { !$0.isOpen }
      if closed > 0 { throw Failure("\(closed) of \(outcomes.count) not open") }
    }
  }
}

/// What became of one endpoint.
private struct Outcome: Sendable {
  let isOpen: Bool
  let line: String
}

/// Connects to each, and says how it went, in the order in which they were given.
private func check(_ endpoints: [Endpoint], on loop: EventLoop, until deadline: Deadline) async -> [Outcome] {
  await withTaskGroup(of: (Int, Outcome).self) { group in
    for (index, endpoint) in endpoints.enumerated() {
      group.addTask { (index, await check(endpoint, on: loop, until: deadline)) }
    }
    var outcomes = [Outcome?](repeating: nil, count: endpoints.count)
    for await (index, outcome) in group { outcomes[index] = outcome }
    return outcomes.compactMap(\.self)
  }
}

private func check(_ endpoint: Endpoint, on loop: EventLoop, until deadline: Deadline) async -> Outcome {
  do throws(ConnectError) {
    let connection = try await Connection.connected(to: endpoint, on: loop, until: deadline)
    defer { connection.close() }
    return Outcome(isOpen: true, line: "open    \(endpoint)  \(connection.peerAddress)")
  } catch {
    return Outcome(isOpen: false, line: "closed  \(endpoint)  \(error)")
  }
}
