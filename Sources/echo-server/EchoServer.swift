internal import EchoSupport
internal import SocketActivation
internal import Sockets

#if Programs
  internal import ArgumentParser

  /// The command line.
  @main struct EchoServer: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "echo-server",
      abstract: "Sends back whatever it receives, over TCP, UDP and Unix sockets.",
      discussion: """
        An ENDPOINT is tcp://HOST:PORT (or HOST:PORT alone), udp://HOST:PORT, unix://PATH or unixgram://PATH. HOST is an address, a name, \
        or * for every address of this machine; an IPv6 address has brackets around it; port 0 lets the system choose. \
        A PATH that begins with @ is an abstract name. Who may connect to a PATH is decided by the permissions of its file, \
        which are those that the umask leaves, and by --allow-uid.

        SIGINT or SIGTERM stops accepting and finishes what is open, for as long as --grace-period says; a second signal \
        ends it at once.

        EXAMPLES:
          echo-server
          echo-server tcp://*:8000 udp://*:8000 unix:///run/echo.sock
          echo-server --mode threads --idle-timeout 30 tcp://[::1]:0
        """,
      version: "0.1.0")

    @Argument(
      help: ArgumentHelp(
        "Where to listen (default: the sockets that a service manager hands over, or tcp://127.0.0.1:8000).",
        valueName: "ENDPOINT"),
      transform: { try Endpoint($0) })
    var endpoints: [Endpoint] = []

    @Option(
      help: """
        threads: a thread for each connection; poll: one thread that waits for all of them; async: event loops, with a \
        task for each connection; handler: event loops, without.
        """)
    var mode = Mode.async

    @Option(
      help: ArgumentHelp(
        "How many event loops to run, each on a thread of its own (default: one for each processor).", valueName: "N"))
    var loops: Int?

    @Option(
      help: ArgumentHelp(
        "How long an event loop looks for work before it sleeps: sooner answers for more processor time (default: 0).",
        valueName: "MICROSECONDS"))
    var busyPoll: Int?

    @Option(
      help: ArgumentHelp(
        "What stream clients are greeted with (default: 'Welcome to my server' and a newline).", valueName: "TEXT"))
    var welcome: String?

    @Flag(name: .customLong("no-welcome"), help: "Greet nobody.")
    var greetsNobody = false

    @Option(
      help: ArgumentHelp(
        "How many connections to have at once; others wait in the backlog. No limit unless given.", valueName: "N"))
    var maxConnections: Int?

    @Option(
      help: ArgumentHelp(
        "Close a connection on which nothing has moved for so many seconds, such as 30 or 0.5.", valueName: "SECONDS"))
    var idleTimeout: Double?

    @Option(
      help: ArgumentHelp(
        "Close connections that are still open so many seconds after a signal (default: wait until they end).",
        valueName: "SECONDS"))
    var gracePeriod: Double?

    @Option(
      name: .customLong("allow-uid"),
      help: ArgumentHelp(
        "Serve only this user over unix://, by number; give it again for each one more. Others are closed.",
        valueName: "UID"))
    var allowedUsers: [UInt32] = []

    @Option(
      help: ArgumentHelp(
        """
        Whoever connects over TCP from this address or prefix is a proxy, and begins with a PROXY header (version 1 or \
        2) that says who the client is. May be given several times; for the modes async and threads.
        """, valueName: "FROM"),
      transform: { $0.contains("/") ? try IPPrefix($0) : IPPrefix(wholeOf: try IPAddress($0)) })
    var proxyProtocol: [IPPrefix] = []

    @Option(
      help: ArgumentHelp(
        "Write the process's number to this file, and refuse to run beside another that has it.", valueName: "PATH"),
      completion: .file())
    var pidfile: String?

    @Flag(help: "Print neither connections nor what is received.")
    var quiet = false

    @Option(
      help: ArgumentHelp(
        "What to tell on standard error: debug adds steps, trace every transfer; critical leaves failures of clients out.",
        valueName: "LEVEL"))
    var logLevel = Diagnostics.defaultLevel

    func validate() throws {
      if greetsNobody, welcome != nil {
        throw ValidationError("--welcome and --no-welcome exclude each other")
      }
      if let maxConnections, maxConnections < 1 {
        throw ValidationError("--max-connections \(maxConnections): must be 1 or more")
      }
      if let loops, !(1...1024 ~= loops) { throw ValidationError("--loops \(loops): must be from 1 to 1024") }
      if let busyPoll, !(0...1_000_000 ~= busyPoll) {
        throw ValidationError("--busy-poll \(busyPoll): must be from 0 to 1000000")
      }
      if loops ?? busyPoll != nil, mode != .async, mode != .handler {
        throw ValidationError("--loops and --busy-poll are for the modes async and handler")
      }
      if !allowedUsers.isEmpty {
        guard endpoints.contains(where: { if case .unix = $0 { true } else { false } }) else {
          throw ValidationError("--allow-uid needs an endpoint unix://PATH")
        }
        // A datagram comes without a connection whose user could be asked for.
        if endpoints.contains(where: { if case .unixgram = $0 { true } else { false } }) {
          throw ValidationError("--allow-uid is not for unixgram://")
        }
      }
      if !proxyProtocol.isEmpty, mode != .async, mode != .threads {
        throw ValidationError("--proxy-protocol is for the modes async and threads")
      }
      if let idleTimeout, !(idleTimeout > 0 && idleTimeout <= 1e9) {
        throw ValidationError("--idle-timeout \(idleTimeout): must be above 0, and 1000000000 at most")
      }
      if let gracePeriod, !(0...1e9 ~= gracePeriod) {
        throw ValidationError("--grace-period \(gracePeriod): must be from 0 to 1000000000")
      }
    }

    func run() throws {
      let diagnostics = Diagnostics("echo-server", downTo: logLevel)
      diagnostics.debug("mode \(mode)")
      let settings = Settings(
        welcome: greetsNobody ? [] : Array((welcome ?? "Welcome to my server\n").utf8),
        maximumConnections: maxConnections ?? .max,
        idleTimeout: idleTimeout.map { .seconds($0) },
        gracePeriod: gracePeriod.map { .seconds($0) },
        allowedUsers: AllowedUsers(numbers: allowedUsers.isEmpty ? nil : Set(allowedUsers)),
        proxies: TrustedProxies(prefixes: proxyProtocol),
        log: Log(diagnostics, isQuiet: quiet),
        loops: loops,
        busyPoll: .microseconds(busyPoll ?? 0))
      do {
        try serve(endpoints, mode, settings, pidFile: pidfile)
      } catch {
        Failure.report("echo-server", error)
        throw ExitCode.failure
      }
    }
  }

  extension Mode: ExpressibleByArgument {}
#else
  @main enum EchoServer {
    static func main() {
      Failure.end("echo-server", Failure("built without the trait Programs, which brings its command line"))
    }
  }
#endif

/// How connections are served.
enum Mode: String, CaseIterable {
  case threads, poll, async, handler
}

/// Listens on the endpoints and serves whoever comes until a signal ends it.
private func serve(_ endpoints: [Endpoint], _ mode: Mode, _ settings: Settings, pidFile path: String?) throws {
  try StandardStream.prepare()
  // Before there are threads, which might look at the environment.
  var opened = endpoints.isEmpty ? try OpenedEndpoint.handedOver() : []
  let watchdog = try Watchdog(settings.log)
  ignoreBrokenPipes()
  let signals = try TerminationSignals()
  // Held until this function returns.
  let pidFile: PIDFile? = if let path { try PIDFile(path: path) } else { nil }
  defer { _ = pidFile }
  for endpoint in opened.isEmpty && endpoints.isEmpty ? [.tcp(.ipv4(.loopback), port: 8000)] : endpoints {
    opened.append(try OpenedEndpoint(endpoint))
  }
  let names = opened.map(\.endpoint.description)
  setProcessTitle(names.joined(separator: " "))
  for name in names { try StandardStream.output.write("listening on \(name)\n") }
  notifyManager(.ready, .status("listening on \(names.joined(separator: " "))"), log: settings.log)
  var sockets = opened.flatMap(\.sockets)
  opened = []
  switch mode {
  case .threads:
    try ThreadServer(settings).run(&sockets, signals, watchdog)
  case .poll:
    var server = try PollServer(settings)
    try server.run(&sockets, signals, watchdog)
  case .async, .handler:
    try LoopServer(settings, usesHandlers: mode == .handler).run(&sockets, signals, watchdog)
  }
}
