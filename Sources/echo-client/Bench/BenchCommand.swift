#if Programs
  internal import ArgumentParser
  internal import EchoSupport
  internal import Sockets

  /// The command line of the benchmark.
  struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "bench",
      abstract: "Measures an echo server: how many requests a second it answers, and how soon.",
      discussion: """
        An ENDPOINT is as without bench. A request is a payload that is sent and comes back; each byte that comes back is compared.

        Without --rate a request is sent as soon as another is answered. With --rate requests are sent on schedule, spread over \
        the connections and whether those before were answered or not, and their latency counts from when they were due: it is \
        corrected for coordinated omission. A datagram without a reply within 200 ms is lost.

        EXAMPLES:
          echo-client bench tcp://127.0.0.1:8000
          echo-client bench --connections 1000 --payload 4096 --server-pid 4711 localhost:8000
          echo-client bench --rate 20000 --duration 30 --plot latency.svg localhost:8000
          echo-client bench --udp --segments --payload 1400 --json localhost:8000
          echo-client bench --churn unix:///run/echo.sock
        """)

    @Argument(
      help: ArgumentHelp("The server.", valueName: "ENDPOINT"), transform: { try Endpoint($0) })
    var endpoint: Endpoint

    @Option(help: ArgumentHelp("How many connections are open at once.", valueName: "N"))
    var connections = 50

    @Option(help: ArgumentHelp("How many bytes a request has.", valueName: "BYTES"))
    var payload = 64

    @Option(
      help: ArgumentHelp(
        "How many requests are under way on each connection (default: 1; with --segments as many as fit into one send).",
        valueName: "N"))
    var pipeline: Int?

    @Option(help: ArgumentHelp("How long to measure.", valueName: "SECONDS"))
    var duration = 5.0

    @Option(help: ArgumentHelp("How long to make requests before that.", valueName: "SECONDS"))
    var warmup = 1.0

    @Option(help: ArgumentHelp("How many requests a second are due.", valueName: "REQUESTS"))
    var rate: Double?

    @Flag(help: "Take HOST:PORT for a UDP endpoint.")
    var udp = false

    @Flag(help: "Make a new connection for each request.")
    var churn = false

    @Flag(help: "Have the kernel cut datagrams out of one send, and put them together again (UDP).")
    var segments = false

    @Option(help: ArgumentHelp("The server's process, whose CPU time is to be measured.", valueName: "PID"))
    var serverPid: Int32?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("Draw the latencies into this file, as SVG.", valueName: "FILE"), completion: .file())
    var plot: String?

    @Flag(help: "Show no progress.")
    var quiet = false

    @Flag(name: .customLong("no-greeting"), help: "Do not wait for a greeting of the server.")
    var hasNoGreeting = false

    @OptionGroup var log: LogOptions

    func validate() throws {
      try check("--connections", connections, 1...1_000_000)
      try check("--payload", payload, payloads)
      try check("--pipeline", pipeline ?? 1, 1...(segments ? segmentLimit : 1024))
      try check("--duration", duration, 0.001...86_400)
      try check("--warmup", warmup, 0...3600)
      if let rate { try check("--rate", rate, 0.1...10_000_000) }
      if let serverPid { try check("--server-pid", serverPid, 1...Int32.max) }
      if udp, target.socketType != .datagram { throw ValidationError("--udp: \(endpoint) is not HOST:PORT") }
      if segments, !isUDP { throw ValidationError("--segments: \(endpoint) is not a UDP endpoint") }
      if churn, target.socketType != .stream { throw ValidationError("--churn: \(target) has no connections") }
      if churn, pipeline ?? 1 > 1 { throw ValidationError("--churn and --pipeline exclude each other") }
      for (option, isGiven) in [("--churn", churn), ("--segments", segments), ("--pipeline", pipeline != nil)]
      where isGiven && rate != nil {
        throw ValidationError("--rate and \(option) exclude each other")
      }
    }

    func run() throws {
      do {
        try StandardStream.prepare()
        let plot: OutputFile? = if let plot { try OutputFile(path: plot) } else { nil }
        let measurement = try run(settings)
        try StandardStream.output.write(json ? measurement.json : measurement.summary)
        try plot?.write(measurement.chart)
      } catch {
        Failure.report("echo-client", error)
        throw ExitCode.failure
      }
    }

    private func check<Value: Comparable>(_ name: String, _ value: Value, _ range: ClosedRange<Value>) throws {
      guard range.contains(value) else {
        throw ValidationError("\(name) \(value): must be \(range.lowerBound) to \(range.upperBound)")
      }
    }
  }

  extension BenchCommand {
    /// The endpoint as it is meant.
    private var target: Endpoint {
      if udp, case .tcp(let host, let port) = endpoint { .udp(host, port: port) } else { endpoint }
    }

    private var isUDP: Bool { if case .udp = target { true } else { false } }

    /// What a payload may have. A datagram has a number of eight bytes at its beginning.
    private var payloads: ClosedRange<Int> {
      switch target {
      case .tcp, .unix: 1...1 << 24
      case .udp: 8...65_507
      case .unixgram: 8...131_072
      }
    }

    /// How many datagrams fit into one send that is cut.
    private var segmentLimit: Int { max(min(64, 65_487 / max(payload, 1)), 1) }

    private var settings: BenchSettings {
      BenchSettings(
        endpoint: target,
        kind: churn ? .churn : segments ? .segments : target.socketType == .datagram ? .datagram : .stream,
        connections: connections,
        payload: payload,
        pipeline: pipeline ?? (segments ? segmentLimit : 1),
        rate: rate,
        duration: Int64(duration * 1e9),
        warmup: Int64(warmup * 1e9),
        expectsGreeting: !hasNoGreeting,
        serverProcess: serverPid,
        diagnostics: log.diagnostics)
    }

    private func run(_ settings: BenchSettings) throws -> Measurement {
      // Standard streams, the poller and the like take some too.
      let limit = try raiseDescriptorLimit()
      guard limit - 16 >= connections else {
        throw Failure("--connections \(connections): this process may have only \(limit) descriptors (see ulimit -n)")
      }
      let progress = quiet || !StandardStream.error.isTerminal ? nil : Progress(settings)
      defer { progress?.end() }
      switch settings.kind {
      case .stream:
        var load = try StreamLoad(settings)
        return try checked(measure(&load, settings, progress))
      case .datagram, .segments:
        var load = try DatagramLoad(settings)
        return try checked(measure(&load, settings, progress))
      case .churn:
        var load = try ChurnLoad(settings)
        return try checked(measure(&load, settings, progress))
      }
    }

    /// A measurement of something.
    private func checked(_ measurement: Measurement) throws -> Measurement {
      guard measurement.tally.requests > 0 else {
        throw Failure("\(settings.endpoint): no reply within \(decimal(measurement.seconds, 3)) s")
      }
      return measurement
    }
  }
#endif
