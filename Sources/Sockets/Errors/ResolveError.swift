internal import CSockets

/// A name that could not be looked up, and why.
///
/// Its numbers are not those of ``Errno``: a look-up that finds no such host is not a failed system call. Only
/// ``Code/system`` has an ``errno`` besides.
public struct ResolveError: Error, Hashable, Sendable {
  /// The name that was looked up.
  public let name: String
  /// Why it failed.
  public let code: Code
  /// The number of the system call that failed, where the code is ``Code/system``.
  public let errno: Errno?

  package init(name: String, code: Code, errno: Errno?) {
    self.name = name
    self.code = code
    self.errno = errno
  }

  /// One of the EAI numbers. See `getaddrinfo(3)`.
  @frozen public struct Code: RawRepresentable, Hashable, Sendable {
    /// The number, as the system defines it.
    public let rawValue: Int32

    /// A code of this number.
    public init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    /// EAI_ADDRFAMILY: the host has no address of the family that was asked for.
    public static var noAddressInFamily: Code { Code(rawValue: CS_EAI_ADDRFAMILY) }
    /// EAI_AGAIN: the name server did not answer; a later try may succeed.
    public static var tryAgain: Code { Code(rawValue: EAI_AGAIN) }
    /// EAI_FAIL: the name server failed for good.
    public static var failed: Code { Code(rawValue: EAI_FAIL) }
    /// EAI_FAMILY: no names are looked up in this family.
    public static var familyNotSupported: Code { Code(rawValue: EAI_FAMILY) }
    /// EAI_MEMORY: there is not enough memory.
    public static var noMemory: Code { Code(rawValue: EAI_MEMORY) }
    /// EAI_NODATA: there is such a name, and it has no address.
    public static var noAddress: Code { Code(rawValue: CS_EAI_NODATA) }
    /// EAI_NONAME: there is no such name.
    public static var unknownName: Code { Code(rawValue: EAI_NONAME) }
    /// EAI_SERVICE: there is no such service for this type of socket.
    public static var unknownService: Code { Code(rawValue: EAI_SERVICE) }
    /// EAI_SOCKTYPE: no names are looked up for this type of socket.
    public static var typeNotSupported: Code { Code(rawValue: EAI_SOCKTYPE) }
    /// EAI_SYSTEM: a system call failed.
    public static var system: Code { Code(rawValue: EAI_SYSTEM) }
  }
}

extension ResolveError: CustomStringConvertible {
  /// One line: `look up nowhere.example: name or service not known (EAI_NONAME)`.
  public var description: String {
    "look up \(name): \(errno?.description ?? code.description)"
  }
}

extension ResolveError.Code: CustomStringConvertible {
  /// What it means, and its name: "name or service not known (EAI_NONAME)".
  public var description: String {
    // Both are string constants of the system: they have a NUL and live as long as the process.
    let meaning = unsafe String(cString: cs_lookup_error_text(rawValue))
    let name = unsafe cs_lookup_error_name(rawValue).map { unsafe String(cString: $0) } ?? "code \(rawValue)"
    return "\(meaning.prefix(1).lowercased())\(meaning.dropFirst()) (\(name))"
  }
}
