public import CSockets

/// How one send differs from others: MSG_ bits. See `send(2)`.
@frozen public struct SendFlags: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: Int32

  /// The flags with these bits.
  @inlinable public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// MSG_DONTROUTE: to hosts on the same link only.
  @inlinable public static var dontRoute: SendFlags { SendFlags(rawValue: CS_MSG_DONTROUTE) }
  /// MSG_EOR: the end of a record, for types of socket that have records.
  @inlinable public static var endOfRecord: SendFlags { SendFlags(rawValue: CS_MSG_EOR) }
  /// MSG_FASTOPEN: with a send to an address, connect to it and send in one; the bytes go with the first packet where
  /// the peer has given leave to that before (TCP fast open, RFC 7413). They may then arrive twice. Only on Linux.
  @inlinable public static var fastOpen: SendFlags { SendFlags(rawValue: CS_MSG_FASTOPEN) }
  /// MSG_MORE: more follows, so that what is small may be held back and sent with it. Only on Linux.
  @inlinable public static var more: SendFlags { SendFlags(rawValue: CS_MSG_MORE) }
  /// MSG_OOB: the last byte is urgent data, received with ``ReceiveFlags/outOfBand``.
  @inlinable public static var outOfBand: SendFlags { SendFlags(rawValue: CS_MSG_OOB) }
}

/// How one receive differs from others: MSG_ bits. See `recv(2)`.
@frozen public struct ReceiveFlags: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: Int32

  /// The flags with these bits.
  @inlinable public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// MSG_ERRQUEUE: an error from the queue of errors, with ``ControlMessage/error(_:)`` and what was sent; EAGAIN where
  /// there is none. Only on Linux.
  @inlinable public static var errorQueue: ReceiveFlags { ReceiveFlags(rawValue: CS_MSG_ERRQUEUE) }
  /// MSG_OOB: the urgent byte; EINVAL where there is none.
  @inlinable public static var outOfBand: ReceiveFlags { ReceiveFlags(rawValue: CS_MSG_OOB) }
  /// MSG_PEEK: what is received stays, to be received again.
  @inlinable public static var peek: ReceiveFlags { ReceiveFlags(rawValue: CS_MSG_PEEK) }
  /// MSG_WAITALL: the kernel waits until the buffer is full, the stream ends, a signal comes or the socket has an
  /// error; less may come for any of these reasons. It does so without a deadline only;
  /// ``Socket/receiveExactly(into:until:retryOnInterrupt:)`` has neither restriction.
  @inlinable public static var waitAll: ReceiveFlags { ReceiveFlags(rawValue: CS_MSG_WAITALL) }
}
