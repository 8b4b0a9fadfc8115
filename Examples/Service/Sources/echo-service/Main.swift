// An echo server as a service among others: swift-service-lifecycle starts and ends it, swift-metrics counts, and
// swift-log tells.
//   echo-service 127.0.0.1:8000 127.0.0.1:9000     # the second serves the figures, as Prometheus reads them

internal import AsyncSockets
internal import Foundation
internal import Logging
internal import Metrics
internal import ServiceLifecycle
internal import Sockets
internal import UnixSignals

@main struct Main {
  static func main() async {
    LoggingSystem.bootstrap(StreamLogHandler.standardOutput)
    let logger = Logger(label: "echo-service")
    let arguments = CommandLine.arguments.dropFirst()
    let addresses = arguments.compactMap { try? SocketAddress($0) }
    guard arguments.count == 2, addresses.count == 2 else {
      logger.critical("usage: echo-service ADDRESS METRICS-ADDRESS")
      exit(64)
    }
    let figures = Figures()
    MetricsSystem.bootstrap(figures)
    do {
      let loop = try EventLoop()
      try loop.start()
      defer { loop.stop() }
      // They end in the opposite order: the figures are there to the last.
      let group = ServiceGroup(
        services: [
          FiguresService(address: addresses[1], figures: figures, loop: loop, logger: logger),
          EchoService(address: addresses[0], loop: loop, logger: logger),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger)
      try await group.run()
    } catch {
      logger.critical("\(error)")
      exit(1)
    }
  }
}
