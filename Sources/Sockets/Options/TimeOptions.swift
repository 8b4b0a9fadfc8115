internal import CSockets

/// Which times are taken of what is sent and received, and how they are told: SOF_TIMESTAMPING_ bits. See the kernel's
/// `networking/timestamping.rst`.
@frozen public struct Timestamping: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: Int32

  /// The set with these bits.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// TX_HARDWARE: the device's time of sending.
  public static var sendHardware: Timestamping { Timestamping(rawValue: 1 << 0) }
  /// TX_SOFTWARE: the time at which a packet leaves the kernel.
  public static var sendSoftware: Timestamping { Timestamping(rawValue: 1 << 1) }
  /// RX_HARDWARE: the device's time of arrival.
  public static var receiveHardware: Timestamping { Timestamping(rawValue: 1 << 2) }
  /// RX_SOFTWARE: the time at which a packet enters the kernel.
  public static var receiveSoftware: Timestamping { Timestamping(rawValue: 1 << 3) }
  /// SOFTWARE: tell the kernel's times.
  public static var software: Timestamping { Timestamping(rawValue: 1 << 4) }
  /// RAW_HARDWARE: tell the device's times.
  public static var rawHardware: Timestamping { Timestamping(rawValue: 1 << 6) }
  /// OPT_ID: number what is sent.
  public static var identifiers: Timestamping { Timestamping(rawValue: 1 << 7) }
  /// TX_SCHED: the time at which a packet enters the queue of the device.
  public static var sendScheduled: Timestamping { Timestamping(rawValue: 1 << 8) }
  /// TX_ACK: the time at which everything was acknowledged.
  public static var sendAcknowledged: Timestamping { Timestamping(rawValue: 1 << 9) }
  /// OPT_CMSG: also what else an arrival comes with.
  public static var controlMessages: Timestamping { Timestamping(rawValue: 1 << 10) }
  /// OPT_TSONLY: the times of what was sent without the bytes.
  public static var timesOnly: Timestamping { Timestamping(rawValue: 1 << 11) }
}

/// By which clock messages say when they are to be sent, and how strictly.
public struct TransmitTime: Hashable, Sendable {
  /// The clock's number: 1 for CLOCK_MONOTONIC, 11 for CLOCK_TAI.
  public let clock: Int32
  /// Whether the time is a deadline, and earlier will do.
  public let isDeadline: Bool
  /// Whether messages that come too late are reported in the error queue.
  public let reportsErrors: Bool

  /// Times on this clock.
  public init(clock: Int32, isDeadline: Bool = false, reportsErrors: Bool = false) {
    self.clock = clock
    self.isDeadline = isDeadline
    self.reportsErrors = reportsErrors
  }
}

/// A `struct sock_txtime`.
public enum TransmitTimeOption: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> TransmitTime {
    let wire = try WireOption<cs_transmit_time>.get(descriptor, level, name, zero: cs_transmit_time())
    return TransmitTime(clock: wire.clock, isDeadline: wire.flags & 1 != 0, reportsErrors: wire.flags & 2 != 0)
  }

  /// Sets it.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: TransmitTime
  ) throws(SocketError) {
    let flags: UInt32 = (value.isDeadline ? 1 : 0) | (value.reportsErrors ? 2 : 0)
    try WireOption.set(descriptor, level, name, cs_transmit_time(clock: value.clock, flags: flags))
  }
}
