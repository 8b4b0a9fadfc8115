import Foundation
import Testing

/// What is wrong on a command line is said before anything is done.
@Suite("A command line") struct UsageTests {
  static let programs = ["echo-server", "echo-client"]

  @Test("with an unknown option is refused", arguments: programs)
  func unknownOption(program: String) throws {
    try withSandbox { sandbox in
      let refused = try sandbox.run([Sandbox.program(program), "--nonsense"])
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains("--nonsense"))
      #expect(refused.output == "")
    }
  }

  @Test("can ask for help and for the version", arguments: programs)
  func help(program: String) throws {
    try withSandbox { sandbox in
      let help = try sandbox.run([Sandbox.program(program), "--help"])
      #expect(help.ending == .exited(0))
      #expect(help.output.contains("USAGE: \(program) "))
      let version = try sandbox.run([Sandbox.program(program), "--version"])
      #expect(version.ending == .exited(0))
      #expect(version.output == "0.1.0\n")
    }
  }

  /// What is no endpoint, and what is said about it; first IPv4 addresses that older programs would take.
  static let badEndpoints: [(endpoint: String, reason: String)] = [
    ("127.1:80", "byte 5: it ends too early"),
    ("010.0.0.1:80", "byte 0: a leading zero"),
    ("tcp://0x7f.1:80", "byte 7: an unexpected character"),
    ("tcp://2130706433:80", "byte 6: a number above 255"),
    ("tcp://host", "byte 10: no ':' and port behind the host"),
    ("http://x", "byte 0: a scheme other than tcp, udp, unix and unixgram"),
    ("tcp://127.0.0.1:65536", "byte 16: a number above 65535"),
    ("tcp://127.0.0.1:", "it ends too early"),
    ("tcp://127.0.0.1:-1", "an unexpected character"),
    ("tcp://::1:80", "an IPv6 address before a port needs brackets"),
    ("udp://[::1:80", "byte 13: it ends too early"),
    ("tcp://ho st:80", "byte 8: not allowed in a host name"),
    ("unix://", "byte 7: it ends too early"),
    ("", "it is empty"),
  ]

  @Test("with a bad endpoint is refused with the input and the reason: trap 24", arguments: programs, badEndpoints)
  func badEndpoint(program: String, bad: (endpoint: String, reason: String)) throws {
    try withSandbox { sandbox in
      let refused = try sandbox.run([Sandbox.program(program), bad.endpoint])
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains("\"\(bad.endpoint)\" is not an endpoint: "))
      #expect(refused.error.contains(bad.reason), "\(refused)")
      #expect(refused.output == "")
    }
  }

  /// Options that the server refuses, and what it says.
  static let badOptions: [(options: [String], message: String)] = [
    (["--max-connections", "0"], "--max-connections 0: must be 1 or more"),
    (["--max-connections", "many"], "'many'"),
    (["--loops", "0"], "--loops 0: must be from 1 to 1024"),
    (["--loops", "2", "--mode", "poll"], "--loops and --busy-poll are for the modes async and handler"),
    (["--busy-poll", "1000001"], "--busy-poll 1000001: must be from 0 to 1000000"),
    (["--busy-poll", "1", "--mode", "threads"], "--loops and --busy-poll are for the modes async and handler"),
    (["--idle-timeout", "0"], "--idle-timeout 0.0: must be above 0"),
    (["--idle-timeout", "nan"], "--idle-timeout nan: must be above 0"),
    (["--grace-period", "-1"], "--grace-period"),
    (["--grace-period=-1"], "--grace-period -1.0: must be from 0 to 1000000000"),
    (["--grace-period", "nan"], "--grace-period nan: must be from 0 to 1000000000"),
    (["--idle-timeout", "1e10"], "--idle-timeout 10000000000.0: must be above 0, and 1000000000 at most"),
    (["--mode", "fork"], "'fork'"),
    (["--welcome", "hello", "--no-welcome"], "--welcome and --no-welcome exclude each other"),
  ]

  @Test("of the server with an option out of range is refused", arguments: badOptions)
  func badOption(bad: (options: [String], message: String)) throws {
    try withSandbox { sandbox in
      let refused = try sandbox.endingServer(bad.options + ["tcp://127.0.0.1:0"])
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains(bad.message), "\(refused)")
      #expect(refused.output == "")
    }
  }

  /// Options that the load generator refuses, and what it says.
  static let badBenchOptions: [(options: [String], message: String)] = [
    ([], "ENDPOINT"),
    (["nonsense"], "is not an endpoint"),
    (["--connections", "0", "localhost:80"], "--connections 0: must be 1 to 1000000"),
    (["--payload", "0", "localhost:80"], "--payload 0: must be 1 to 16777216"),
    (["--payload", "7", "udp://localhost:80"], "--payload 7: must be 8 to 65507"),
    (["--payload", "7", "unixgram://x"], "--payload 7: must be 8 to 131072"),
    (["--pipeline", "0", "localhost:80"], "--pipeline 0: must be 1 to 1024"),
    (["--pipeline", "47", "--segments", "--payload", "1400", "udp://localhost:80"], "--pipeline 47: must be 1 to 46"),
    (["--duration", "0", "localhost:80"], "--duration 0.0: must be 0.001 to 86400.0"),
    (["--duration", "nan", "localhost:80"], "--duration nan: must be"),
    (["--warmup=-1", "localhost:80"], "--warmup -1.0: must be 0.0 to 3600.0"),
    (["--rate", "0", "localhost:80"], "--rate 0.0: must be 0.1 to 10000000.0"),
    (["--rate", "5", "--pipeline", "2", "localhost:80"], "--rate and --pipeline exclude each other"),
    (["--rate", "5", "--churn", "localhost:80"], "--rate and --churn exclude each other"),
    (["--churn", "--pipeline", "2", "localhost:80"], "--churn and --pipeline exclude each other"),
    (["--churn", "udp://localhost:80"], "--churn: udp://localhost:80 has no connections"),
    (["--segments", "localhost:80"], "--segments: tcp://localhost:80 is not a UDP endpoint"),
    (["--udp", "unix://x"], "--udp: unix://x is not HOST:PORT"),
    (["--server-pid", "0", "localhost:80"], "--server-pid 0: must be 1 to 2147483647"),
  ]

  @Test("of the load generator with something out of range is refused", arguments: badBenchOptions)
  func badBenchOption(bad: (options: [String], message: String)) throws {
    try withSandbox { sandbox in
      let refused = try sandbox.run([Sandbox.program("echo-client"), "bench"] + bad.options)
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains(bad.message), "\(refused)")
      #expect(refused.output == "")
    }
  }

  @Test("of the client explains its subcommands", arguments: ["talk", "bench"])
  func subcommandHelp(subcommand: String) throws {
    try withSandbox { sandbox in
      for words in [[subcommand, "--help"], ["help", subcommand]] {
        let help = try sandbox.run([Sandbox.program("echo-client")] + words)
        #expect(help.ending == .exited(0))
        #expect(help.output.contains("EXAMPLES:"), "\(help)")
      }
    }
  }
}
