internal import CSockets

/// A network interface of this machine, as it was when it was asked for.
///
/// ```swift
/// for interface in try NetworkInterface.all() where interface.flags.contains(.up) {
///   print(interface.name, interface.index, interface.mtu, interface.addresses)
/// }
/// ```
public struct NetworkInterface: Hashable, Sendable {
  /// The name, such as "eth0".
  public let name: String
  /// The index, from 1: what a scope and the options for multicast want.
  public let index: UInt32
  /// What state it is in, and what it can do.
  public let flags: Flags
  /// The size of the largest packet, in bytes.
  public let mtu: Int
  /// The address of the link layer, such as the six bytes of an Ethernet address; empty where there is none.
  public let hardwareAddress: [UInt8]
  /// The IP addresses, each with the length of its network's part. A link-local one is reached with ``index`` as its
  /// scope.
  public let addresses: [IPPrefix]

  /// IFF_ bits. See `netdevice(7)`.
  @frozen public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// The flags with these bits.
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// IFF_UP: it has been turned on.
    public static var up: Flags { Flags(rawValue: CS_IFF_UP) }
    /// IFF_BROADCAST: it has a broadcast address.
    public static var broadcast: Flags { Flags(rawValue: CS_IFF_BROADCAST) }
    /// IFF_LOOPBACK: it leads back to this machine.
    public static var loopback: Flags { Flags(rawValue: CS_IFF_LOOPBACK) }
    /// IFF_POINTOPOINT: it leads to one other machine.
    public static var pointToPoint: Flags { Flags(rawValue: CS_IFF_POINTOPOINT) }
    /// IFF_RUNNING: it works, and a cable is plugged in.
    public static var running: Flags { Flags(rawValue: CS_IFF_RUNNING) }
    /// IFF_NOARP: it does not look addresses up.
    public static var noARP: Flags { Flags(rawValue: CS_IFF_NOARP) }
    /// IFF_PROMISC: it takes what is meant for others too.
    public static var promiscuous: Flags { Flags(rawValue: CS_IFF_PROMISC) }
    /// IFF_ALLMULTI: it takes every multicast.
    public static var allMulticast: Flags { Flags(rawValue: CS_IFF_ALLMULTI) }
    /// IFF_MULTICAST: it can multicast.
    public static var multicast: Flags { Flags(rawValue: CS_IFF_MULTICAST) }
  }
}

extension NetworkInterface {
  /// The interfaces of this machine, or of the network namespace of the calling thread, by index. Corresponds to
  /// `getifaddrs(3)`.
  ///
  /// An interface that goes while it is asked about is left out.
  ///
  /// - Throws: `SocketError` with EMFILE or ENFILE (no descriptor is free), ENOBUFS or ENOMEM.
  public static func all() throws(SocketError) -> [NetworkInterface] {
    // The structure holds a pointer to the list, or none.
    let interfaces = unsafe cs_interfaces()
    try SocketError.check(.interfaces, unsafe interfaces.result)
    // The list is freed on every path, and nothing of it is used after that.
    defer { unsafe cs_interfaces_free(interfaces.first) }
    var found: [UInt32: Builder] = [:]
    var indices: [String: UInt32] = [:]
    var next = unsafe interfaces.first
    while let entry = unsafe next {
      // The list's entries and their names live until it is freed.
      let told = unsafe cs_interface_entry(entry)
      // An address may have a label of its own behind the name: "eth0:1".
      let name = unsafe String(cString: entry.pointee.ifa_name).prefix { $0 != ":" }
      // What is about the link comes first, and has the index.
      let index = told.index != 0 ? told.index : indices[String(name)] ?? 0
      indices[String(name)] = index
      if index != 0 { found[index, default: Builder()].add(told) }
      unsafe next = entry.pointee.ifa_next
    }
    var all: [NetworkInterface] = []
    for (index, builder) in found.sorted(by: { $0.key < $1.key }) {
      if let interface = try builder.interface(index) { all.append(interface) }
    }
    return all
  }

  /// What the entries of one interface say together.
  private struct Builder {
    var flags: UInt32 = 0
    var hardwareAddress: [UInt8] = []
    var addresses: [IPPrefix] = []

    mutating func add(_ entry: cs_interface_entry) {
      flags |= entry.flags
      if entry.hardware_length > 0 {
        // The bytes are the value's own, and as many as its length says are set.
        unsafe withUnsafeBytes(of: entry.hardware) { bytes in
          hardwareAddress = unsafe Array(bytes.prefix(Int(entry.hardware_length)))
        }
      }
      guard let address = SocketAddress(entry.address).ip else { return }
      let length: Int? =
        switch SocketAddress(entry.mask).ip {
        case .ipv4(let mask): (~mask.bits).leadingZeroBitCount
        case .ipv6(let mask): (~mask.bits).leadingZeroBitCount
        // A mask is there with every address; one without is an address of its own.
        case nil: nil
        }
      addresses.append(length.flatMap { IPPrefix(address, length: $0) } ?? IPPrefix(wholeOf: address))
    }

    /// The interface, or nil where it is gone.
    func interface(_ index: UInt32) throws(SocketError) -> NetworkInterface? {
      var characters = [CChar](repeating: 0, count: Int(CS_INTERFACE_NAME_CAPACITY))
      // The array has the room that the callee wants, and a NUL behind what it wrote.
      let (length, mtu) = unsafe characters.withUnsafeMutableBufferPointer { name in
        let length = unsafe cs_interface_name(index, name.baseAddress!)
        return unsafe (length, length > 0 ? cs_interface_mtu(name.baseAddress!) : -ENODEV)
      }
      guard length > 0, mtu != -ENODEV else { return nil }
      try SocketError.check(.interfaces, mtu)
      let name = characters.prefix(length).map { UInt8(bitPattern: $0) }
      return NetworkInterface(
        name: String(decoding: name, as: UTF8.self), index: index, flags: Flags(rawValue: flags), mtu: Int(mtu),
        hardwareAddress: hardwareAddress, addresses: addresses)
    }
  }
}
