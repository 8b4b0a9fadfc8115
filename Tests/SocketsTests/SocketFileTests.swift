import Foundation
import Sockets
import Testing

@Suite struct SocketFileTests {
  private let directory: TemporaryDirectory
  private let path: String
  private let address: UnixAddress

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/s"
    address = try UnixAddress(path: path)
  }

  private var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// What a server that was killed leaves behind.
  private func leaveStaleFile(_ type: SocketType = .stream) throws {
    let dead = try Socket(.unix, type)
    try dead.bind(to: .unix(address))
    try dead.close()
    #expect(exists)
  }

  @Test("trap 21: the file goes with the value that looks after it")
  func removed() throws {
    do {
      let socket = try Socket(.unix, .stream)
      let file = try SocketFile(binding: socket, to: address)
      #expect(exists)
      #expect(file.address == address)
    }
    #expect(!exists)
  }

  @Test(
    "trap 21: a file whose listener is gone is replaced, if that was asked for",
    arguments: [SocketType.stream, .datagram])
  func stale(_ type: SocketType) throws {
    try leaveStaleFile(type)
    let socket = try Socket(.unix, .stream)
    let error = socketFailure { _ = try SocketFile(binding: socket, to: address) }
    #expect(error?.errno == .addressInUse)
    #expect(error?.address == .unix(address))
    #expect(exists)
    let file = try SocketFile(binding: socket, to: address, replacingStale: true)
    try socket.listen()
    #expect(try Socket.connected(to: .unix(address)).peerAddress == .unix(file.address))
  }

  @Test(
    "trap 21: a live socket's file is never replaced, whatever its type", arguments: [SocketType.stream, .datagram])
  func live(_ type: SocketType) throws {
    let owner = try Socket(.unix, type)
    let file = try SocketFile(binding: owner, to: address)
    if type == .stream { try owner.listen() }
    let socket = try Socket(.unix, .stream)
    #expect(
      socketFailure { _ = try SocketFile(binding: socket, to: address, replacingStale: true) }?.errno == .addressInUse)
    #expect(exists)
    #expect(file.address == address)
  }

  @Test("trap 21: a file of another kind is never replaced")
  func otherKind() throws {
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    let socket = try Socket(.unix, .stream)
    #expect(
      socketFailure { _ = try SocketFile(binding: socket, to: address, replacingStale: true) }?.errno == .addressInUse)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
    try FileManager.default.removeItem(atPath: path)
    // Nor where a link points.
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere")
    #expect(
      socketFailure { _ = try SocketFile(binding: socket, to: address, replacingStale: true) }?.errno == .addressInUse)
  }

  @Test("trap 21: a file that has taken its place is somebody else's")
  func replaced() throws {
    do {
      let socket = try Socket(.unix, .stream)
      let file = try SocketFile(binding: socket, to: address)
      try FileManager.default.removeItem(atPath: path)
      try leaveStaleFile()
      #expect(file.address == address)
    }
    #expect(exists)
  }

  @Test("trap 21: a file that has got the number of the old one too is still somebody else's")
  func inodeReused() throws {
    do {
      let socket = try Socket(.unix, .stream)
      let file = try SocketFile(binding: socket, to: address)
      // The number is free once the socket is closed and the file gone.
      try socket.close()
      try FileManager.default.removeItem(atPath: path)
      try leaveStaleFile()
      #expect(file.address == address)
    }
    #expect(exists)
  }

  @Test("only a path has a file")
  func noPath() throws {
    let socket = try Socket(.unix, .stream)
    #expect(socketFailure { _ = try SocketFile(binding: socket, to: .unnamed) }?.errno == .invalidArgument)
  }
}
