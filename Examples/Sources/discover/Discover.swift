// Finds services on the local network without knowing where they are: one asks a multicast group, and whoever offers
// the service answers for itself.
//   discover announce printer 631 eth0      # answers until it is interrupted
//   discover find printer eth0              # prints "printer at 192.0.2.7:631" for each answer within a second

internal import ExampleSupport
internal import Sockets

@main struct Discover {
  static func main() {
    Program.run(usage: "announce NAME PORT INTERFACE | find NAME INTERFACE") { arguments in
      switch arguments.first {
      case "announce" where arguments.count == 4:
        guard let port = UInt16(arguments[2]) else { throw Usage() }
        try announce(try name(arguments[1]), port, on: try interface(arguments[3]))
      case "find" where arguments.count == 3:
        try find(try name(arguments[1]), on: try interface(arguments[2]))
      default:
        throw Usage()
      }
    }
  }

  private static func name(_ text: String) throws -> String {
    guard 1...100 ~= text.utf8.count, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      throw Failure("\(text.debugDescription): a name is 1 to 100 printable characters without spaces")
    }
    return text
  }

  private static func interface(_ name: String) throws -> NetworkInterface {
    guard let found = try NetworkInterface.all().first(where: { $0.name == name }) else {
      throw Failure("\(name): no such interface")
    }
    return found
  }
}

/// The group that questions are sent to, in the range for use within one organisation (RFC 2365).
private let group = IPv4Address(239, 255, 71, 7)
private let groupPort: UInt16 = 7717

/// Answers whoever asks for a name, with the port; who asked sees the address in the answer's sender.
private func announce(_ name: String, _ port: UInt16, on interface: NetworkInterface) throws {
  let signals = try Program.terminationSignals()
  let socket = try Socket(.ipv4, .datagram)
  // Others on this machine may offer something too: each has a socket at the port, and a question comes to all of them.
  try socket.set(.reuseAddress, true)
  // The group's address, not any: what is sent to the port by other ways is not for us.
  try socket.bind(to: .ipv4(group, port: groupPort))
  try socket.set(.joinGroup, IPv4Membership(group, on: .index(interface.index)))
  // And not what came by interfaces that somebody else has joined the group on.
  try socket.set(.multicastAll, false)
  try socket.setNonBlocking(true)
  try Program.say("announcing \(name) on \(interface.name)")

  var poller = try Poller()
  try poller.add(signals, for: .read, token: 0)
  try poller.add(socket, for: .read, token: 1)
  var events: [Poller.Event] = []
  var buffer = [UInt8](repeating: 0, count: 1500)
  while true {
    try poller.wait(into: &events)
    if events.contains(where: { $0.token == 0 }) { return }
    do throws(SocketError) {
      var span = buffer.mutableSpan
      let question = try socket.receiveDatagram(into: &span, until: .now)
      guard buffer.prefix(question.count).elementsEqual("who is \(name)?".utf8) else { continue }
      _ = try socket.send("\(name) is at \(port)", to: question.sender, until: .now)
    } catch {
      // Nothing is there after all; or one who asked cannot be answered, and others can.
      if error.errno != .wouldBlock { Program.report(error) }
    }
  }
}

/// Asks, and prints each answer of the next second.
private func find(_ name: String, on interface: NetworkInterface) throws {
  let socket = try Socket(.ipv4, .datagram)
  try socket.set(.multicastInterfaceIndex, interface.index)
  // No router passes it on.
  try socket.set(.multicastHops, 1)
  _ = try socket.send("who is \(name)?", to: .ipv4(group, port: groupPort))

  let deadline = Deadline.after(.seconds(1))
  let prefix = Array("\(name) is at ".utf8)
  var buffer = [UInt8](repeating: 0, count: 1500)
  var found: Set<SocketAddress> = []
  while true {
    do throws(SocketError) {
      var span = buffer.mutableSpan
      let answer = try socket.receiveDatagram(into: &span, until: deadline)
      let text = buffer.prefix(answer.count)
      guard text.starts(with: prefix),
        let port = UInt16(String(decoding: text.dropFirst(prefix.count), as: UTF8.self))
      else { continue }
      found.insert(answer.sender.with(port: port))
    } catch {
      guard error.reason == .timedOut else { throw error }
      break
    }
  }
  guard !found.isEmpty else { throw Failure("nobody offers \(name) on \(interface.name)") }
  for address in found.map(\.description).sorted() { try Program.say("\(name) at \(address)") }
}
