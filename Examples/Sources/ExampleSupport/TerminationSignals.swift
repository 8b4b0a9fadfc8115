internal import Dispatch
internal import Foundation
public import Sockets

extension Program {
  /// Takes over SIGINT and SIGTERM: each is a byte from this socket, which a program waits for as it does for all
  /// others.
  public static func terminationSignals() throws(SocketError) -> Socket {
    let pair = try Socket.pair()
    let writer = SignalWriter(pair.second)
    let registered = DispatchSemaphore(value: 0)
    for signal in [SIGINT, SIGTERM] {
      // Dispatch has threads of its own, and knows how to keep the signal from them.
      let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
      source.setEventHandler {
        // As long as it is in its own handler it is not let go of: it is wanted until the program ends.
        _ = source
        writer.tell()
      }
      source.setRegistrationHandler { registered.signal() }
      source.activate()
    }
    // Until then a signal would end the program at once.
    for _ in 0..<2 { registered.wait() }
    let signals = pair.first
    return signals
  }
}

/// The end of the pair that signals are written to.
private final class SignalWriter: Sendable {
  private let socket: Socket

  init(_ socket: consuming Socket) {
    self.socket = socket
  }

  /// Nobody may be interested any more.
  func tell() {
    _ = try? socket.send([1].span, until: .now)
  }
}
