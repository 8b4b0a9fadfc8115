import ProxyProtocol

/// Reads the input as a PROXY header, whole and piece by piece, and writes what was read.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // The fuzzer keeps them for as long as the call.
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  let whole = Outcome(bytes.span)
  checkPrefixes(bytes, whole)
  checkPieces(bytes, whole)
  if case .header(let decoded) = whole { checkWriting(decoded) }
  return 0
}

/// What becomes of bytes that may begin with a header.
private enum Outcome: Equatable {
  case header(ProxyHeader.Decoded)
  case more
  case error(ProxyError)

  init(_ bytes: Span<UInt8>) {
    do {
      if let decoded = try ProxyHeader.decode(bytes) { self = .header(decoded) } else { self = .more }
    } catch {
      precondition((0...bytes.count).contains(error.position), "\(error) is beyond the bytes")
      self = .error(error)
    }
  }
}

/// What is certain of the first bytes stays so, whatever comes behind them; and of too few nothing is.
private func checkPrefixes(_ bytes: [UInt8], _ whole: Outcome) {
  for count in bytes.indices {
    let part = Outcome(bytes.span.extracting(first: count))
    precondition(part == whole || part == .more, "\(count) bytes are \(part), and all of them \(whole)")
    if case .header(let decoded) = part { precondition(decoded.byteCount <= count) }
    if case .header(let decoded) = whole { precondition((part == .more) == (count < decoded.byteCount)) }
  }
}

/// Bytes that come one by one are the same header, and nothing behind it is lost.
private func checkPieces(_ bytes: [UInt8], _ whole: Outcome) {
  var buffer = ProxyHeaderBuffer()
  for count in bytes.indices {
    do {
      guard let (header, rest) = try buffer.append(bytes.span.extracting(count..<count + 1)) else { continue }
      guard case .header(let decoded) = whole else { fatalError("all of them are \(whole)") }
      precondition(header == decoded.header && rest.isEmpty && count + 1 == decoded.byteCount)
      return
    } catch {
      precondition(whole == .error(error))
      return
    }
  }
  precondition(whole == .more, "all of them are \(whole)")
}

/// What was read can be written, in the version that it came in, and is read again as the same.
private func checkWriting(_ decoded: ProxyHeader.Decoded) {
  guard let written = try? decoded.header.encoded(decoded.version) else {
    fatalError("\(decoded.header) cannot be written")
  }
  guard case .header(let again) = Outcome(written.span) else { fatalError("\(written) cannot be read") }
  precondition(again.byteCount == written.count && again.version == decoded.version)
  precondition(withoutChecksum(again.header) == withoutChecksum(decoded.header), "\(decoded) became \(again)")
  precondition((try? again.header.encoded(again.version)) == written)
}

/// The checksum is another where padding was, which is not kept.
private func withoutChecksum(_ header: ProxyHeader) -> ProxyHeader {
  guard case .proxy(let addresses, let values) = header else { return header }
  return .proxy(addresses, values.filter { $0.type != .crc32c })
}
