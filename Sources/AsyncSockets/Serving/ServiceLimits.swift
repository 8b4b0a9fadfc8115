/// What a server takes upon itself.
///
/// ```swift
/// var limits = ServiceLimits()
/// limits.idleTimeout = .seconds(60)
/// try await listener.serve(limits: limits) { connection in … }
/// ```
public struct ServiceLimits: Hashable, Sendable {
  /// How many connections may be open at once, from 1; others wait in the listener's backlog. Without a limit unless
  /// set: then that of the process's descriptors is the limit, at which no more are taken until one has ended.
  public var connections = Int.max
  /// How long nothing may be sent or received on a connection before its calls throw
  /// ``Sockets/SocketError/Reason/timedOut``; nil for ever.
  public var idleTimeout: Duration?
  /// How long one call may wait for something to receive; nil for ever.
  public var readTimeout: Duration?
  /// How long one call may wait for the peer to take anything of what is sent; nil for ever.
  public var writeTimeout: Duration?
  /// How many bytes, 1 MiB unless set, are kept for a peer that does not take them, for a ``StreamHandler``: it is not
  /// given anything to answer while there are any, so that only one that answers with more than it was given gets there.
  /// Then the connection is closed with ``Sockets/SocketError/Reason/bufferFull``.
  public var bufferedBytes = 1 << 20
  /// How long what is open may go on after the server's task has been cancelled, 30 seconds unless set; nil until it
  /// ends by itself.
  public var gracePeriod: Duration? = .seconds(30)

  /// The limits that hold unless set: of time and connections none.
  public init() {}
}
