internal import CSockets

/// An IPv4 multicast group and the interface to receive it on.
public struct IPv4Membership: Hashable, Sendable {
  /// Which interface.
  public enum Interface: Hashable, Sendable {
    /// The one that the routing table has for the group.
    case any
    /// The one with this address.
    case address(IPv4Address)
    /// The one with this index, from 1.
    case index(UInt32)
  }

  /// The group.
  public let group: IPv4Address
  /// The interface.
  public let interface: Interface

  /// A group on an interface.
  public init(_ group: IPv4Address, on interface: Interface = .any) {
    self.group = group
    self.interface = interface
  }
}

/// An IPv4 multicast group.
public enum IPv4MembershipOption: SocketOptionWriter {
  /// Joins or leaves it.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: IPv4Membership
  ) throws(SocketError) {
    let (address, index): (UInt32, UInt32) =
      switch value.interface {
      case .any: (0, 0)
      case .address(let address): (address.bits, 0)
      case .index(let index): (0, index)
      }
    try SocketError.check(.setOption, cs_set_ipv4_membership(descriptor, name, value.group.bits, address, index))
  }
}

/// An IPv6 multicast group and the interface to receive it on.
public struct IPv6Membership: Hashable, Sendable {
  /// The group.
  public let group: IPv6Address
  /// The interface's index, or 0 for one of the kernel's choice.
  public let interfaceIndex: UInt32

  /// A group on an interface.
  public init(_ group: IPv6Address, onInterface index: UInt32 = 0) {
    self.group = group
    interfaceIndex = index
  }
}

/// An IPv6 multicast group.
public enum IPv6MembershipOption: SocketOptionWriter {
  /// Joins or leaves it.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: IPv6Membership
  ) throws(SocketError) {
    let group = cs_ipv6(high: UInt64(value.group.bits >> 64), low: UInt64(truncatingIfNeeded: value.group.bits))
    try SocketError.check(.setOption, cs_set_ipv6_membership(descriptor, name, group, value.interfaceIndex))
  }
}

/// A multicast group of either version, one sender to it, and the interface to receive it on.
public struct SourceMembership: Hashable, Sendable {
  /// The group.
  public let group: IPAddress
  /// Who sends.
  public let source: IPAddress
  /// The interface's index, or 0 for one of the kernel's choice.
  public let interfaceIndex: UInt32

  /// What one sender sends to a group, on an interface.
  public init(_ group: IPAddress, from source: IPAddress, onInterface index: UInt32 = 0) {
    self.group = group
    self.source = source
    interfaceIndex = index
  }
}

/// What one sender sends to a multicast group. See RFC 3678.
public enum SourceMembershipOption: SocketOptionWriter {
  /// Joins or leaves it, at the level of the group's version.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: SourceMembership
  ) throws(SocketError) {
    let group = SocketAddress(value.group, port: 0).kernelForm
    let source = SocketAddress(value.source, port: 0).kernelForm
    try SocketError.check(
      .setOption, cs_set_source_membership(descriptor, name, group, source, value.interfaceIndex))
  }
}

/// The index of the interface that IPv4 multicast is sent from.
public enum MulticastInterfaceIndexOption: SocketOptionWriter {
  /// Sets it; 0 is the system's choice.
  public static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: UInt32) throws(SocketError) {
    try SocketError.check(.setOption, cs_set_ipv4_membership(descriptor, name, 0, 0, value))
  }
}
