internal import EchoSupport
internal import Sockets

/// Answers the datagrams of one socket.
final class DatagramEcho {
  let listener: ListeningSocket
  private let log: Log
  /// More than a UDP datagram can have; a Unix datagram may be larger, up to the sender's send buffer.
  private var buffer: [UInt8]
  /// An answer that the kernel had no room for. While there is one, nothing more is received.
  private var unsent: (bytes: [UInt8], to: SocketAddress)?

  /// What to wait for next.
  enum Step {
    case receive, send
  }

  init(_ listener: ListeningSocket, _ log: Log) {
    self.listener = listener
    self.log = log
    let isUnix = if case .unixgram = listener.endpoint { true } else { false }
    buffer = [UInt8](repeating: 0, count: isUnix ? 1 << 20 : 65_536)
  }

  /// Receives and answers until either would wait.
  func advance() -> Step {
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
