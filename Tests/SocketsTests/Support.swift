import Foundation
import Glibc
import Sockets
import Synchronization

/// Long enough for anything that happens at all.
let soon = Duration.seconds(10)

/// The text's bytes.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A directory of the test's own, removed when the value goes.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = "/tmp/sockets-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The sockets that this process has open. (Other descriptors come and go: the tests' own threads have some.)
func openSockets() throws -> [Int32: String] {
  var sockets: [Int32: String] = [:]
  for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
    // The descriptor that read the directory is closed again by now.
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
    if let target, target.hasPrefix("socket:") { sockets[Int32(name)!] = target }
  }
  return sockets
}

/// Whether the descriptor is closed when another program is started.
func isCloseOnExec(_ descriptor: Int32) -> Bool {
  fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0
}

/// A socket that listens on a loopback address, at a port of the kernel's choice.
func listener(_ address: SocketAddress = .loopback(port: 0), backlog: Int = 128) throws -> Socket {
  let socket = try Socket(address.family, .stream)
  try socket.bind(to: address)
  try socket.listen(backlog: backlog)
  return socket
}

/// Two TCP sockets that are connected with each other.
func tcpPair() throws -> SocketPairOfTCP {
  let listener = try listener()
  let client = try Socket.connected(to: listener.localAddress, until: .after(soon))
  let accepted = try listener.accept(until: .after(soon))
  return SocketPairOfTCP(client: client, server: accepted.socket)
}

struct SocketPairOfTCP: ~Copyable {
  let client: Socket
  let server: Socket
}

extension Socket {
  /// Receives at most so many bytes, and fails rather than wait for ever.
  func received(_ count: Int = 65_536) throws -> [UInt8] {
    try receive(upTo: count, until: .after(soon))
  }

  /// Receives one datagram, and fails rather than wait for ever.
  func receivedDatagram(capacity: Int = 65_536) throws -> (Datagram, [UInt8]) {
    var buffer = [UInt8](repeating: 0xaa, count: capacity)
    var span = buffer.mutableSpan
    let datagram = try receiveDatagram(into: &span, until: .after(soon))
    return (datagram, Array(buffer.prefix(datagram.count)))
  }
}

/// The error that a call throws, or nil where it throws none.
func failure(_ body: () throws -> Void) -> (any Error)? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}

/// The socket error that a call throws, or nil.
func socketFailure(_ body: () throws -> Void) -> SocketError? {
  failure(body) as? SocketError
}

/// Ends a process that a test has for itself, where `#expect` does not reach, if the condition does not hold.
func ensure(
  _ condition: Bool, _ message: @autoclosure () -> String = "", file: StaticString = #file, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}

/// A thread of its own: the tests themselves occupy the few threads that tasks run on, and some of them wait.
final class Background<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread { [self] in
      let result = Result { try body() }
      self.result.withLock { $0 = result }
      done.signal()
    }
  }

  /// What the thread returned, or threw.
  func value() throws -> Value {
    guard done.wait(timeout: .now() + 20) == .success, let result = result.withLock({ $0 }) else {
      throw SocketError(.wait, .timedOut)
    }
    return try result.get()
  }
}
