internal import Sockets

/// Version 2: a signature, version and command, family and transport, the length of what follows, addresses, fields.
extension ProxyHeader {
  private static var signature: [12 of UInt8] {
    [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
  }
  /// How many bytes there are before the addresses.
  static var fixedLength: Int { 16 }
  /// The largest number that the length has room for.
  static var maximumLength: Int { 65_535 }

  /// Reads a header from the beginning of the bytes.
  static func decodeBinary(_ bytes: Span<UInt8>, limit: Int) throws(ProxyError) -> Decoded? {
    for index in 0..<min(bytes.count, 12) where bytes[index] != signature[index] {
      throw ProxyError(.noSignature, at: index)
    }
    guard bytes.count > 12 else { return nil }
    guard bytes[12] >> 4 == 2 else { throw ProxyError(.unknownVersion(bytes[12] >> 4), at: 12) }
    let command = bytes[12] & 0xf
    guard command <= 1 else { throw ProxyError(.unknownCommand(command), at: 12) }
    guard bytes.count > 13 else { return nil }
    // Whatever a proxy says of a connection of its own is not for anyone.
    let isLocal = command == 0
    let layout = Layout(transport: bytes[13])
    guard isLocal || layout != nil else { throw ProxyError(.unknownTransport(bytes[13]), at: 13) }
    guard bytes.count >= fixedLength else { return nil }
    let length = Int(bytes[14]) << 8 | Int(bytes[15])
    guard length <= limit else { throw ProxyError(.tooLong(length: length, limit: limit), at: 14) }
    let end = fixedLength + length
    if !isLocal, let layout, length < layout.length {
      throw ProxyError(.tooShort(length: length, needed: layout.length), at: 14)
    }
    guard bytes.count >= end else { return nil }
    guard !isLocal, let layout else { return Decoded(header: .local, version: .v2, byteCount: end) }
    let whole = bytes.extracting(first: end)
    let values = try ProxyTLV.read(whole, from: fixedLength + layout.length, at: 0)
    try checkChecksum(whole, values, from: fixedLength + layout.length)
    return Decoded(header: .proxy(layout.read(whole), values), version: .v2, byteCount: end)
  }

  private static func checkChecksum(_ bytes: Span<UInt8>, _ values: [ProxyTLV], from start: Int) throws(ProxyError) {
    var position = start
    var checked = false
    for field in values {
      let valuePosition = position + 3
      position = valuePosition + field.value.count
      switch field.type {
      case .crc32c:
        guard !checked else { throw ProxyError(.repeatedChecksum, at: valuePosition - 3) }
        guard field.value.count == 4 else {
          throw ProxyError(.wrongLength(.crc32c, field.value.count), at: valuePosition - 2)
        }
        checked = true
        let expected = crc32c(bytes, zeroing: valuePosition..<position)
        let found = bytes.bigEndian32(at: valuePosition)
        guard found == expected else {
          throw ProxyError(.wrongChecksum(found, expected: expected), at: valuePosition)
        }
      case .uniqueID where field.value.count > ProxyTLV.maximumUniqueIDLength:
        throw ProxyError(.wrongLength(.uniqueID, field.value.count), at: valuePosition - 2)
      case .ssl:
        _ = try ProxySSL(parsing: field.value.span, at: valuePosition)
      default: break
      }
    }
  }

  /// Writes the header. A field for a checksum is filled in.
  func binary() throws(ProxyEncodingError) -> [UInt8] {
    var bytes: [UInt8] = []
    let signature = Self.signature
    for index in signature.indices { bytes.append(signature[index]) }
    if case .local = self { return bytes + [0x20, 0x00, 0x00, 0x00] }
    let layout = if let addresses { try Layout(addresses) } else { Layout.unspecified }
    bytes += [0x21, layout.transport, 0, 0]
    if let addresses { layout.append(addresses, to: &bytes) }
    var checksum: Range<Int>?
    for field in values {
      if field.type == .crc32c {
        guard checksum == nil else { throw .unsupportedFields }
        checksum = bytes.count + 3..<bytes.count + 7
        try ProxyTLV.checksum.append(to: &bytes)
      } else {
        try field.append(to: &bytes)
      }
    }
    let length = bytes.count - Self.fixedLength
    guard length <= Self.maximumLength else { throw .tooLong(length) }
    bytes[14] = UInt8(length >> 8)
    bytes[15] = UInt8(length & 0xff)
    if let checksum {
      let sum = crc32c(bytes.span, zeroing: checksum)
      for (place, index) in checksum.enumerated() {
        bytes[index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(place)))
      }
    }
    return bytes
  }

  /// Writes the header.
  ///
  /// - Throws: `ProxyEncodingError` for what the version cannot say.
  public func encoded(_ version: ProxyVersion) throws(ProxyEncodingError) -> [UInt8] {
    switch version {
    case .v1: try line()
    case .v2: try binary()
    }
  }
}

extension ProxyTLV {
  /// Reads the fields that take the rest of the bytes; positions in errors count from `offset` on.
  static func read(_ bytes: Span<UInt8>, from start: Int, at offset: Int) throws(ProxyError) -> [ProxyTLV] {
    var fields: [ProxyTLV] = []
    var position = start
    while position < bytes.count {
      guard bytes.count - position >= 3 else { throw ProxyError(.truncatedField, at: offset + position) }
      let length = Int(bytes[position + 1]) << 8 | Int(bytes[position + 2])
      guard bytes.count - position - 3 >= length else { throw ProxyError(.truncatedField, at: offset + position + 1) }
      let value = [UInt8](copying: bytes.extracting(position + 3..<position + 3 + length))
      fields.append(ProxyTLV(Kind(rawValue: bytes[position]), value))
      position += 3 + length
    }
    return fields
  }

  /// Writes the type, the length and the value.
  func append(to bytes: inout [UInt8]) throws(ProxyEncodingError) {
    let limit = type == .uniqueID ? Self.maximumUniqueIDLength : ProxyHeader.maximumLength
    guard value.count <= limit else { throw .tooLong(value.count) }
    bytes += [type.rawValue, UInt8(value.count >> 8), UInt8(value.count & 0xff)]
    bytes += value
  }
}
