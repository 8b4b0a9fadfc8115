import Foundation
import Testing

/// How the server serves its connections.
enum Mode: String, CaseIterable, CustomTestStringConvertible {
  case threads, poll, async, handler

  var hasLoops: Bool { self == .async || self == .handler }
  var testDescription: String { rawValue }
}

/// A kind of endpoint.
enum Transport: String, CaseIterable, CustomTestStringConvertible {
  case tcp, udp, unix, abstract, unixgram

  var testDescription: String { rawValue }

  static let streams: [Transport] = [.tcp, .unix, .abstract]
  static let datagrams: [Transport] = [.udp, .unixgram]

  var isStream: Bool { Self.streams.contains(self) }

  /// An endpoint of this kind that nobody else has.
  func endpoint(in sandbox: Sandbox) -> String {
    switch self {
    case .tcp: "tcp://127.0.0.1:0"
    case .udp: "udp://127.0.0.1:0"
    case .unix: "unix://\(sandbox.path("stream"))"
    case .abstract: "unix://@\(sandbox.path("abstract"))"
    case .unixgram: "unixgram://\(sandbox.path("datagram"))"
    }
  }
}

/// A server that runs, and where it listens.
struct Server {
  let program: Program
  let endpoints: [String]

  /// Where it listens, if that is one place.
  var endpoint: String { endpoints[0] }

  /// The port of its only endpoint.
  var port: String { String(endpoint.split(separator: ":").last ?? "") }
}

/// What the server greets with unless told otherwise.
let greeting = "Welcome to my server\n"

extension Sandbox {
  /// The path of a program of this package: beside the program that runs the tests.
  static func program(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (tests as NSString).deletingLastPathComponent + "/" + name
  }

  /// Starts a server and waits until it listens.
  ///
  /// - Parameters:
  ///   - prefix: A program and its arguments, to start the server with.
  func server(_ endpoints: [String], _ mode: Mode, _ options: [String] = [], startedBy prefix: [String] = []) throws
    -> Server
  {
    let program = try start(
      prefix + [Self.program("echo-server"), "--mode", mode.rawValue] + options + endpoints)
    return try Server(program: program, endpoints: listening(program, count: endpoints.count))
  }

  /// The same with one endpoint.
  func server(_ endpoint: String, _ mode: Mode, _ options: [String] = [], startedBy prefix: [String] = []) throws
    -> Server
  {
    try server([endpoint], mode, options, startedBy: prefix)
  }

  /// The same with one endpoint of each of these kinds.
  func server(_ transports: [Transport], _ mode: Mode, _ options: [String] = [], startedBy prefix: [String] = []) throws
    -> Server
  {
    try server(transports.map { $0.endpoint(in: self) }, mode, options, startedBy: prefix)
  }

  /// The same with one endpoint of one kind.
  func server(_ transport: Transport, _ mode: Mode, _ options: [String] = [], startedBy prefix: [String] = []) throws
    -> Server
  {
    try server([transport], mode, options, startedBy: prefix)
  }

  private func listening(_ program: Program, count: Int) throws -> [String] {
    var endpoints: [String] = []
    try program.wait(for: "\(count) endpoints to listen on") {
      let lines = program.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      endpoints = lines.filter { $0.hasPrefix("listening on ") }.map { String($0.dropFirst(13)) }
      return endpoints.count == count
    }
    return endpoints
  }

  /// Runs a server that is expected to end by itself.
  func endingServer(_ arguments: [String]) throws -> Program {
    try run([Self.program("echo-server")] + arguments)
  }

  /// Starts a client.
  func client(_ endpoint: String, _ options: [String] = [], input: Program.Input = .open) throws -> Program {
    try start([Self.program("echo-client")] + options + [endpoint], input: input)
  }

  /// Runs a client to its end.
  func session(
    _ endpoint: String, _ options: [String] = [], input: Program.Input, within limit: Duration = patience
  ) throws -> Program {
    try run([Self.program("echo-client")] + options + [endpoint], input: input, within: limit)
  }
}
