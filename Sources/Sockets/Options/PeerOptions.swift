internal import CSockets

/// A process at the other end of a Unix socket.
public struct PeerProcess: Hashable, Sendable {
  /// The process id, as this process's namespace has it; 0 where it has none.
  public let processID: Int32
  /// The effective user id.
  public let userID: UInt32
  /// The effective group id.
  public let groupID: UInt32

  /// A process with these ids.
  public init(processID: Int32, userID: UInt32, groupID: UInt32) {
    self.processID = processID
    self.userID = userID
    self.groupID = groupID
  }
}

/// The credentials that the kernel has noted of a peer.
public enum PeerProcessOption: SocketOptionReader {
  /// Reads them.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> PeerProcess {
    // A listener has credentials too: its own.
    try SocketError.check(.getOption, cs_getpeername(descriptor).result)
    let peer = try WireOption<cs_peer_process>.get(descriptor, level, name, zero: cs_peer_process())
    // What Linux answers for a socket that has no such peer, and chown(2) takes for nobody.
    guard peer.user != .max else { throw SocketError(.getOption, .errno(.notConnected)) }
    return PeerProcess(processID: peer.process, userID: peer.user, groupID: peer.group)
  }
}

/// Numbers of groups, as many as there are.
public enum GroupsOption: SocketOptionReader {
  /// Reads them.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> [UInt32] {
    // As many as a process can have (NGROUPS_MAX).
    var groups = [UInt32](repeating: 0, count: 65_536)
    // The callee writes no more bytes than the array has.
    let length = unsafe groups.withUnsafeMutableBytes {
      unsafe cs_get_bytes(descriptor, level, name, $0.baseAddress, $0.count)
    }
    try SocketError.check(.getOption, length)
    return Array(groups.prefix(Int(length) / MemoryLayout<UInt32>.stride))
  }
}

extension Socket {
  /// A descriptor for the process at the other end of a connected Unix socket (a pidfd), which stands for that process
  /// even when its number has been given to another. Close-on-exec. Corresponds to SO_PEERPIDFD of `unix(7)`, from
  /// Linux 6.5.
  ///
  /// - Throws: `SocketError` with ENOTCONN (no peer), ENODATA (not a Unix socket's peer), ESRCH (the process is gone,
  ///   and was waited for), ENOPROTOOPT (not on this system), EMFILE or ENFILE (no descriptor is free).
  public borrowing func openPeerProcess() throws(SocketError) -> Descriptor {
    // A listener has a process too: its own.
    try SocketError.check(.peerCredentials, cs_getpeername(descriptor).result)
    let process = cs_get_int(descriptor, SOL_SOCKET, CS_SO_PEERPIDFD)
    try SocketError.check(.peerCredentials, process.result)
    return Descriptor(adopting: process.value)
  }
}
