internal import CSockets

/// Looks up names: those of hosts and services, and those that an address has. Corresponds to `getaddrinfo(3)` and
/// `getnameinfo(3)`.
///
/// ```swift
/// let addresses = try Resolver().addresses(of: Host("www.example.org"), service: "https")
/// let peer = try Resolver().names(of: accepted.peer)
/// ```
///
/// What a resolver is made with are hints: what the addresses are wanted for. A look-up reads files and asks name
/// servers, and takes as long as the system's own settings allow it (`resolv.conf(5)`): it has no deadline, and nothing
/// ends it early.
public struct Resolver: Hashable, Sendable {
  /// The version of IP to look for; nil for every version.
  public var family: AddressFamily?
  /// The type of socket that the addresses are for: it decides what a service's name means.
  public var type: SocketType
  /// The protocol that the addresses are for.
  public var `protocol`: SocketProtocol
  /// What else is asked for.
  public var options: Options

  /// A resolver with these hints.
  public init(
    family: AddressFamily? = nil, type: SocketType = .stream, protocol: SocketProtocol = .automatic,
    options: Options = []
  ) {
    self.family = family
    self.type = type
    self.protocol = `protocol`
    self.options = options
  }

  /// How names are looked up, in either direction.
  @frozen public struct Options: OptionSet, Hashable, Sendable {
    /// The bits, which are this library's own.
    public let rawValue: UInt8

    /// The options with these bits.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// AI_NUMERICHOST, NI_NUMERICHOST: hosts by number only, so that nobody is asked. A name is
    /// ``ResolveError/Code/unknownName``.
    public static var numericHost: Options { Options(rawValue: 1 << 0) }
    /// AI_NUMERICSERV, NI_NUMERICSERV: services by number only.
    public static var numericService: Options { Options(rawValue: 1 << 1) }
    /// AI_ADDRCONFIG: only addresses of a version of IP that this machine has an address of, loopback aside.
    public static var configuredOnly: Options { Options(rawValue: 1 << 2) }
    /// AI_V4MAPPED with AI_ALL: with ``Resolver/family`` `.ipv6`, IPv4 addresses too, as IPv6 addresses that stand for
    /// them.
    public static var mapped: Options { Options(rawValue: 1 << 3) }
    /// NI_NAMEREQD: an address without a name is ``ResolveError/Code/unknownName``, not its number.
    public static var nameRequired: Options { Options(rawValue: 1 << 4) }
  }
}

/// From names to addresses.
extension Resolver {
  /// The addresses of a host, in the order in which to try them (RFC 6724), each once. A host that is an address stands
  /// for itself, and `*` for the unspecified address of each version.
  ///
  /// - Throws: `ResolveError` with ``ResolveError/Code/unknownName`` (EAI_NONAME: there is no such host),
  ///   ``ResolveError/Code/tryAgain`` (EAI_AGAIN: no server answered), ``ResolveError/Code/system`` (EAI_SYSTEM, with
  ///   an errno such as EMFILE).
  public func addresses(of host: Host, port: UInt16 = 0) throws(ResolveError) -> [SocketAddress] {
    let found: [SocketAddress] =
      switch host {
      case .ipv4(let address): [.ipv4(address, port: 0)]
      case .ipv6(let address, let scope, let flow): [.ipv6(address, port: 0, scope: scope, flow: flow)]
      case .any: [.ipv6(.any, port: 0), .ipv4(.any, port: 0)]
      case .name(let name): try lookUp(name.description, nil).addresses
      }
    let isMapping = family == .ipv6 && options.contains(.mapped)
    let wanted = (isMapping ? found.map { $0.mapped } : found).filter { family == nil || $0.family == family }
    guard !wanted.isEmpty else { throw ResolveError(name: host.description, code: .noAddressInFamily, errno: nil) }
    return wanted.map { $0.with(port: port) }
  }

  /// The addresses of a host with the port of a service, such as "https", or "443". See `services(5)`.
  ///
  /// - Throws: `ResolveError` as ``addresses(of:port:)``, and with ``ResolveError/Code/unknownService`` (EAI_SERVICE:
  ///   there is no such service for this type of socket).
  public func addresses(of host: Host, service: String) throws(ResolveError) -> [SocketAddress] {
    try addresses(of: host, port: port(of: service))
  }

  /// The port of a service, such as 443 for "https".
  ///
  /// - Throws: `ResolveError` with ``ResolveError/Code/unknownService`` (EAI_SERVICE), or
  ///   ``ResolveError/Code/unknownName`` (EAI_NONAME: no number, with ``Options/numericService``).
  public func port(of service: String) throws(ResolveError) -> UInt16 {
    let unknown = ResolveError(name: service, code: .unknownService, errno: nil)
    // The system takes white space and a sign before a number, and the last sixteen bits of any.
    guard let first = service.utf8.first, first.isASCIILetter || first.decimalDigit != nil else { throw unknown }
    if service.utf8.allSatisfy({ $0.decimalDigit != nil }) {
      guard let port = UInt16(service) else { throw unknown }
      return port
    }
    // Which addresses this machine has says nothing about a port.
    var any = self
    any.family = .ipv4
    any.options.subtract([.configuredOnly, .mapped])
    guard let port = try any.lookUp(nil, service).addresses.first?.port else { throw unknown }
    return port
  }

  /// The canonical name of a host, which its other names are aliases of.
  ///
  /// - Throws: `ResolveError` as ``addresses(of:port:)``.
  public func canonicalName(of host: HostName) throws(ResolveError) -> String {
    try lookUp(host.description, nil, flags: AI_CANONNAME).canonicalName ?? host.description
  }

  private func lookUp(
    _ host: String?, _ service: String?, flags: Int32 = 0
  ) throws(ResolveError) -> (addresses: [SocketAddress], canonicalName: String?) {
    let name = host ?? service ?? ""
    // C would take what stands before it for the whole.
    guard !name.utf8.contains(0) else { throw ResolveError(name: name, code: .unknownName, errno: nil) }
    // The strings have a NUL for as long as the call lasts, and the callee keeps nothing of them.
    let lookup = unsafe host.withNullableCString { host in
      unsafe service.withNullableCString { service in
        unsafe cs_lookup(
          host, service, family?.rawValue ?? AF_UNSPEC, type.rawValue, `protocol`.rawValue,
          flags | self.flags(isHost: host != nil))
      }
    }
    // The list is freed on every path, and nothing of it is used after that: what is returned are copies.
    defer { unsafe cs_lookup_free(lookup.first) }
    guard unsafe lookup.code == 0 else {
      throw ResolveError(name: name, code: unsafe lookup.code, errno: unsafe lookup.error)
    }
    // A C string of the list's own.
    let canonicalName = unsafe lookup.first.flatMap { unsafe cs_lookup_canonical_name($0) }
      .map { unsafe String(cString: $0) }
    var addresses: [SocketAddress] = []
    var next = unsafe lookup.first
    while let result = unsafe next {
      let address = unsafe SocketAddress(cs_lookup_address(result))
      // A hosts file may say the same twice.
      if !addresses.contains(address) { addresses.append(address) }
      unsafe next = result.pointee.ai_next
    }
    return (addresses, canonicalName)
  }

  private func flags(isHost: Bool) -> Int32 {
    let table: [(Options, Int32)] = [
      (.numericHost, isHost ? AI_NUMERICHOST : 0), (.numericService, AI_NUMERICSERV), (.configuredOnly, AI_ADDRCONFIG),
      (.mapped, AI_V4MAPPED | AI_ALL),
    ]
    return table.reduce(0) { options.contains($1.0) ? $0 | $1.1 : $0 }
  }
}

/// The names of an address and its port.
public struct ResolvedNames: Hashable, Sendable {
  /// The host's name, or its number where it has none.
  public let host: Host
  /// The service's name, or its number where it has none.
  public let service: String

  /// The names of a host and a service.
  public init(host: Host, service: String) {
    self.host = host
    self.service = service
  }
}

/// From addresses to names.
extension Resolver {
  /// The names of an IP address and its port.
  ///
  /// What a name server says of an address is the word of whoever runs that address: a host that calls itself
  /// `localhost` is not to be trusted for it. What is no host name at all (see ``HostName``) is not passed on.
  ///
  /// - Throws: `ResolveError` with ``ResolveError/Code/unknownName`` (EAI_NONAME: no name, with
  ///   ``Options/nameRequired``), ``ResolveError/Code/familyNotSupported`` (EAI_FAMILY: not an IP address).
  public func names(of address: SocketAddress) throws(ResolveError) -> ResolvedNames {
    let text = address.description
    let number: Host =
      switch address {
      case .ipv4(let address, _): .ipv4(address)
      case .ipv6(let address, _, let scope, _): .ipv6(address, scope: scope)
      default: throw ResolveError(name: text, code: .familyNotSupported, errno: nil)
      }
    var host = [CChar](repeating: 0, count: Int(CS_HOST_CAPACITY))
    var service = [CChar](repeating: 0, count: Int(CS_SERVICE_CAPACITY))
    let table: [(Options, Int32)] = [
      (.numericHost, NI_NUMERICHOST), (.numericService, NI_NUMERICSERV), (.nameRequired, NI_NAMEREQD),
    ]
    let flags = table.reduce(type == .datagram ? NI_DGRAM : 0) { options.contains($1.0) ? $0 | $1.1 : $0 }
    // The arrays have the room that the callee wants.
    let lookup = unsafe host.withUnsafeMutableBufferPointer { host in
      unsafe service.withUnsafeMutableBufferPointer { service in
        unsafe cs_reverse_lookup(address.kernelForm, host.baseAddress!, service.baseAddress!, flags)
      }
    }
    guard lookup.code == 0 else { throw ResolveError(name: text, code: lookup.code, errno: lookup.error) }
    // A name that reads as an address would pass for one.
    if !options.contains(.numericHost), let name = try? HostName(String(bytes: host)) {
      return ResolvedNames(host: .name(name), service: String(bytes: service))
    }
    if options.contains(.nameRequired) { throw ResolveError(name: text, code: .unknownName, errno: nil) }
    return ResolvedNames(host: number, service: String(bytes: service))
  }
}

extension UInt8 {
  fileprivate var isASCIILetter: Bool {
    // The two cases of a letter differ in this bit.
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
  }
}

extension String? {
  /// Calls a function with a C string, or with NULL.
  fileprivate func withNullableCString<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let self else { return body(nil) }
    // The pointer is valid for as long as the function runs.
    return unsafe self.withCString { unsafe body($0) }
  }
}

extension SocketAddress {
  /// The IPv6 address that stands for this, where it is an IPv4 one.
  fileprivate var mapped: SocketAddress {
    if case .ipv4(let address, let port) = self { .ipv6(IPv6Address(mapping: address), port: port) } else { self }
  }
}

extension String {
  /// What stands before the first NUL.
  fileprivate init(bytes: [CChar]) {
    self.init(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension ResolveError {
  /// From the outcome of a look-up.
  fileprivate init(name: String, code: Int32, errno: Int32) {
    let code = Code(rawValue: code)
    self.init(name: name, code: code, errno: code == .system ? Errno(rawValue: errno) : nil)
  }
}
