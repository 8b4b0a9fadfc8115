// Takes connections at one address and passes each on to another:
//   port-forward 127.0.0.1:8080 www.example.org:80
//   port-forward unix:/run/database.sock 10.0.0.7:5432
// The bytes go through a pipe in the kernel and are never brought into this process.

internal import ExampleSupport
internal import Foundation
internal import Sockets

@main struct PortForward {
  static func main() {
    Program.run(usage: "ADDRESS ENDPOINT") { arguments in
      guard arguments.count == 2 else { throw Usage() }
      let (address, target) = (try SocketAddress(arguments[0]), try Endpoint(arguments[1]))
      // The ends of datagrams would be lost in a pipe.
      guard target.socketType == .stream else { throw Failure("\(target): datagrams cannot be forwarded") }
      try forward(from: address, to: target)
    }
  }
}

/// Takes connections until a signal comes.
private func forward(from address: SocketAddress, to target: Endpoint) throws {
  let signals = try Program.terminationSignals()
  let listener = try Socket(for: address, .stream)
  // Held until this function returns.
  let file = try bind(listener, to: address)
  defer { _ = file }
  try listener.listen()
  // A client that goes away between the poller and accept must not keep us there.
  try listener.setNonBlocking(true)
  try Program.say("forwarding \(try listener.localAddress) to \(target)")

  var poller = try Poller()
  try poller.add(signals, for: .read, token: 0)
  try poller.add(listener, for: .read, token: 1)
  var events: [Poller.Event] = []
  var backoff = AcceptBackoff()
  while true {
    try poller.wait(into: &events)
    if events.contains(where: { $0.token == 0 }) { return }
    do throws(SocketError) {
      let accepted = try listener.accept(until: .now)
      backoff.reset()
      let (peer, client) = (accepted.peer, End(accepted.socket))
      Thread.detachNewThread { serve(client, peer, target) }
    } catch {
      if error.errno == .wouldBlock { continue }
      guard error.isShortage else { throw error }
      // Those that are open go on, and one that ends makes room. Until then a signal is all that is looked for.
      Program.report(error)
      if try !signals.wait(for: .read, until: .after(backoff.next())).isEmpty { return }
    }
  }
}

/// Binds a socket. A Unix socket has a file, which goes with what is returned; one that a killed process has left is
/// replaced.
private func bind(_ listener: borrowing Socket, to address: SocketAddress) throws -> SocketFile? {
  if case .unix(let name) = address, name.kind == .path {
    return try SocketFile(binding: listener, to: name, replacingStale: true)
  }
  // Connections of a forwarder that was just stopped may still be closing.
  try listener.set(.reuseAddress, true)
  try listener.bind(to: address)
  return nil
}

/// One end of a forwarded connection, which two threads share: one receives from it, one sends to it.
private final class End: Sendable {
  let socket: Socket

  init(_ socket: consuming Socket) {
    self.socket = socket
  }
}

/// Connects a client to the target, and copies in both directions until both have ended.
private func serve(_ client: End, _ peer: SocketAddress, _ target: Endpoint) {
  do {
    let server = End(try Socket.connected(to: target, until: .after(.seconds(10))))
    Thread.detachNewThread { copy(from: server, to: client, peer) }
    copy(from: client, to: server, peer)
  } catch {
    Program.report(Failure("client \(peer): \(error)"))
  }
}

/// Copies until the sender sends no more, and tells the receiver so, whose own bytes may go on in the other direction.
private func copy(from source: End, to destination: End, _ peer: SocketAddress) {
  do {
    var pipe = try SplicePipe()
    while try source.socket.receive(into: &pipe) > 0 { try destination.socket.sendAll(from: &pipe) }
    try destination.socket.shutdown(.write)
  } catch {
    Program.report(Failure("client \(peer): \(error)"))
    // Neither side is to wait for the other any more: this wakes the thread of the other direction.
    try? source.socket.shutdown(.both)
    try? destination.socket.shutdown(.both)
  }
}
