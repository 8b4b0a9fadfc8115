internal import CSockets

/// What the kernel knows of a TCP connection. See TCP_INFO in `tcp(7)`; what an older kernel does not know is 0.
public struct TCPInfo: Hashable, Sendable {
  /// The state of the connection.
  public let state: State
  /// The smoothed time between sending something and its acknowledgement.
  public let roundTripTime: Duration
  /// How much that varies.
  public let roundTripVariance: Duration
  /// The least that it has been.
  public let minimumRoundTripTime: Duration
  /// After what time something that was not acknowledged is sent again.
  public let retransmissionTimeout: Duration
  /// How long ago data was sent last.
  public let sinceDataSent: Duration
  /// How long ago data was received last.
  public let sinceDataReceived: Duration
  /// How many segments may be under way.
  public let congestionWindow: Int
  /// Up to how many segments the window grows fast.
  public let slowStartThreshold: Int
  /// The most bytes in a segment that is sent.
  public let sendSegmentSize: Int
  /// The most bytes in a segment that is received.
  public let receiveSegmentSize: Int
  /// The most bytes in a packet on the way to the peer.
  public let pathMTU: Int
  /// How many segments are under way.
  public let unacknowledgedSegments: Int
  /// How many of those are thought to be lost.
  public let lostSegments: Int
  /// How often the segment that is due has been sent again.
  public let retransmissions: Int
  /// How many segments have been sent again so far.
  public let totalRetransmissions: Int
  /// How many segments have been sent so far, those sent again included.
  public let segmentsSent: Int
  /// How many segments have been received so far.
  public let segmentsReceived: Int
  /// How many bytes the peer has acknowledged so far.
  public let bytesAcknowledged: UInt64
  /// How many bytes have been received so far.
  public let bytesReceived: UInt64
  /// How many bytes have been sent so far, those sent again included.
  public let bytesSent: UInt64
  /// How many bytes have been sent again so far.
  public let bytesRetransmitted: UInt64
  /// How many bytes wait to be sent.
  public let bytesNotSent: Int
  /// How fast bytes are sent, in bytes a second; the largest number is no limit.
  public let pacingRate: UInt64
  /// How fast bytes have arrived at the peer lately, in bytes a second.
  public let deliveryRate: UInt64

  /// A state of the TCP state machine. See RFC 9293, section 3.3.2.
  @frozen public struct State: RawRepresentable, Hashable, Sendable {
    /// The number, as the system defines it.
    public let rawValue: UInt8

    /// The state of this number.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Both directions are open.
    public static var established: State { State(rawValue: 1) }
    /// A connect waits for its answer.
    public static var synSent: State { State(rawValue: 2) }
    /// A connection waits for the last part of the handshake.
    public static var synReceived: State { State(rawValue: 3) }
    /// We have ended our direction.
    public static var finWait1: State { State(rawValue: 4) }
    /// We have ended our direction, and the peer knows.
    public static var finWait2: State { State(rawValue: 5) }
    /// It is over; stragglers are waited for.
    public static var timeWait: State { State(rawValue: 6) }
    /// Not connected.
    public static var closed: State { State(rawValue: 7) }
    /// The peer has ended its direction.
    public static var closeWait: State { State(rawValue: 8) }
    /// Both have ended, and the peer does not know yet.
    public static var lastAcknowledgement: State { State(rawValue: 9) }
    /// Waiting for connections.
    public static var listen: State { State(rawValue: 10) }
    /// Both have ended at once.
    public static var closing: State { State(rawValue: 11) }
  }
}

/// What the kernel knows of a TCP connection.
public enum TCPInfoOption: SocketOptionReader {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> TCPInfo {
    let option = cs_get_tcp_info(descriptor)
    try SocketError.check(.getOption, option.result)
    return TCPInfo(option.info)
  }
}

extension TCPInfo {
  fileprivate init(_ info: cs_tcp_info) {
    self.init(
      state: State(rawValue: info.state),
      roundTripTime: .microseconds(info.round_trip_time),
      roundTripVariance: .microseconds(info.round_trip_variance),
      // All ones until there is a measurement.
      minimumRoundTripTime: .microseconds(info.minimum_round_trip_time == .max ? 0 : info.minimum_round_trip_time),
      retransmissionTimeout: .microseconds(info.retransmission_timeout),
      sinceDataSent: .milliseconds(info.since_data_sent),
      sinceDataReceived: .milliseconds(info.since_data_received),
      congestionWindow: Int(info.congestion_window),
      slowStartThreshold: Int(info.slow_start_threshold),
      sendSegmentSize: Int(info.send_segment_size),
      receiveSegmentSize: Int(info.receive_segment_size),
      pathMTU: Int(info.path_mtu),
      unacknowledgedSegments: Int(info.unacknowledged),
      lostSegments: Int(info.lost),
      retransmissions: Int(info.retransmits),
      totalRetransmissions: Int(info.total_retransmitted),
      segmentsSent: Int(info.segments_sent),
      segmentsReceived: Int(info.segments_received),
      bytesAcknowledged: info.bytes_acknowledged,
      bytesReceived: info.bytes_received,
      bytesSent: info.bytes_sent,
      bytesRetransmitted: info.bytes_retransmitted,
      bytesNotSent: Int(info.bytes_not_sent),
      pacingRate: info.pacing_rate,
      deliveryRate: info.delivery_rate)
  }
}
