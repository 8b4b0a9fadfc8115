import CSockets
import Glibc
import SocketActivation
import Sockets
import Testing

/// Sets variables of the environment, removes the others that matter, and calls a function. The tests run one at a time.
func withEnvironment(_ variables: [String: String], _ body: () throws -> Void) throws {
  let names = [
    "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
  ]
  // No other thread of these tests uses the environment.
  for name in names { unsafe unsetenv(name) }
  for (name, value) in variables { unsafe setenv(name, value, 1) }
  defer { for name in names { unsafe unsetenv(name) } }
  try body()
}

/// The value of a variable of the environment.
func variable(_ name: String) -> String? {
  // As above, and the value ends with a NUL.
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// Places descriptors one after the other, from this number on, without close-on-exec, as a process inherits them.
private func place(_ sockets: borrowing Socket, at number: Int32) { dup2(sockets.descriptor, number) }

private let first: Int32 = 500
private let ownNumber = String(getpid())
private func isOpen(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

@Suite("Sockets handed over", .serialized) struct ActivatedSocketsTests {
  /// A TCP listener and a UDP socket at 500 and 501.
  private func placeTwo() throws {
    let listener = try Socket(.ipv4, .stream)
    try listener.bind(to: .loopback(port: 0))
    try listener.listen()
    place(listener, at: first)
    place(try Socket(.ipv6, .datagram), at: first + 1)
  }

  @Test("are received with their names and kinds, owned, close-on-exec; and the environment is cleared")
  func received() throws {
    try placeTwo()
    let variables = ["LISTEN_FDS": "2", "LISTEN_PID": ownNumber, "LISTEN_FDNAMES": "web:"]
    try withEnvironment(variables) {
      do {
        var activated = try ActivatedSockets.received(from: first)
        let names = (0..<activated.count).map { activated.name(at: $0) }
        let kinds = (0..<activated.count).map { activated.kind(at: $0) }
        #expect(names == ["web", ""])
        #expect(kinds.map(\.family) == [.ipv4, .ipv6])
        #expect(kinds.map(\.type) == [.stream, .datagram])
        #expect(kinds.map(\.isListening) == [true, false])
        for name in variables.keys { #expect(variable(name) == nil) }
        for number in [first, first + 1] { #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0) }
        let socket = activated.take(at: 0)
        let taken = [activated.isTaken(at: 0), activated.isTaken(at: 1)]
        #expect(taken == [true, false])
        #expect(socket.descriptor == first)
        try socket.close()
        #expect(!isOpen(first))
        #expect(isOpen(first + 1))
      }
      // What was not taken was closed with the rest.
      #expect(!isOpen(first + 1))
      let isEmpty = try ActivatedSockets.received(from: first).count == 0
      #expect(isEmpty)
    }
  }

  @Test("have no names where none are given")
  func unnamed() throws {
    try placeTwo()
    try withEnvironment(["LISTEN_FDS": "1", "LISTEN_PID": ownNumber]) {
      let activated = try ActivatedSockets.received(from: first)
      let name = activated.name(at: 0)
      #expect(name == "unknown")
    }
    close(first + 1)
  }

  static let othersVariables: [[String: String]] = [
    [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": String(getpid())], ["LISTEN_FDS": "1", "LISTEN_PID": "1"],
    ["LISTEN_FDS": "0", "LISTEN_PID": String(getpid())],
    ["LISTEN_FDS": "0", "LISTEN_PID": String(getpid()), "LISTEN_FDNAMES": ""],
  ]

  @Test("are none where nobody hands over, or to another process", arguments: othersVariables)
  func none(variables: [String: String]) throws {
    try withEnvironment(variables) {
      let count = try ActivatedSockets.received(from: first).count
      #expect(count == 0)
      for name in variables.keys { #expect(variable(name) == nil) }
    }
  }

  @Test("are none where another process's pidfd is named, on systems that number them")
  func identity() throws {
    try placeTwo()
    var identity: UInt64 = 0
    // The callee writes one number.
    let isKnown = unsafe cs_process_identity(&identity) == 0
    for (value, count) in [("1", isKnown ? 0 : 1), (String(identity), 1)] {
      try withEnvironment(["LISTEN_FDS": "1", "LISTEN_PID": ownNumber, "LISTEN_PIDFDID": value]) {
        var activated = try ActivatedSockets.received(from: first)
        let found = activated.count
        #expect(found == count)
        // Left open for the next.
        if found == 1 { dup2(activated.take(at: 0).release(), first) }
      }
    }
    close(first)
    close(first + 1)
  }

  static let malformedVariables: [(variables: [String: String], variable: String, reason: ActivationError.Reason)] = [
    (["LISTEN_FDS": "two"], "LISTEN_FDS", .notANumber),
    (["LISTEN_FDS": ""], "LISTEN_FDS", .notANumber),
    (["LISTEN_FDS": "-1"], "LISTEN_FDS", .notANumber),
    (["LISTEN_FDS": "+1"], "LISTEN_FDS", .notANumber),
    (["LISTEN_FDS": "1 "], "LISTEN_FDS", .notANumber),
    (["LISTEN_FDS": "99999999999999999999"], "LISTEN_FDS", .notANumber),
    (["LISTEN_FDS": "2147483647"], "LISTEN_FDS", .outOfRange),
    (["LISTEN_FDS": "3"], "LISTEN_FDS", .notASocket(descriptor: 502, .badDescriptor)),
    (["LISTEN_FDS": "2000000000"], "LISTEN_FDS", .notASocket(descriptor: 502, .badDescriptor)),
    (["LISTEN_PID": "x"], "LISTEN_PID", .notANumber),
    (["LISTEN_PID": "0"], "LISTEN_PID", .outOfRange),
    (["LISTEN_PID": "4294967296"], "LISTEN_PID", .outOfRange),
    (["LISTEN_PIDFDID": "1e9"], "LISTEN_PIDFDID", .notANumber),
    (["LISTEN_FDNAMES": "a"], "LISTEN_FDNAMES", .wrongNumberOfNames(names: 1, descriptors: 2)),
    (["LISTEN_FDNAMES": "a:b:c"], "LISTEN_FDNAMES", .wrongNumberOfNames(names: 3, descriptors: 2)),
    (["LISTEN_FDNAMES": "a:\u{1b}"], "LISTEN_FDNAMES", .invalidName),
    (["LISTEN_FDNAMES": "a:" + String(repeating: "b", count: 256)], "LISTEN_FDNAMES", .invalidName),
  ]

  @Test("are left as they are where the environment is malformed", arguments: malformedVariables)
  func malformed(_ bad: (variables: [String: String], variable: String, reason: ActivationError.Reason)) throws {
    try placeTwo()
    let variables = ["LISTEN_FDS": "2", "LISTEN_PID": ownNumber].merging(bad.variables) { $1 }
    try withEnvironment(variables) {
      do throws(ActivationError) {
        let count = try ActivatedSockets.received(from: first).count
        Issue.record("received \(count)")
      } catch {
        #expect(error.variable == bad.variable)
        #expect(error.value == Array(variables[bad.variable]!.utf8))
        #expect(error.reason == bad.reason)
        #expect(error.description.hasPrefix("\(bad.variable)=\""))
        #expect(!error.description.contains("\u{1b}"))
      }
      for (name, value) in variables { #expect(variable(name) == value) }
      for number in [first, first + 1] { #expect(fcntl(number, F_GETFD) == 0) }
    }
    close(first)
    close(first + 1)
  }

  @Test("must be sockets")
  func notASocket() throws {
    dup2(0, first)
    try withEnvironment(["LISTEN_FDS": "1", "LISTEN_PID": ownNumber]) {
      do throws(ActivationError) {
        let count = try ActivatedSockets.received(from: first).count
        Issue.record("received \(count)")
      } catch {
        #expect(error.reason == .notASocket(descriptor: first, .notSocket))
      }
    }
    #expect(isOpen(first))
    close(first)
  }
}
