import AsyncSockets
import Foundation
import Glibc
import Sockets
import Testing

/// unshare(2), which Glibc's headers show with extensions that Swift does not ask for: two ints in C and in Swift.
@_silgen_name("unshare") private func unshare(_ flags: Int32) -> Int32

/// Gives this thread an /etc/hosts of its own. Only for a process of the test's own.
private func useHosts(_ text: String) throws {
  let directory = try TemporaryDirectory()
  let file = directory.path + "/hosts"
  try text.write(toFile: file, atomically: true, encoding: .utf8)
  // CLONE_NEWNS, which the header shows as a macro that Swift does not see.
  ensure(unshare(0x20000) == 0)
  // Strings with a NUL, for as long as the calls last. Nothing is to be seen outside, and then the file is laid over.
  ensure(unsafe mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
  ensure(unsafe mount(file, "/etc/hosts", nil, UInt(MS_BIND), nil) == 0)
}

/// Fills a listener's queue, so that what connects to it from then on hangs.
private func fillQueue(of listener: borrowing Socket) throws {
  while true {
    let caller = try Socket(for: listener.localAddress, .stream)
    let address = try listener.localAddress
    let refusal = socketFailure { try caller.connect(to: address, until: .after(.milliseconds(100))) }
    guard refusal == nil else { return }
    // Open for as long as the process is there.
    _ = caller.release()
  }
}

@Suite struct ConnectionRaceTests {
  private let ipv6 = (1...3).map { SocketAddress.ipv6(IPv6Address(bits: $0), port: 80) }
  private let ipv4 = (1...3).map { SocketAddress.ipv4(IPv4Address(bits: $0), port: 80) }

  private func order(_ addresses: [SocketAddress]) -> [SocketAddress] {
    var race = ConnectionRace(addresses)
    var order: [SocketAddress] = []
    while case .begin(let address) = race.step(at: .current) {
      order.append(address)
      race.attemptFailed(at: .current)
    }
    return order
  }

  @Test("the families take turns, beginning with the first address's, each in its own order")
  func interleaving() {
    #expect(order(ipv6 + ipv4) == [ipv6[0], ipv4[0], ipv6[1], ipv4[1], ipv6[2], ipv4[2]])
    #expect(order(ipv4 + ipv6) == [ipv4[0], ipv6[0], ipv4[1], ipv6[1], ipv4[2], ipv6[2]])
    #expect(order([ipv4[0], ipv6[0], ipv6[1], ipv6[2]]) == [ipv4[0], ipv6[0], ipv6[1], ipv6[2]])
    #expect(order(ipv4) == ipv4)
    #expect(order([]) == [])
  }

  @Test("the next attempt begins a quarter of a second after the last, and not before")
  func delay() {
    var race = ConnectionRace([ipv6[0], ipv4[0], ipv6[1]])
    let start = Deadline.current
    #expect(race.step(at: start) == .begin(ipv6[0]))
    let second = start.advanced(by: .milliseconds(250))
    #expect(race.step(at: start) == .wait(until: second))
    #expect(race.step(at: start.advanced(by: .milliseconds(249))) == .wait(until: second))
    #expect(race.step(at: second) == .begin(ipv4[0]))
    let third = second.advanced(by: .milliseconds(250))
    #expect(race.step(at: second) == .wait(until: third))
    #expect(race.step(at: third) == .begin(ipv6[1]))
    #expect(race.step(at: third) == .wait(until: .never))
  }

  @Test("an attempt that fails makes room for the next at once, and the last one ends the race")
  func failure() {
    var race = ConnectionRace([ipv6[0], ipv4[0]])
    let start = Deadline.current
    #expect(race.step(at: start) == .begin(ipv6[0]))
    let moment = start.advanced(by: .milliseconds(1))
    race.attemptFailed(at: moment)
    #expect(race.step(at: moment) == .begin(ipv4[0]))
    #expect(race.step(at: moment) == .wait(until: .never))
    race.attemptFailed(at: moment)
    #expect(race.step(at: moment) == .giveUp)
  }

  @Test("a failure while others are under way brings the next forward")
  func failureAmongOthers() {
    var race = ConnectionRace(ipv6)
    let start = Deadline.current
    #expect(race.step(at: start) == .begin(ipv6[0]))
    let second = start.advanced(by: .milliseconds(250))
    #expect(race.step(at: second) == .begin(ipv6[1]))
    let soon = second.advanced(by: .milliseconds(3))
    race.attemptFailed(at: soon)
    #expect(race.step(at: soon) == .begin(ipv6[2]))
  }
}

@Suite struct ConnectByNameTests {
  @Test("an address, a name and a Unix path are connected to, over streams and datagrams")
  func endpoints() throws {
    let tcp = try listener()
    let port = try tcp.localAddress.port!
    for host in ["127.0.0.1", "localhost"] {
      let client = try Socket.connected(to: Endpoint("tcp://\(host):\(port)"), until: .after(soon))
      let accepted = try tcp.accept(until: .after(soon))
      #expect(try accepted.peer == client.localAddress)
      // As a socket that was connected to an address is.
      let isNonBlocking = try client.isNonBlocking
      #expect(!isNonBlocking)
    }
    let udp = try Socket.connected(to: Endpoint("udp://localhost:9"))
    #expect(try udp.peerAddress.port == 9)
    let directory = try TemporaryDirectory()
    let unix = try listener(.unix(UnixAddress(path: directory.path + "/s")))
    _ = try Socket.connected(to: Endpoint("unix://\(directory.path)/s"))
    _ = try unix.accept(until: .after(soon))
  }

  @Test("a name that is none, and a port where nobody is, are said with the endpoint and the log")
  func failures() throws {
    let nowhere = try Endpoint("no-such-host.invalid:80")
    let unresolved = failure { _ = try Socket.connected(to: nowhere) } as? ConnectError
    #expect(unresolved?.endpoint == nowhere)
    #expect(unresolved?.resolveError != nil && unresolved?.attempts == [])
    #expect(unresolved.map { "\($0)" } == unresolved?.resolveError.map { "\($0)" })
    let gone = try listener().localAddress
    let refused = failure { _ = try Socket.connected(to: Endpoint("tcp://\(gone)")) } as? ConnectError
    #expect(refused?.attempts.map(\.address) == [gone])
    #expect(refused.map { "\($0)" } == "connect to \(gone): connection refused (ECONNREFUSED)")
  }

  @Test(
    "where one address hangs the next is tried a quarter of a second later, and the loser is closed",
    .enabled(if: geteuid() == 0, "skipped: only root can have a hosts file of its own"))
  func hanging() async {
    await #expect(processExitsWith: .success) {
      try useHosts("::1 both.example\n127.0.0.1 both.example\n")
      let deaf = try listener(.ipv6(.loopback, port: 0), backlog: 0)
      try fillQueue(of: deaf)
      let port = try deaf.localAddress.port!
      let good = try listener(.loopback(port: port))
      let before = try openSockets()
      let start = Deadline.current
      let client = try Socket.connected(to: Endpoint("both.example:\(port)"), until: .after(soon))
      let time = Deadline.current.duration(since: start)
      ensure(time >= .milliseconds(250) && time < .seconds(2), "\(time)")
      ensure(try client.peerAddress == .loopback(port: port))
      _ = try good.accept(until: .after(soon))
      ensure(try openSockets().count == before.count + 1)
      try client.close()
      try good.close()
      // Refused at one, and nothing from the other until the deadline: both are in the log.
      let error = failure {
        _ = try Socket.connected(to: Endpoint("both.example:\(port)"), until: .after(.milliseconds(400)))
      }
      guard let error = error as? ConnectError else { fatalError("\(error as Any)") }
      ensure(error.attempts.map(\.error.reason) == [.timedOut, .errno(.connectionRefused)], "\(error)")
      ensure(error.attempts[0].duration >= .milliseconds(300) && error.attempts[1].duration < .milliseconds(300))
      ensure(
        "\(error)" == "connect to [::1]:\(port): timed out; "
          + "connect to 127.0.0.1:\(port): connection refused (ECONNREFUSED)", "\(error)")
      ensure(try openSockets().count == before.count - 1)
      try deaf.close()
    }
  }

  @Test(
    "the same on an event loop",
    .enabled(if: geteuid() == 0, "skipped: only root can have a hosts file of its own"))
  func hangingOnLoop() async {
    await #expect(processExitsWith: .success) {
      try useHosts("::1 both.example\n127.0.0.1 both.example\n")
      // Its thread has the hosts of this one, and the look-up's has those of its own.
      let loop = try EventLoop()
      try loop.start()
      let deaf = try listener(.ipv6(.loopback, port: 0), backlog: 0)
      try fillQueue(of: deaf)
      let endpoint = try Endpoint("both.example:\(deaf.localAddress.port!)")
      let good = try listener(.loopback(port: deaf.localAddress.port!))
      let before = try openSockets()
      let start = Deadline.current
      let client = try await Task(executorPreference: loop) {
        try await Connection.connected(to: endpoint, on: loop, until: .after(soon))
      }.value
      let time = Deadline.current.duration(since: start)
      ensure(time >= .milliseconds(250) && time < .seconds(2), "\(time)")
      ensure(try client.peerAddress == good.localAddress)
      _ = try good.accept(until: .after(soon))
      ensure(try openSockets().count == before.count + 1)
      client.close()
      try good.close()
      let error = await Task(executorPreference: loop) {
        do throws(ConnectError) {
          _ = try await Connection.connected(to: endpoint, on: loop, until: .after(.milliseconds(400)))
          return nil as ConnectError?
        } catch {
          return error
        }
      }.value
      ensure(error?.attempts.map(\.error.reason) == [.timedOut, .errno(.connectionRefused)], "\(error as Any)")
      loop.stop()
      try deaf.close()
    }
  }

  @Test(
    "where one address refuses the next is tried at once",
    .enabled(if: geteuid() == 0, "skipped: only root can have a hosts file of its own"))
  func refusing() async {
    await #expect(processExitsWith: .success) {
      try useHosts("::1 both.example\n127.0.0.1 both.example\n")
      for address in [SocketAddress.ipv6(.loopback, port: 0), .loopback(port: 0)] {
        let good = try listener(address)
        let port = try good.localAddress.port!
        let start = Deadline.current
        let client = try Socket.connected(to: Endpoint("both.example:\(port)"), until: .after(soon))
        ensure(Deadline.current.duration(since: start) < .milliseconds(250))
        ensure(try client.peerAddress == address.with(port: port))
      }
      // Nobody anywhere.
      let port = try listener().localAddress.port!
      let error = failure { _ = try Socket.connected(to: Endpoint("both.example:\(port)")) } as? ConnectError
      ensure(error?.attempts.map(\.error.errno) == [.connectionRefused, .connectionRefused])
    }
  }
}
