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
      let results = await check(endpoints, on: loop, until: .after(.seconds(seconds)))
      for result in results { try Program.say(result.line) }
      let closed = results.count { !$0.isOpen }
      if closed > 0 { throw Failure("\(closed) of \(results.count) not open") }
    }
  }
}

/// What became of one endpoint.
private struct Result: Sendable {
  let isOpen: Bool
  let line: String
}

/// Connects to each, and says how it went, in the order in which they were given.
private func check(_ endpoints: [Endpoint], on loop: EventLoop, until deadline: Deadline) async -> [Result] {
  await withTaskGroup(of: (Int, Result).self) { group in
    for (index, endpoint) in endpoints.enumerated() {
      group.addTask { (index, await check(endpoint, on: loop, until: deadline)) }
    }
    var results = [Result?](repeating: nil, count: endpoints.count)
    for await (index, result) in group { results[index] = result }
    return results.compactMap(\.self)
  }
}

private func check(_ endpoint: Endpoint, on loop: EventLoop, until deadline: Deadline) async -> Result {
  do throws(ConnectError) {
    let connection = try await Connection.connected(to: endpoint, on: loop, until: deadline)
    defer { connection.close() }
    return Result(isOpen: true, line: "open    \(endpoint)  \(connection.peerAddress)")
  } catch {
    return Result(isOpen: false, line: "closed  \(endpoint)  \(error)")
  }
}
