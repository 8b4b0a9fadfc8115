// Standard input to a socket and the socket to standard output, both at once:
//   printf 'GET / HTTP/1.0\r\n\r\n' | netcat www.example.org:80
//   netcat udp://127.0.0.1:53 <query >answer
//   netcat unix:///run/echo.sock

internal import ExampleSupport
internal import Foundation
internal import Sockets

@main struct Netcat {
  static func main() {
    Program.run(usage: "ENDPOINT") { arguments in
      guard arguments.count == 1 else { throw Usage() }
      let endpoint = try Endpoint(arguments[0])
      // An answer needs somewhere to go: a Unix datagram socket has no name unless it asks the kernel for one.
      let local: SocketAddress? = if case .unixgram = endpoint { .unix(.unnamed) } else { nil }
      let session = Session(try Socket.connected(to: endpoint, from: local, until: .after(.seconds(10))), endpoint)
      Thread.detachNewThread { session.send() }
      try session.receive()
    }
  }
}

/// A connected socket that two threads use: one sends, one receives.
private final class Session: Sendable {
  private let socket: Socket
  private let isStream: Bool
  /// How long to go on receiving datagrams after the input has ended: they have no end of their own.
  private static let datagramTime = Duration.seconds(1)
  private let inputHasEnded = Flag()

  init(_ socket: consuming Socket, _ endpoint: Endpoint) {
    self.socket = socket
    isStream = endpoint.socketType == .stream
  }

  /// Sends standard input, and then tells the peer that there is no more of it.
  func send() {
    do {
      while case let bytes = try StandardStream.input.read(upTo: 65_507), !bytes.isEmpty {
        try socket.sendAll(bytes.span)
      }
      inputHasEnded.raise()
      if isStream { try socket.shutdown(.write) }
    } catch let error as SocketError where error.errno == .brokenPipe || error.errno == .notConnected {
      // The peer takes no more. What it has to say is another matter, and the other thread's.
    } catch {
      Program.fail(error)
    }
  }

  /// Writes what comes to standard output, until there is no more.
  func receive() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      do {
        var span = buffer.mutableSpan
        let count = try socket.receive(into: &span, until: isStream ? .never : .after(Self.datagramTime))
        // An empty datagram is a datagram; only the end of a stream is the end.
        if count == 0, isStream { return }
        try StandardStream.output.write(buffer.span.extracting(first: count))
      } catch let error as SocketError where error.reason == .timedOut {
        if inputHasEnded.isRaised { return }
      }
    }
  }
}
