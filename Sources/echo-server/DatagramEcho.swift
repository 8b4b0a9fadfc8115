internal import EchoSupport
internal import Sockets

/// Answers the datagrams of one socket: of UDP many with one system call, and those of one sender as one.
final class DatagramEcho {
  let listener: ListeningSocket
  /// What a poller waits for.
  var interest: Interest = .read
  private let log: Log
  /// For UDP. It is taken out while it is used.
  private var batch: DatagramBatch?
  /// For a Unix socket, whose datagrams may be larger than any of UDP: up to the sender's send buffer.
  private var buffer: [UInt8] = []
  /// An answer that the kernel had no room for. While there is one, nothing more is received.
  private var unsent: (bytes: [UInt8], to: SocketAddress)?

  /// What to wait for next.
  enum Step {
    case receive, send
  }

  init(_ listener: ListeningSocket, _ log: Log) {
    self.listener = listener
    self.log = log
    if case .unixgram = listener.endpoint {
      buffer = [UInt8](repeating: 0, count: 1 << 20)
    } else {
      batch = DatagramBatch(capacity: 32, datagramCapacity: 65_535)
      // Where the system cannot, each comes alone.
      try? listener.socket.set(.receiveSegments, true)
    }
  }

  /// Receives and answers until either would wait.
  func advance() -> Step {
    guard var batch = batch.take() else { return advanceOneByOne() }
    let step = advance(&batch)
    self.batch = consume batch
    return step
  }

  private func advance(_ batch: inout DatagramBatch) -> Step {
    guard send(&batch) else { return .send }
    do {
      // Not for ever: the others want their turn.
      for _ in 0..<8 {
        try listener.socket.receive(into: &batch, until: .now)
        for index in 0..<batch.count { log.received(batch.bytes(at: index), segmentSize: batch.segmentSize(at: index)) }
        guard send(&batch) else { return .send }
        // Fewer than there was room for are all that there were.
        if batch.count < batch.capacity { return .receive }
      }
    } catch  where error.errno == .wouldBlock {
    } catch {
      log.failed(listener.endpoint, error)
    }
    return .receive
  }

  /// Sends what is in a batch; false where there is no room for it yet.
  private func send(_ batch: inout DatagramBatch) -> Bool {
    while true {
      do throws(SocketError) {
        try listener.socket.sendAll(&batch, until: .now)
        return true
      } catch {
        if error.errno == .wouldBlock { return false }
        log.failed(error.address ?? .unix(.unnamed), error)
        batch.skipFailed()
      }
    }
  }

  private func advanceOneByOne() -> Step {
    // Taken out and put back: an object does not lend a part of itself for as long as a span needs it.
    var buffer = buffer
    self.buffer = []
    defer { self.buffer = buffer }
    do {
      if let answer = unsent {
        unsent = nil
        guard send(answer.bytes.span, to: answer.to) else { return .send }
      }
      // Not for ever: the others want their turn.
      for _ in 0..<64 {
        let datagram = try receive(&buffer)
        let bytes = buffer.span.extracting(first: datagram.count)
        log.received(bytes)
        if datagram.isTruncated {
          log.failed(
            datagram.sender, Failure("a datagram of \(datagram.length) bytes does not fit and is not answered"))
        } else if datagram.sender == .unix(.unnamed) {
          log.failed(listener.endpoint, Failure("a datagram from a socket without a name cannot be answered"))
        } else if !send(bytes, to: datagram.sender) {
          return .send
        }
      }
    } catch  where error.errno == .wouldBlock {
    } catch {
      log.failed(listener.endpoint, error)
    }
    return .receive
  }

  private func receive(_ buffer: inout [UInt8]) throws(SocketError) -> Datagram {
    var span = buffer.mutableSpan
    return try listener.socket.receiveDatagram(into: &span, until: .now)
  }

  /// Sends an answer, or keeps it and returns false where there is no room for it yet.
  private func send(_ bytes: Span<UInt8>, to peer: SocketAddress) -> Bool {
    do {
      _ = try listener.socket.send(bytes, to: peer, until: .now)
    } catch  where error.errno == .wouldBlock && peer.family != .unix {
      unsent = ([UInt8](copying: bytes), peer)
      return false
    } catch {
      // A Unix client that does not read its answers: no poll tells when there is room in its queue, so the answer is
      // lost. (What waits in clients' queues counts against this socket's send buffer: a client that connects, so that
      // its queue has no other limit, and never reads can use it up, and then others lose answers too until it goes.)
      log.failed(peer, error)
    }
    return true
  }
}
