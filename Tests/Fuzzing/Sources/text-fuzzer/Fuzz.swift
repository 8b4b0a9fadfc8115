import Glibc
import Sockets

/// Reads the input as everything that can be written as text.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // The fuzzer keeps them for as long as the call.
  let text = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  check(text, IPAddress.self)
  check(text, IPPrefix.self)
  check(text, HostName.self)
  check(text, Host.self)
  check(text, Endpoint.self)
  check(text, UnixAddress.self)
  check(text, SocketAddress.self)
  checkAgainstLibc(text, check(text, IPv4Address.self), AF_INET) { [UInt8]($0.octets) }
  checkAgainstLibc(text, check(text, IPv6Address.self), AF_INET6) { [UInt8]($0.octets) }
  if let numbers = Numbers(text) { numbers.check() }
  return 0
}

/// Reads the text; what was read has to be written so that it is read again, and an error has to point into the text.
@discardableResult
private func check<Value: TextRepresentable & Equatable>(_ text: [UInt8], _: Value.Type) -> Value? {
  do {
    let value = try Value(parsing: text.span)
    checkText(of: value)
    return value
  } catch {
    precondition((0...text.count).contains(error.position), "\(error) is beyond the text")
    precondition(error.input == text)
    precondition(isVisible(error.description), "an error that disturbs a terminal")
    return nil
  }
}

/// Whether the value is what its text says, and the text within its bound.
private func checkText<Value: TextRepresentable & Equatable>(of value: Value) {
  let written = [UInt8](capacity: Value.maximumTextLength) { value.write(into: &$0) }
  guard let again = try? Value(parsing: written.span) else { fatalError("\(value) cannot be read again") }
  precondition(again == value, "\(value) became \(again)")
  precondition(isVisible(value.description), "a text that disturbs a terminal")
}

/// Whether a terminal shows all of it: there are no control characters in it.
private func isVisible(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
}

/// libc reads the same texts, as the same addresses.
private func checkAgainstLibc<Value>(_ text: [UInt8], _ value: Value?, _ family: Int32, _ octets: (Value) -> [UInt8]) {
  // It would take a NUL for the end.
  guard !text.contains(0) else { return }
  var expected = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
  let characters = text.map { CChar(bitPattern: $0) } + [0]
  // There is room for an address of the family, and the text has its NUL.
  let isAddress = unsafe inet_pton(family, characters, &expected) == 1
  precondition(isAddress == (value != nil), "libc says \(isAddress)")
  if let value { precondition(octets(value) == expected, "libc says \(expected)") }
}

/// Addresses made of the input's bytes instead of text.
private struct Numbers {
  let octets: [UInt8]
  let port: UInt16
  let scope: UInt32
  let flow: UInt32
  let name: ArraySlice<UInt8>

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 26 else { return nil }
    func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
    octets = Array(bytes[0..<16])
    port = UInt16(number(16..<18))
    scope = number(18..<22)
    flow = number(22..<26)
    name = bytes[26...]
  }

  func check() {
    let ipv6 = IPv6Address(bits: octets.reduce(0) { $0 << 8 | UInt128($1) })
    let ipv4 = IPv4Address(bits: UInt32(truncatingIfNeeded: ipv6.bits))
    checkText(of: ipv6)
    checkAgainstLibc(Array(ipv6.description.utf8), ipv6, AF_INET6) { [UInt8]($0.octets) }
    checkAgainstLibc(Array(ipv4.description.utf8), ipv4, AF_INET) { [UInt8]($0.octets) }
    checkText(of: SocketAddress.ipv4(ipv4, port: port))
    checkText(of: SocketAddress.ipv6(ipv6, port: port, scope: scope, flow: flow))
    checkText(of: SocketAddress.vsock(cid: scope, port: flow))
    checkText(of: Endpoint.tcp(.ipv6(ipv6, scope: scope, flow: flow), port: port))
    checkText(of: Host.ipv6(ipv6, scope: scope))
    let prefix = IPPrefix(.ipv6(ipv6), length: Int(flow % 129))!
    precondition(prefix.contains(.ipv6(ipv6)) && prefix.contains(prefix.network))
    precondition(prefix.network.network == prefix.network)
    checkText(of: prefix)
    if let path = try? UnixAddress(path: Array(name).span) {
      checkText(of: path)
      checkText(of: SocketAddress.unix(path))
      checkText(of: Endpoint.unixgram(path))
    }
    if let abstract = try? UnixAddress(abstract: Array(name).span) {
      checkText(of: abstract)
      checkText(of: Endpoint.unix(abstract))
    }
  }
}

extension [UInt8] {
  fileprivate init<let count: Int>(_ array: [count of UInt8]) {
    self = array.indices.map { array[$0] }
  }
}
