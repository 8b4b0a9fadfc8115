internal import AsyncSockets
internal import Logging
internal import Metrics
internal import ServiceLifecycle
internal import Sockets

/// Sends back whatever clients send. Told to end, it takes no more of them, and ends when those that are there have, or
/// after half a minute.
struct EchoService: Service {
  let address: SocketAddress
  let loop: EventLoop
  let logger: Logger

  func run() async throws {
    let listener = try await Listener(at: address, on: loop)
    let local = try listener.withSocket { socket throws(SocketError) in try socket.localAddress }
    logger.notice("echo listens", metadata: ["address": "\(local)"])
    let accepted = Counter(label: "connections_accepted_total")
    let open = Meter(label: "connections_open")
    let echoed = Counter(label: "bytes_echoed_total")
    var limits = ServiceLimits()
    limits.idleTimeout = .seconds(300)
    try await cancelWhenGracefulShutdown { [limits] in
      try await listener.serve(limits: limits) { peer, error in
        logger.error("\(error)", metadata: peer.map { ["client": "\($0)"] })
      } _: { connection in
        accepted.increment()
        open.increment()
        defer { open.decrement() }
        for try await chunk in connection.chunks() {
          try await connection.sendAll(chunk)
          echoed.increment(by: chunk.count)
        }
      }
    }
    logger.notice("echo has ended")
  }
}
