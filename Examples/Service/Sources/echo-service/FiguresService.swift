internal import AsyncSockets
internal import Logging
internal import ServiceLifecycle
internal import Sockets

/// Answers each HTTP request, whatever it asks for, with the figures.
struct FiguresService: Service {
  let address: SocketAddress
  let figures: Figures
  let loop: EventLoop
  let logger: Logger

  func run() async throws {
    let listener = try await Listener(at: address, on: loop)
    let local = try listener.withSocket { socket throws(SocketError) in try socket.localAddress }
    logger.notice("figures listen", metadata: ["address": "\(local)"])
    var limits = ServiceLimits()
    limits.connections = 16
    limits.readTimeout = .seconds(5)
    limits.writeTimeout = .seconds(5)
    try await cancelWhenGracefulShutdown { [limits] in
      try await listener.serve(limits: limits) { connection in
        // To the empty line that ends a request: what is not read would make the end of the connection a reset.
        for try await line in connection.lines(ofAtMost: 8192) where line.isEmpty { break }
        let text = figures.text
        try await connection.sendAll(
          """
          HTTP/1.1 200 OK\r
          Content-Type: text/plain; version=0.0.4\r
          Content-Length: \(text.utf8.count)\r
          Connection: close\r
          \r
          \(text)
          """)
      }
    }
    logger.notice("figures have ended")
  }
}
