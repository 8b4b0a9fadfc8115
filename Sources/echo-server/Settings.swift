/// What the command line decides about every connection.
struct Settings: Sendable {
  /// What a stream client is greeted with.
  let welcome: [UInt8]
  /// How many connections there may be at once.
  let maximumConnections: Int
  /// How long nothing may move on a connection.
  let idleTimeout: Duration?
  /// How long connections may stay open once a signal has come; nil for ever.
  let gracePeriod: Duration?
  /// Which users may connect over a Unix socket.
  let allowedUsers: AllowedUsers
  /// Who begins its connections with a PROXY header.
  let proxies: TrustedProxies
  /// Where to tell what happens.
  let log: Log
  /// How many event loops to run; nil for one for each processor.
  let loops: Int?
  /// How long an event loop looks for work before it sleeps.
  let busyPoll: Duration
}
