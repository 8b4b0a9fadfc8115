internal import CSockets

/// A variable of the environment, and its value when it was looked at.
struct Variable {
  let name: String
  let value: [UInt8]

  /// The variable of this name, if there is one.
  init?(_ name: String) {
    // The name has a NUL for as long as the call lasts, and nobody changes the environment before the value is copied:
    // who uses this module is told so.
    let value: [UInt8]? = unsafe name.withCString { name in
      guard let text = unsafe cs_getenv(name) else { return nil }
      return unsafe [UInt8](UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) })
    }
    guard let value else { return nil }
    self.name = name
    self.value = value
  }

  /// Removes variables, so that no child takes them for its own.
  static func remove(_ names: String...) {
    for name in names {
      // As above. It fails for no name that we have.
      _ = unsafe name.withCString { unsafe cs_unsetenv($0) }
    }
  }

  func error(_ reason: ActivationError.Reason) -> ActivationError {
    ActivationError(variable: name, value: value, reason: reason)
  }

  /// The value as a decimal number: digits alone.
  func number(upTo limit: UInt64) throws(ActivationError) -> UInt64 {
    guard !value.isEmpty else { throw error(.notANumber) }
    var number: UInt64 = 0
    for byte in value {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { throw error(.notANumber) }
      let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw error(.notANumber) }
      number = sum
    }
    guard number <= limit else { throw error(.outOfRange) }
    return number
  }

  /// Whether the value is this process's number.
  func isThisProcess() throws(ActivationError) -> Bool {
    let number = try number(upTo: UInt64(Int32.max))
    guard number > 0 else { throw error(.outOfRange) }
    return number == UInt64(cs_process_number())
  }

  /// Whether the value is this process's pidfd number; nil where the system has none.
  func isThisProcessIdentity() throws(ActivationError) -> Bool? {
    let number = try number(upTo: .max)
    var identity: UInt64 = 0
    // The callee writes one number.
    guard unsafe cs_process_identity(&identity) == 0 else { return nil }
    return number == identity
  }
}
