internal import CSockets

/// How much memory a socket uses, and may. See `sock_diag(7)`.
public struct MemoryInfo: Hashable, Sendable {
  /// Bytes allocated for what was received.
  public let receiveAllocated: Int
  /// The most of them.
  public let receiveLimit: Int
  /// Bytes allocated for what is on its way out of the kernel.
  public let sendAllocated: Int
  /// The most of them.
  public let sendLimit: Int
  /// Bytes set aside for later.
  public let forwardAllocated: Int
  /// Bytes of what waits to be sent.
  public let sendQueued: Int
  /// Bytes used by options.
  public let options: Int
  /// Bytes that arrived while the socket was in use.
  public let backlog: Int
  /// How many packets were dropped.
  public let dropped: Int
}

/// The numbers of SO_MEMINFO.
public enum MemoryInfoOption: SocketOptionReader {
  /// Reads them.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> MemoryInfo {
    let wire = try WireOption<cs_memory_info>.get(descriptor, level, name, zero: cs_memory_info())
    return MemoryInfo(
      receiveAllocated: Int(wire.receive_allocated), receiveLimit: Int(wire.receive_limit),
      sendAllocated: Int(wire.send_allocated), sendLimit: Int(wire.send_limit),
      forwardAllocated: Int(wire.forward_allocated), sendQueued: Int(wire.send_queued), options: Int(wire.options),
      backlog: Int(wire.backlog), dropped: Int(wire.dropped))
  }
}
