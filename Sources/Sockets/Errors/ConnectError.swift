/// An endpoint that could not be connected to: the look-up that failed, or what became of each address.
///
/// ```swift
/// do throws(ConnectError) {
///   let socket = try Socket.connected(to: endpoint, until: .after(.seconds(10)))
/// } catch {
///   for attempt in error.attempts { print(attempt.address, attempt.error, attempt.duration) }
/// }
/// ```
public struct ConnectError: Error, Hashable, Sendable {
  /// Whom it was about.
  public let endpoint: Endpoint
  /// Why there are no addresses, where the look-up has failed.
  public let resolveError: ResolveError?
  /// What ended the wait for a look-up that has not failed: the deadline, a cancellation, or a stopped event loop.
  public let interruption: SocketError?
  /// The addresses that were tried, in the order in which they were; those that were still waited for when the deadline
  /// passed have timed out.
  public let attempts: [Attempt]

  package init(
    endpoint: Endpoint, resolveError: ResolveError? = nil, interruption: SocketError? = nil, attempts: [Attempt] = []
  ) {
    self.endpoint = endpoint
    self.resolveError = resolveError
    self.interruption = interruption
    self.attempts = attempts
  }

  /// What became of one address.
  public struct Attempt: Hashable, Sendable {
    /// The address.
    public let address: SocketAddress
    /// Why it failed.
    public let error: SocketError
    /// How long it took to fail.
    public let duration: Duration

    package init(address: SocketAddress, error: SocketError, duration: Duration) {
      self.address = address
      self.error = error
      self.duration = duration
    }
  }
}

extension ConnectError: CustomStringConvertible {
  /// One line: `connect to [::1]:80: connection refused (ECONNREFUSED); connect to 127.0.0.1:80: timed out`.
  public var description: String {
    if let resolveError { return resolveError.description }
    if let interruption { return "look up \(endpoint): \(interruption.explanation)" }
    return attempts.map { $0.error.description }.joined(separator: "; ")
  }
}
