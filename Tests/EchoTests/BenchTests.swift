import Foundation
import Testing

/// What the load generator prints with --json.
private struct Result: Decodable {
  struct Latency: Decodable {
    let min, mean, p50, p90, p99, p999, max: Double
  }

  let endpoint: String
  let connections, payload, pipeline: Int
  let rate: Double?
  let durationSeconds: Double
  let requests, errors, lost: Int
  let requestsPerSecond, bytesPerSecond: Double
  let latencyMicroseconds: Latency
  let correctedForCoordinatedOmission: Bool
  let serverCpuMicrosecondsPerRequest: Double?
  let clientCpuMicrosecondsPerRequest: Double
}

extension Sandbox {
  /// Runs the load generator for a short while.
  fileprivate func bench(_ endpoint: String, _ options: [String] = []) throws -> Program {
    try run(
      [Self.program("echo-client"), "bench", "--duration", "0.3", "--warmup", "0.1"] + options + [endpoint],
      within: .seconds(60))
  }

  /// The same, and reads what it prints.
  fileprivate func result(_ endpoint: String, _ options: [String] = []) throws -> Result {
    let program = try bench(endpoint, options + ["--json"])
    #expect(program.ending == .exited(0), "\(program)")
    #expect(program.error == "", "\(program)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Result.self, from: Data(program.outputBytes))
  }

  /// Starts an echo server of Python's that is faithful for so many messages; says where it is.
  fileprivate func unfaithful(_ transport: Transport, after messages: Int, _ then: String) throws -> String {
    let endpoint = transport.endpoint(in: self)
    let program = try start(Self.script("echo") + [endpoint, "\(messages)", then])
    try program.waitForOutput("\n")
    return String(program.output.dropFirst("listening on ".count).dropLast())
  }
}

/// What was measured adds up.
private func expectSound(_ result: Result) {
  #expect(result.requests > 0)
  #expect(result.errors == 0)
  #expect(result.durationSeconds >= 0.3)
  let perSecond = Double(result.requests) / result.durationSeconds
  #expect(abs(result.requestsPerSecond - perSecond) <= 0.1 + perSecond * 1e-5)
  #expect(abs(result.bytesPerSecond - perSecond * Double(result.payload)) <= 0.1 + result.bytesPerSecond * 1e-5)
  let latency = result.latencyMicroseconds
  let ascending = [latency.min, latency.p50, latency.p90, latency.p99, latency.p999, latency.max]
  #expect(ascending == ascending.sorted())
  #expect(latency.min > 0 && latency.min <= latency.mean && latency.mean <= latency.max)
  #expect(result.clientCpuMicrosecondsPerRequest > 0)
  #expect(result.correctedForCoordinatedOmission == (result.rate != nil))
}

/// The load generator against servers that do as they should.
@Suite("The load generator") struct BenchTests {
  static let everywhere = Mode.allCases.flatMap { mode in Transport.allCases.map { (mode, $0) } }

  @Test("measures a server", arguments: everywhere)
  func measures(mode: Mode, transport: Transport) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(transport, mode, ["--quiet"])
      let result = try sandbox.result(server.endpoint, ["--server-pid", "\(server.program.process)"])
      expectSound(result)
      #expect(result.endpoint == server.endpoint)
      #expect(result.connections == 50 && result.payload == 64 && result.pipeline == 1 && result.rate == nil)
      #expect((result.serverCpuMicrosecondsPerRequest ?? 0) > 0)
      // It has heard of no failure: not even at the end.
      if transport.isStream { #expect(server.program.error == "") }
    }
  }

  /// Kinds of load that a server has to stand.
  static let loads: [(transport: Transport, options: [String])] = [
    (.tcp, ["--connections", "1", "--payload", "1"]),
    (.tcp, ["--connections", "3", "--payload", "1000000", "--pipeline", "3"]),
    (.tcp, ["--pipeline", "16"]),
    (.tcp, ["--rate", "2000", "--payload", "5000"]),
    (.tcp, ["--churn", "--connections", "10"]),
    (.unix, ["--churn", "--connections", "10", "--payload", "300000"]),
    (.unix, ["--rate", "2000"]),
    (.udp, ["--payload", "8", "--pipeline", "4"]),
    (.udp, ["--payload", "65507", "--connections", "2"]),
    (.udp, ["--rate", "2000"]),
    (.udp, ["--segments", "--payload", "1400", "--connections", "2"]),
    (.udp, ["--segments", "--payload", "100", "--pipeline", "3", "--connections", "2"]),
    (.unixgram, ["--payload", "100000", "--pipeline", "3", "--connections", "4"]),
    (.unixgram, ["--rate", "2000"]),
  ]

  @Test("makes many kinds of load", arguments: loads)
  func load(load: (transport: Transport, options: [String])) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(load.transport, .poll, ["--quiet"])
      expectSound(try sandbox.result(server.endpoint, load.options))
    }
  }

  @Test("reads a greeting away that is expected, whatever it is", arguments: [["--no-welcome"], ["--welcome", "hi"]])
  func greeting(options: [String]) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"] + options)
      expectSound(try sandbox.result(server.endpoint))
      expectSound(try sandbox.result(server.endpoint, ["--churn"]))
    }
  }

  @Test("takes what was not expected as a greeting for what it is: not what was sent")
  func unexpectedGreeting() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"])
      let refused = try sandbox.bench(server.endpoint, ["--no-greeting"])
      #expect(refused.ending == .exited(1))
      #expect(refused.error.contains("what came back is not what was sent"))
    }
  }

  @Test("takes HOST:PORT for UDP with --udp")
  func udp() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.udp, .poll, ["--quiet"])
      let result = try sandbox.result("localhost:\(server.port)", ["--udp"])
      expectSound(result)
      #expect(result.endpoint == "udp://localhost:\(server.port)")
    }
  }

  @Test("measures other people's servers", .enabled(if: Tools.hasSocat))
  func socat() throws {
    try withSandbox { sandbox in
      let path = sandbox.path("socat")
      let socat = try sandbox.start(["socat", "UNIX-LISTEN:\(path),fork", "PIPE"])
      try eventually("a socket of socat's", showing: socat.description) {
        FileManager.default.fileExists(atPath: path)
      }
      expectSound(try sandbox.result("unix://\(path)", ["--connections", "4"]))
    }
  }

  @Test("sends on schedule at a rate")
  func rate() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"])
      let result = try sandbox.result(server.endpoint, ["--rate", "1000", "--duration", "1"])
      expectSound(result)
      #expect(result.rate == 1000)
      // Widely: a machine that stands still for a while may be late with some, or catch up with those before.
      #expect(result.requests > 300 && result.requests < 2000)
    }
  }

  @Test("counts from when a request was due, also one that is never answered")
  func omission() throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(.tcp, after: 1, "silence")
      let options = ["--rate", "100", "--connections", "1", "--warmup", "0", "--duration", "1"]
      let result = try sandbox.result(endpoint, options)
      #expect(result.requests > 0)
      // The second request was due after ten milliseconds and has waited to the end, and those behind it too.
      #expect(result.latencyMicroseconds.max > 500_000)
      #expect(result.latencyMicroseconds.p50 > 100_000)
    }
  }

  @Test("tells a person too")
  func summary() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"])
      let bench = try sandbox.bench(server.endpoint)
      #expect(bench.ending == .exited(0))
      #expect(bench.output.hasPrefix("\(server.endpoint): 0.3"))
      for word in ["requests", "MB each way", "errors", "lost", "p50", "p99.9", "max", "CPU a request"] {
        #expect(bench.output.contains(word), "\(bench)")
      }
      #expect(bench.error == "")
    }
  }

  @Test("shows what is going on, on a terminal")
  func progress() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"])
      let words = [try Sandbox.program("echo-client"), "bench", "--duration", "1.5", "--warmup", "0", server.endpoint]
      let shown = try sandbox.run(Sandbox.script("terminal") + words, input: .open)
      #expect(shown.ending == .exited(0))
      #expect(shown.output.contains("1 s  "), "\(shown)")
      let silent = try sandbox.run(Sandbox.script("terminal") + words + ["--quiet"], input: .open)
      #expect(!silent.output.contains("1 s  "), "\(silent)")
    }
  }

  @Test("draws a chart", arguments: [[], ["--rate", "500"]])
  func plot(options: [String]) throws {
    try withSandbox { sandbox in
      let file = sandbox.path("latency.svg")
      let server = try sandbox.server("unix://@\(sandbox.path("<a&b>"))", .poll, ["--quiet"])
      let bench = try sandbox.bench(server.endpoint, options + ["--plot", file])
      #expect(bench.ending == .exited(0), "\(bench)")
      let read = "import sys, xml.etree.ElementTree as tree; print(tree.parse(sys.argv[1]).getroot().tag)"
      let parsed = try sandbox.run(["python3", "-c", read, file])
      #expect(parsed.output == "{http://www.w3.org/2000/svg}svg\n", "\(parsed)")
    }
  }
}

/// The load generator against servers that do not, or with too little to work with.
@Suite("The load generator says in one line") struct BenchFailureTests {
  private func expectFailure(_ program: Program, _ text: String) {
    #expect(program.ending == .exited(1), "\(program)")
    #expect(program.errorLines.count == 1, "\(program)")
    #expect(program.error.hasPrefix("echo-client: "))
    #expect(program.error.contains(text), "\(program)")
    #expect(program.output == "")
  }

  @Test("that what comes back is not what was sent", arguments: Transport.allCases)
  func corruption(transport: Transport) throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(transport, after: 100, "change")
      try expectFailure(
        sandbox.bench(endpoint, ["--connections", "4"]), "\(endpoint): what came back is not what was sent")
    }
  }

  @Test("that the server has gone away", arguments: Transport.streams)
  func goneAway(transport: Transport) throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(transport, after: 100, "close")
      try expectFailure(sandbox.bench(endpoint, ["--duration", "60"]), endpoint)
    }
  }

  @Test("that a server of datagrams has gone away", arguments: Transport.datagrams)
  func datagramsGoneAway(transport: Transport) throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(transport, after: 100, "close")
      try expectFailure(sandbox.bench(endpoint, ["--duration", "60"]), "(ECONNREFUSED)")
    }
  }

  @Test("that the server of many connections has gone away")
  func churnGoneAway() throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(.tcp, after: 100, "close")
      try expectFailure(sandbox.bench(endpoint, ["--churn", "--duration", "60"]), endpoint)
    }
  }

  @Test("that nobody answers", arguments: Transport.allCases)
  func silence(transport: Transport) throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(transport, after: 0, "silence")
      let program = try sandbox.bench(endpoint, ["--connections", "4"])
      expectFailure(program, "\(endpoint): no reply within ")
      // As long as it was, which is at least what it was asked for: on a machine that is busy, longer.
      let seconds = program.error.split(separator: " ").compactMap { Double($0) }
      #expect(seconds.count == 1 && seconds[0] >= 0.3, "\(program)")
    }
  }

  @Test("that nobody is there", arguments: [Transport.tcp, .udp, .unix, .unixgram])
  func nobody(transport: Transport) throws {
    try withSandbox { sandbox in
      // One that has an address, and the address is free again.
      let peer = try Peer(in: sandbox)
      let endpoint = try peer.bind("gone", to: transport.endpoint(in: sandbox))
      try peer.close("gone")
      try expectFailure(sandbox.bench(endpoint), "(ECONNREFUSED)")
    }
  }

  @Test("that there are too few descriptors")
  func descriptors() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"])
      let words = [try Sandbox.program("echo-client"), "bench", "--connections", "50", server.endpoint]
      try expectFailure(sandbox.run(Prefix.limited(descriptors: 60) + words), "only 60 descriptors")
    }
  }

  @Test("that a file cannot be written or a process is not there")
  func missing() throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.tcp, .poll, ["--quiet"])
      try expectFailure(sandbox.bench(server.endpoint, ["--plot", sandbox.path("no/file.svg")]), "(ENOENT)")
      try expectFailure(sandbox.bench(server.endpoint, ["--server-pid", "2147483647"]), "process 2147483647: ")
    }
  }

  @Test("nothing of datagrams that are lost, which it counts")
  func lost() throws {
    try withSandbox { sandbox in
      let endpoint = try sandbox.unfaithful(.udp, after: 100, "silence")
      let result = try sandbox.result(endpoint, ["--connections", "4", "--warmup", "0", "--duration", "1"])
      #expect(result.requests == 100)
      #expect(result.lost > 0 && result.errors == 0)
    }
  }
}
