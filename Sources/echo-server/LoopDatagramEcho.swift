internal import AsyncSockets
internal import EchoSupport
internal import Sockets

/// Answers the datagrams of one socket on an event loop.
struct LoopDatagramEcho: Sendable {
  private let endpoint: Endpoint
  private let socket: DatagramSocket
  private let log: Log

  init(_ listening: ListeningSocket, on loop: EventLoop, _ log: Log) async throws(SocketError) {
    endpoint = listening.endpoint
    if case .udp = endpoint {
      // Where the system cannot, each comes alone.
      try? listening.socket.set(.receiveSegments, true)
    }
    socket = try await DatagramSocket(listening.socket.duplicate(), on: loop)
    self.log = log
  }

  /// Answers until it is cancelled.
  func run() async {
    do throws(SocketError) {
      if case .unixgram = endpoint { try await answerOneByOne() } else { try await answerByTheBatch() }
    } catch {
      if !error.isEnd { log.failed(endpoint, error) }
    }
  }

  private func answerByTheBatch() async throws(SocketError) {
    var batch = DatagramBatch(capacity: 32, datagramCapacity: 65_535)
    while true {
      do throws(SocketError) {
        try await socket.receive(into: &batch)
      } catch {
        // An earlier answer has come back; the next datagram is somebody else's.
        guard error.isOfOneDatagram else { throw error }
        log.failed(endpoint, error)
        continue
      }
      for index in 0..<batch.count { log.received(batch.bytes(at: index), segmentSize: batch.segmentSize(at: index)) }
      try await send(&batch)
    }
  }

  private func send(_ batch: inout DatagramBatch) async throws(SocketError) {
    while true {
      do throws(SocketError) {
        return try await socket.sendAll(&batch)
      } catch {
        guard !error.isEnd else { throw error }
        log.failed(error.address ?? .unix(.unnamed), error)
        batch.skipFailed()
      }
    }
  }

  /// For a Unix socket, whose datagrams may be larger than any of UDP: up to the sender's send buffer.
  private func answerOneByOne() async throws(SocketError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      var span = buffer.mutableSpan
      let datagram = try await socket.receive(into: &span)
      let bytes = buffer.span.extracting(first: datagram.count)
      log.received(bytes)
      if datagram.isTruncated {
        log.failed(datagram.sender, Failure("a datagram of \(datagram.length) bytes does not fit and is not answered"))
      } else if datagram.sender == .unix(.unnamed) {
        log.failed(endpoint, Failure("a datagram from a socket without a name cannot be answered"))
      } else {
        try await send(bytes, to: datagram.sender)
      }
    }
  }

  /// A client that does not read its answers loses them, and does not keep others waiting for theirs.
  private func send(_ bytes: Span<UInt8>, to peer: SocketAddress) async throws(SocketError) {
    do throws(SocketError) {
      try await socket.send(bytes, to: peer, until: .now)
    } catch {
      guard !error.isEnd else { throw error }
      log.failed(peer, error)
    }
  }
}

extension SocketError {
  /// Whether nothing more is to be done with the socket.
  fileprivate var isEnd: Bool {
    switch reason {
    case .cancelled, .closed, .loopClosed: true
    default: false
    }
  }

  /// Whether it is about a datagram that was sent before, and says nothing of the next.
  fileprivate var isOfOneDatagram: Bool {
    if case .errno = reason { errno != .badDescriptor } else { false }
  }
}
