import Foundation

/// Sockets of Python's, each with a name, that do as a test says: one call at a time.
struct Peer {
  private let program: Program

  /// Why a call failed: the name of an errno, or what Python calls it.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  init(in sandbox: Sandbox) throws {
    program = try sandbox.start(Sandbox.script("peer"), input: .open)
  }

  /// Says what to do, and waits for the outcome.
  private func ask(_ words: String...) throws -> String {
    let before = program.output.split(separator: "\n").count
    program.type(words.joined(separator: "\t") + "\n")
    var answer = ""
    try program.wait(for: "an answer to \(words)", within: .seconds(40)) {
      let output = program.output
      guard output.hasSuffix("\n") else { return false }
      let answers = output.split(separator: "\n")
      answer = answers.last.map(String.init) ?? ""
      return answers.count > before
    }
    guard answer.hasPrefix("ok ") else { throw Failure(description: answer) }
    return String(answer.dropFirst(3))
  }
}

/// Connections.
extension Peer {
  /// Connects a new socket to an endpoint.
  func connect(_ name: String, to endpoint: String) throws {
    _ = try ask("connect", name, endpoint)
  }

  /// Makes a Unix datagram socket that has no name, so that nobody can answer it.
  func makeUnnamed(_ name: String) throws {
    _ = try ask("unnamed", name)
  }

  /// Makes a socket that listens, or takes datagrams; says where.
  func listen(_ name: String, on endpoint: String) throws -> String {
    try ask("listen", name, endpoint)
  }

  /// Makes a socket that has an address and does not listen there; says which.
  func bind(_ name: String, to endpoint: String) throws -> String {
    try ask("bind", name, endpoint)
  }

  /// Takes the next connection to a listener.
  func accept(_ name: String, from listener: String) throws {
    _ = try ask("accept", name, listener)
  }

  /// A socket's own address, as the programs write it.
  func address(of name: String) throws -> String {
    try ask("address", name)
  }

  /// Sends no more.
  func endSending(_ name: String) throws {
    _ = try ask("end", name)
  }

  /// Closes.
  func close(_ name: String) throws {
    _ = try ask("close", name)
  }

  /// Closes in a way that the other end gets a reset.
  func reset(_ name: String) throws {
    _ = try ask("reset", name)
  }
}

/// Bytes.
extension Peer {
  /// Sends all of a text.
  func send(_ text: String, from name: String) throws {
    _ = try ask("send", name, hexadecimal(Array(text.utf8)))
  }

  /// Sends a text as a datagram from a socket that is connected with nobody.
  func send(_ text: String, from name: String, to endpoint: String) throws {
    _ = try ask("sendto", name, endpoint, hexadecimal(Array(text.utf8)))
  }

  /// Receives so many bytes; fewer if the stream ends before.
  func receive(_ count: Int, at name: String) throws -> String {
    String(decoding: try bytes(ask("receive", name, "\(count)")), as: UTF8.self)
  }

  /// Receives up to the end of the stream.
  func receiveRest(at name: String) throws -> String {
    String(decoding: try bytes(ask("rest", name)), as: UTF8.self)
  }

  /// Sends a text and receives as much.
  func echo(_ text: String, at name: String) throws -> String {
    try send(text, from: name)
    return try receive(text.utf8.count, at: name)
  }

  /// The same with bytes.
  func echo(_ bytes: [UInt8], at name: String) throws -> [UInt8] {
    _ = try ask("send", name, hexadecimal(bytes))
    return try self.bytes(ask("receive", name, "\(bytes.count)"))
  }

  /// Whether there is something to receive, or the end of the stream, now.
  func isReadable(_ name: String) throws -> Bool {
    try ask("readable", name) == "yes"
  }

  /// Waits until the other end has closed or reset the connection, without receiving what it sent.
  func waitForEnd(of name: String) throws {
    _ = try ask("ended", name)
  }

  /// Sends, and receives nothing, until no more is taken or so many bytes have gone; says how many have.
  func flood(_ name: String, limit: Int) throws -> Int {
    Int(try ask("flood", name, "\(limit)")) ?? 0
  }

  /// Receives what ``flood(_:limit:)`` has sent, after a greeting, and checks each byte.
  func drain(_ name: String, count: Int) throws {
    _ = try ask("drain", name, hexadecimal(Array(greeting.utf8)), "\(count)")
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
