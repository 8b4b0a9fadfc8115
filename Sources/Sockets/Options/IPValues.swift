internal import CSockets

/// Whether packets may be fragmented on their way: IP_PMTUDISC_ numbers. See `ip(7)`.
@frozen public struct MTUDiscovery: RawRepresentable, Hashable, Sendable {
  /// The number, as the system defines it.
  public let rawValue: Int32

  /// The setting of this number.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// They may.
  public static var off: MTUDiscovery { MTUDiscovery(rawValue: 0) }
  /// The route decides.
  public static var byRoute: MTUDiscovery { MTUDiscovery(rawValue: 1) }
  /// They may not: what is larger than the path's MTU is EMSGSIZE.
  public static var on: MTUDiscovery { MTUDiscovery(rawValue: 2) }
  /// They may not, and the path's MTU is not looked at: for probing it.
  public static var probe: MTUDiscovery { MTUDiscovery(rawValue: 3) }
}

/// An IPv4 address.
public enum IPv4AddressOption: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> IPv4Address {
    IPv4Address(bits: UInt32(bigEndian: try WireOption<UInt32>.get(descriptor, level, name, zero: 0)))
  }

  /// Sets it.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: IPv4Address
  ) throws(SocketError) {
    try WireOption.set(descriptor, level, name, value.bits.bigEndian)
  }
}

/// A socket address.
public enum AddressOption: SocketOptionReader {
  /// Reads it.
  public static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) throws(SocketError) -> SocketAddress {
    let option = cs_get_address(descriptor, level, name)
    try SocketError.check(.getOption, option.result)
    return SocketAddress(option.address)
  }
}

/// Two ports in one number: nil is none.
public enum PortRangeOption: SocketOptionReader, SocketOptionWriter {
  /// Reads it.
  public static func get(
    _ descriptor: Int32, _ level: Int32, _ name: Int32
  ) throws(SocketError) -> ClosedRange<UInt16>? {
    let bits = try WireOption<UInt32>.get(descriptor, level, name, zero: 0)
    let (low, high) = (UInt16(truncatingIfNeeded: bits), UInt16(truncatingIfNeeded: bits >> 16))
    return bits == 0 ? nil : low...max(low, high)
  }

  /// Sets it; a range that begins at 0 is EINVAL.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: ClosedRange<UInt16>?
  ) throws(SocketError) {
    guard value?.lowerBound != 0 else { throw SocketError(.setOption, .errno(.invalidArgument)) }
    let bits = value.map { UInt32($0.lowerBound) | UInt32($0.upperBound) << 16 } ?? 0
    try WireOption.set(descriptor, level, name, bits)
  }
}
