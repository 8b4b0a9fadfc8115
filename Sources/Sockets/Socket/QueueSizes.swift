internal import CSockets

/// How much waits in the socket's queues.
extension Socket {
  /// How many bytes wait to be received; of a datagram socket, how many the next one has. Corresponds to `ioctl(2)`
  /// with FIONREAD.
  ///
  /// - Throws: `SocketError` with EINVAL (a listener).
  public var receiveQueueSize: Int {
    get throws(SocketError) { Int(try SocketError.check(.queueSize, cs_receive_queue(descriptor))) }
  }

  /// How many bytes have been sent and are still there: of TCP, those that the peer has not acknowledged; of others,
  /// the memory that what is on its way takes. Corresponds to `ioctl(2)` with SIOCOUTQ.
  ///
  /// - Throws: `SocketError` with EINVAL (a listener).
  public var sendQueueSize: Int {
    get throws(SocketError) { Int(try SocketError.check(.queueSize, cs_send_queue(descriptor))) }
  }

  /// How many of those bytes TCP has not sent out at all. Corresponds to `ioctl(2)` with SIOCOUTQNSD. Only on Linux.
  ///
  /// - Throws: `SocketError` with EINVAL (a listener) or ENOTTY (not TCP).
  public var unsentSize: Int {
    get throws(SocketError) { Int(try SocketError.check(.queueSize, cs_unsent_queue(descriptor))) }
  }
}
