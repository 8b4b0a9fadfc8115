internal import EchoSupport
internal import Sockets

/// What a benchmark is to do.
struct BenchSettings {
  /// How requests are made.
  enum Kind {
    /// One after another over connections that stay open.
    case stream
    /// A datagram each.
    case datagram
    /// Datagrams that the kernel cuts out of one send, and puts together where they arrive.
    case segments
    /// Each over a connection of its own.
    case churn
  }

  let endpoint: Endpoint
  let kind: Kind
  let connections: Int
  /// The bytes of a request.
  let payload: Int
  /// How many requests each connection has under way, unless there is a rate.
  let pipeline: Int
  /// How many requests a second are due, over all connections; nil to send one as soon as another is answered.
  let rate: Double?
  /// Nanoseconds that are measured, and those before.
  let duration: Int64
  let warmup: Int64
  /// Whether what a connection says first is read away.
  let expectsGreeting: Bool
  let serverProcess: Int32?
  let diagnostics: Diagnostics
}
