internal import CSockets

/// To and from the kernel's form. The C module holds every family in one object, so there is no cast here.
extension SocketAddress {
  /// The address that the kernel stored. No address at all is what a Unix datagram from an unbound socket comes from.
  init(_ address: cs_address) {
    self.init(inlining: address)
  }

  /// The same, made where it is used: more code, and fewer copies of the large value. For what is called for each
  /// packet.
  @inline(__always) init(inlining address: cs_address) {
    // Each case for itself: a result that they share would be one more copy.
    switch address.family {
    case AF_INET:
      self = .ipv4(IPv4Address(bits: address.ipv4Host), port: address.ipv4Port)
    case AF_INET6:
      let host = address.ipv6Host
      self = .ipv6(
        IPv6Address(bits: UInt128(host.high) << 64 | UInt128(host.low)),
        port: address.ipv6Port, scope: address.ipv6Scope, flow: address.ipv6Flow)
    case AF_UNIX, AF_UNSPEC:
      self = .unix(UnixAddress(address))
    case CS_AF_VSOCK:
      self = .vsock(cid: address.vsockCID, port: address.vsockPort)
    default:
      self = .other(OtherAddress(address))
    }
  }

  /// The address as the kernel wants it.
  var kernelForm: cs_address {
    switch self {
    case .ipv4(let address, let port):
      cs_address(ipv4: address.bits, port: port)
    case .ipv6(let address, let port, let scope, let flow):
      cs_address(ipv6: address.kernelForm, port: port, scope: scope, flow: flow)
    case .unix(let address):
      cs_address_unix(address.bytes)
    case .vsock(let cid, let port):
      cs_address(vsock: cid, port: port)
    case .other(let address):
      cs_address_other(address.family.rawValue, address.bytes)
    }
  }
}

extension IPv6Address {
  /// The address as the kernel's form is made of it.
  var kernelForm: cs_ipv6 { cs_ipv6(high: UInt64(bits >> 64), low: UInt64(truncatingIfNeeded: bits)) }
}

extension UnixAddress {
  fileprivate init(_ address: cs_address) {
    var storage = [108 of UInt8](repeating: 0)
    var bytes = storage.mutableSpan
    cs_address_copy_unix(address, &bytes)
    // No address has a length, so none of what was copied counts.
    self.init(storage, length: address.family == AF_UNIX ? address.unixCount : 0)
  }
}

extension OtherAddress {
  fileprivate init(_ address: cs_address) {
    var storage = [126 of UInt8](repeating: 0)
    var bytes = storage.mutableSpan
    cs_address_copy_other(address, &bytes)
    self.init(AddressFamily(rawValue: address.family), storage, length: address.otherCount)
  }
}
