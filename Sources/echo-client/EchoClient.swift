internal import EchoSupport
internal import Sockets

#if Programs
  internal import ArgumentParser

  /// The command line.
  @main struct EchoClient: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "echo-client",
      abstract: "Talks to an echo server, or measures it.",
      usage: """
        echo-client [--raw] [ENDPOINT]
        echo-client bench [OPTION ...] ENDPOINT
        """,
      discussion: """
        Without a subcommand it sends what you type, line by line, and shows what comes back; see echo-client help talk.

        An ENDPOINT is tcp://HOST:PORT (or HOST:PORT alone), udp://HOST:PORT, unix://PATH or unixgram://PATH. HOST is an address or a name; \
        an IPv6 address has brackets around it. A PATH that begins with @ is an abstract name.
        """,
      version: "0.1.0",
      subcommands: [TalkCommand.self, BenchCommand.self],
      defaultSubcommand: TalkCommand.self)
  }

  /// The command line of the dialogue.
  struct TalkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "talk",
      abstract: "Sends what you type, line by line, and shows what comes back.",
      usage: "echo-client [--raw] [ENDPOINT]",
      discussion: """
        An ENDPOINT is tcp://HOST:PORT (or HOST:PORT alone), udp://HOST:PORT, unix://PATH or unixgram://PATH. HOST is an address or a name; \
        an IPv6 address has brackets around it. A PATH that begins with @ is an abstract name.

        It ends at a line that is "quit", or at the end of the input.

        EXAMPLES:
          echo-client
          echo-client udp://localhost:8000
          echo-client --raw unix:///run/echo.sock <file >copy
        """)

    @Argument(
      help: ArgumentHelp("Where to connect (default: tcp://127.0.0.1:8000).", valueName: "ENDPOINT"),
      transform: { try Endpoint($0) })
    var endpoint = Endpoint.tcp(.ipv4(.loopback), port: 8000)

    @Flag(help: "Pass standard input to the socket and the socket to standard output, without prompts.")
    var raw = false

    @OptionGroup var log: LogOptions

    func run() throws {
      do {
        try StandardStream.prepare()
        let socket = try connect(to: endpoint, log.diagnostics)
        if raw {
          try RawSession(endpoint, log.diagnostics).run(socket)
        } else {
          var session = LineSession(endpoint, log.diagnostics)
          try session.run(socket)
        }
      } catch {
        Failure.report("echo-client", error)
        throw ExitCode.failure
      }
    }
  }

  /// What both dialogue and benchmark tell besides.
  struct LogOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "What to tell on standard error: debug adds steps, trace what the dialogue sends and receives.",
        valueName: "LEVEL"))
    var logLevel = Diagnostics.defaultLevel

    var diagnostics: Diagnostics { Diagnostics("echo-client", downTo: logLevel) }
  }
#else
  @main enum EchoClient {
    static func main() {
      Failure.end("echo-client", Failure("built without the trait Programs, which brings its command line"))
    }
  }
#endif
