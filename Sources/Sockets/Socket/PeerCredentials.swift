#if LibBSD
  internal import CLibBSD
  internal import CSockets

  /// The user and group of the process at the other end of a Unix socket, as they were when it connected.
  public struct PeerCredentials: Hashable, Sendable {
    /// The effective user id.
    public let userID: UInt32
    /// The effective group id.
    public let groupID: UInt32
  }

  extension Socket {
    /// Who is at the other end of a connected Unix socket; vouched for by the kernel. With the trait `LibBSD`.
    /// Corresponds to `getpeereid(3)`.
    ///
    /// - Throws: `SocketError` with ENOTCONN (not a connected Unix socket).
    public var peerCredentials: PeerCredentials {
      get throws(SocketError) {
        // A listener has credentials too: its own.
        try SocketError.check(.peerCredentials, cs_getpeername(descriptor).result)
        let credentials = cs_getpeereid(descriptor)
        try SocketError.check(.peerCredentials, credentials.result)
        // What Linux answers for a socket that has no such peer, and chown(2) takes for nobody.
        guard credentials.uid != .max else { throw SocketError(.peerCredentials, .errno(.notConnected)) }
        return PeerCredentials(userID: credentials.uid, groupID: credentials.gid)
      }
    }
  }
#endif
