import Glibc
import Sockets
import Testing

@Suite struct UnixAddressTests {
  @Test("trap 19: a path is 1 to 108 bytes without a NUL; nothing is ever cut")
  func limits() throws {
    let error = failure { _ = try UnixAddress(path: String(repeating: "x", count: 109)) } as? ParseError
    #expect(error?.reason == .tooLong(limit: 108))
    #expect(error.map { "\($0)" }?.hasSuffix("byte 108: more than 108 bytes") == true)
    #expect((failure { _ = try UnixAddress(path: "") } as? ParseError)?.reason == .empty)
    #expect((failure { _ = try UnixAddress(path: "a\0b") } as? ParseError)?.reason == .nulInPath)
    #expect((failure { _ = try UnixAddress(path: "a\0b") } as? ParseError)?.position == 1)
    #expect(
      (failure { _ = try UnixAddress(abstract: String(repeating: "x", count: 108)) } as? ParseError)?.reason
        == .tooLong(limit: 107))
    #expect(
      (failure { _ = try Endpoint("unix://" + String(repeating: "x", count: 109)) } as? ParseError)?.reason
        == .tooLong(limit: 108))
    #expect((failure { _ = try Endpoint("unix://") } as? ParseError)?.reason == .endsTooEarly)
  }

  @Test("trap 19: paths of every length go through the kernel whole, 108 bytes included")
  func paths() throws {
    let directory = try TemporaryDirectory()
    for length in [directory.path.utf8.count + 2, 107, 108] {
      let path = directory.path + "/" + String(repeating: "p", count: length - directory.path.utf8.count - 1)
      #expect(path.utf8.count == length)
      let address = try SocketAddress.unix(UnixAddress(path: path))
      let listener = try listener(address)
      #expect(try listener.localAddress == address)
      let client = try Socket.connected(to: address)
      #expect(try client.peerAddress == address)
    }
  }

  @Test("a path that is not UTF-8 comes back byte for byte")
  func bytesOfPath() throws {
    let directory = try TemporaryDirectory()
    let path = bytes(directory.path + "/") + [0xff, 0x1b, 0x5c]
    let address = try UnixAddress(path: path.span)
    let listener = try listener(.unix(address))
    #expect(try listener.localAddress == .unix(address))
    #expect(address.description == directory.path + "/\\xff\\x1b\\\\")
    #expect(try UnixAddress(address.description) == address)
  }

  @Test("trap 20: an abstract name is exactly its bytes, NUL bytes included")
  func abstract() throws {
    let prefix = "sockets-\(UInt64.random(in: 0 ... .max))"
    let names = ["", "\0", "\0\0x", String(repeating: "y", count: 107 - prefix.utf8.count)].map { bytes(prefix + $0) }
    // All at once: if one of them were padded or cut it would be another one's, or taken.
    var listeners: [Listening] = []
    for name in names {
      let address = try SocketAddress.unix(UnixAddress(abstract: name.span))
      let socket = try listener(address)
      #expect(try socket.localAddress == address)
      listeners.append(Listening(socket))
    }
    for name in names {
      let address = try UnixAddress(abstract: name.span)
      #expect(address.kind == .abstract)
      #expect(address.name.count == name.count)
      let client = try Socket.connected(to: .unix(address))
      #expect(try client.peerAddress == .unix(address))
    }
  }

  @Test("trap 20: the kernel chooses an abstract name for an unnamed address, and an unnamed peer is unnamed")
  func unnamed() throws {
    let socket = try Socket(.unix, .datagram)
    #expect(try socket.localAddress == .unix(.unnamed))
    try socket.bind(to: .unix(.unnamed))
    guard case .unix(let name) = try socket.localAddress else {
      Issue.record("not a Unix address")
      return
    }
    #expect(name.kind == .abstract)
    #expect(name.name.count == 5)
    let pair = try Socket.pair()
    #expect(try pair.first.peerAddress == .unix(.unnamed))
    #expect(UnixAddress.unnamed.kind == .unnamed)
    #expect(UnixAddress.unnamed.description == "(unnamed)")
  }

  @Test("names are equal by their bytes alone")
  func equality() throws {
    #expect(try UnixAddress(path: "x") != UnixAddress(abstract: "x"))
    #expect(try UnixAddress(path: "x") == UnixAddress("x"))
    #expect(try Set([UnixAddress(path: "x"), UnixAddress("\\x78"), UnixAddress(path: "y")]).count == 2)
  }
}

/// Keeps a listener in an array, which holds no sockets.
private final class Listening {
  let socket: Socket

  init(_ socket: consuming Socket) {
    self.socket = socket
  }
}
