import Glibc
import SocketActivation
import Sockets
import Testing

@Suite("A service manager", .serialized) struct ServiceManagerTests {
  @Test("is told, in one datagram, at a path or an abstract name", arguments: [false, true])
  func notified(isAbstract: Bool) throws {
    let path = "/tmp/notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let reader = try Socket(.unix, .datagram)
    try reader.bind(to: .unix(isAbstract ? UnixAddress(abstract: path) : UnixAddress(path: path)))
    // The string has a NUL for as long as the call lasts.
    defer { unsafe unlink(path) }
    try withEnvironment(["NOTIFY_SOCKET": (isAbstract ? "@" : "") + path]) {
      let manager = try #require(try ServiceManager.fromEnvironment())
      let told: [([ServiceManager.State], String)] = [
        ([.ready], "READY=1"), ([.stopping], "STOPPING=1"), ([.watchdog], "WATCHDOG=1"),
        ([.ready, .status("2 of 3\r\nSTOPPING=1")], "READY=1\nSTATUS=2 of 3  STOPPING=1"),
      ]
      for (states, text) in told {
        try manager.notify(states, until: .after(.seconds(10)))
        let datagram = try reader.receive(upTo: 4096, until: .after(.seconds(10)))
        #expect(String(decoding: datagram, as: UTF8.self) == text)
      }
      #expect(variable("NOTIFY_SOCKET") != nil)
    }
  }

  @Test("that does not read any more is an error, and one that is slow too")
  func unread() throws {
    let name = "notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let manager = ServiceManager(at: try UnixAddress(abstract: name))
    #expect(throws: SocketError.self) { try manager.notify([.ready]) }
    let reader = try Socket(.unix, .datagram)
    try reader.bind(to: .unix(manager.address))
    #expect {
      while true { try manager.notify([.watchdog], until: .after(.milliseconds(50))) }
    } throws: {
      ($0 as? SocketError)?.reason == .timedOut
    }
    try reader.close()
  }

  @Test("is none where nobody says so")
  func none() throws {
    try withEnvironment([:]) {
      let manager = try ServiceManager.fromEnvironment()
      #expect(manager == nil)
      let interval = try ServiceManager.watchdogInterval()
      #expect(interval == nil)
    }
  }

  @Test(
    "has a name that a Unix socket can have",
    arguments: ["", "@", "/", "run/notify", "vsock:2:1234", "/" + String(repeating: "x", count: 108)])
  func badName(name: String) throws {
    try withEnvironment(["NOTIFY_SOCKET": name]) {
      #expect {
        try ServiceManager.fromEnvironment()
      } throws: {
        let error = $0 as? ActivationError
        return error?.variable == "NOTIFY_SOCKET" && error?.reason == .invalidAddress
      }
    }
  }

  @Test("says how often it wants to hear that the service is alive")
  func watchdog() throws {
    let own = String(getpid())
    let wanted: [([String: String], Duration?)] = [
      (["WATCHDOG_USEC": "30000000"], .seconds(30)),
      (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": own], .seconds(30)),
      (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil),
      (["WATCHDOG_PID": own], nil),
    ]
    for (variables, interval) in wanted {
      try withEnvironment(variables) {
        let found = try ServiceManager.watchdogInterval()
        #expect(found == interval)
      }
    }
    for value in ["0", "", "-5", "1s", "18446744073709551615", "99999999999999999999"] {
      try withEnvironment(["WATCHDOG_USEC": value]) {
        #expect(throws: ActivationError.self) { try ServiceManager.watchdogInterval() }
      }
    }
  }
}
