public import Sockets

/// Answers one connection without a task of its own: it is called with what has been received, on the thread of the
/// connection's loop, and must not wait.
///
/// ```swift
/// struct Echo: StreamHandler {
///   mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput) { output.send(bytes) }
/// }
/// try await listener.serve { _ in Echo() }
/// ```
///
/// What the peer does not take is kept, and until it has taken it nothing more is received from it.
public protocol StreamHandler: SendableMetatype {
  /// The connection has begun: a place to greet.
  mutating func connected(_ output: inout StreamOutput)
  /// Bytes have come, at least one and at most 64 KiB, which are there until this returns.
  mutating func received(_ bytes: Span<UInt8>, _ output: inout StreamOutput)
  /// The peer sends no more. The connection is closed when what is sent has been taken.
  mutating func ended(_ output: inout StreamOutput)
  /// The connection is closed: with an error, or without one when all went well.
  mutating func closed(_ error: SocketError?)
}

extension StreamHandler {
  /// Says nothing.
  public mutating func connected(_ output: inout StreamOutput) {}
  /// Says nothing.
  public mutating func ended(_ output: inout StreamOutput) {}
  /// Does nothing.
  public mutating func closed(_ error: SocketError?) {}
}

/// What a ``StreamHandler`` sends.
public struct StreamOutput: ~Copyable, ~Escapable {
  // This value does not outlive it, so that nobody has to count.
  private unowned(unsafe) let stream: HandledStream

  @_lifetime(borrow stream)
  init(_ stream: borrowing HandledStream) {
    unsafe self.stream = copy stream
  }

  /// Sends bytes; what the kernel does not take at once is kept, and sent later.
  @_lifetime(self: copy self)
  public mutating func send(_ bytes: Span<UInt8>) {
    unsafe stream.send(bytes)
  }

  /// Sends a text as UTF-8; see ``send(_:)-(Span<UInt8>)``.
  @_lifetime(self: copy self)
  public mutating func send(_ text: String) {
    unsafe stream.send(text.utf8.span)
  }

  /// Closes the connection when what has been sent before is taken by the kernel. A TCP peer that is still sending then
  /// hears of a reset, and may lose what it has not received yet: where that matters, let the peer end first.
  @_lifetime(self: copy self)
  public mutating func close() {
    unsafe stream.closeWhenSent()
  }

  /// Lends the socket to a function, for its options and addresses.
  ///
  /// - Throws: `SocketError` as the function.
  public func withSocket<R: ~Copyable>(
    _ body: (borrowing Socket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    unsafe try Socket.lending(stream.descriptor, body)
  }
}
