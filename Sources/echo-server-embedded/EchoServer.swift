internal import CSockets
internal import Sockets

/// An echo server in Embedded Swift: a thread for each client, and one that accepts. Its argument says where to listen.
/// It is built by `Scripts/embedded.sh`, not by the package.
@c func main(_ count: Int32, _ arguments: UnsafePointer<UnsafePointer<UInt8>?>) -> Int32 {
  // So that no socket becomes a standard stream, and no closed pipe behind one ends the server.
  guard cs_fill_standard_streams() == 0 else { return 1 }
  cs_ignore_broken_pipes()
  var ip = IPAddress.ipv4(.loopback)
  var port: UInt16 = 8000
  // The system gives as many arguments as it says.
  if count > 1, let argument = unsafe arguments[1] {
    // It has a NUL, and lives as long as the process.
    let text = unsafe Span(_unsafeStart: argument, count: strlen(argument))
    do {
      (ip, port) = try IPAddress.parsing(withPort: text)
    } catch {
      write("echo-server-embedded: not an address and a port: ", to: 2)
      _ = cs_write(2, text)
      write("\n", to: 2)
      return 64
    }
  }
  do {
    try serve(SocketAddress(ip, port: port))
  } catch {
    report(error, SocketAddress(ip, port: port))
    return 1
  }
}

/// Listens, and starts a thread for each client that comes.
private func serve(_ address: SocketAddress) throws(SocketError) -> Never {
  let server = try Socket(for: address, .stream)
  try server.set(.reuseAddress, true)
  try server.bind(to: address)
  try server.listen()
  say("listening on tcp://", try server.localAddress)
  var backoff = AcceptBackoff()
  while true {
    do {
      let client = try server.accept()
      say("accept client ", client.peer)
      try startThread(serving: client)
      backoff.reset()
    } catch {
      // As many threads as there may be (EAGAIN) is a shortage like any other.
      guard error.isShortage || error.errno == .wouldBlock else { throw error }
      report(error, address)
      // Nothing is waited for but the time.
      _ = try server.wait(for: [], until: .after(backoff.next()))
    }
  }
}

/// Starts a thread that serves a client and owns it.
private func startThread(serving client: consuming Accepted) throws(SocketError) {
  let context = UnsafeMutablePointer<Accepted>.allocate(capacity: 1)
  // It belongs to the thread from its start on.
  unsafe context.initialize(to: client)
  let result = unsafe cs_thread_start(128 * 1024, { unsafe run($0) }, context)
  guard result < 0 else { return }
  // No thread will do it.
  unsafe context.deinitialize(count: 1)
  unsafe context.deallocate()
  throw SocketError(.accept, .errno(Errno(rawValue: -result)))
}

private func run(_ context: UnsafeMutableRawPointer) {
  // What startThread initialised, taken out of it exactly once.
  let context = unsafe context.assumingMemoryBound(to: Accepted.self)
  let client = unsafe context.move()
  unsafe context.deallocate()
  serve(client)
}

/// Greets a client, and sends back what it sends until it sends no more. What goes wrong with it ends it alone.
private func serve(_ client: consuming Accepted) {
  let peer = client.peer
  do {
    let socket = client.socket
    try socket.set(.noDelay, true)
    try socket.sendAll(bytes(of: "Welcome to my server\n"))
    var buffer = [16_384 of UInt8](repeating: 0)
    while true {
      var span = buffer.mutableSpan
      let count = try socket.receive(into: &span)
      if count == 0 { break }
      try socket.sendAll(buffer.span.extracting(first: count))
    }
    try socket.close()
  } catch {
    report(error, peer)
  }
}

/// The bytes of a constant.
@_lifetime(immortal) private func bytes(of text: StaticString) -> Span<UInt8> {
  // It lives as long as the process.
  let bytes = unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount)
  return unsafe _overrideLifetime(bytes, borrowing: ())
}

/// Writes to a standard stream. Nothing can be done about a failure.
private func write(_ text: StaticString, to stream: Int32) {
  _ = cs_write(stream, bytes(of: text))
}

/// Says something about an address on one of the standard streams, in one line and with one call, so that the lines of
/// several threads stay whole. One copy of it is enough (the compiler would make four).
@inline(never) private func say(
  _ text: StaticString, _ address: SocketAddress, _ errno: Int32 = 0, on stream: Int32 = 1
) {
  let line = [UInt8](capacity: 128) { output in
    output.append(text)
    if let ip = address.ip, let port = address.port { ip.write(into: &output, port: port) }
    if errno != 0 {
      output.append(": errno ")
      output.append(decimal: UInt32(bitPattern: errno))
    }
    output.append("\n")
  }
  // As above.
  _ = cs_write(stream, line.span)
}

/// Says with whom something failed, and the number of the error.
private func report(_ error: SocketError, _ address: SocketAddress) {
  say("echo-server-embedded: ", address, error.errno?.rawValue ?? 0, on: 2)
}
