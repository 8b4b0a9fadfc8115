import Foundation
import Glibc
import Sockets
import Testing

/// More than any buffer of a socket holds.
private let large = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }

/// A file with these bytes, open for reading.
private func file(_ bytes: [UInt8]) throws -> FileHandle {
  let directory = try TemporaryDirectory()
  let path = directory.path + "/file"
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
}

/// Receives to the end of the stream on a thread of its own.
private func reader(_ socket: borrowing Socket) throws -> Background<[UInt8]> {
  let copy = try socket.duplicate().release()
  return Background {
    let socket = try Socket(adopting: copy)
    var all: [UInt8] = []
    while case let more = try socket.received(1 << 20), !more.isEmpty { all += more }
    return all
  }
}

/// Sends all that is large, and ends, on a thread of its own.
private func writer(_ socket: borrowing Socket) throws -> Background<Void> {
  let copy = try socket.duplicate().release()
  return Background {
    let socket = try Socket(adopting: copy)
    try socket.sendAll(large, until: .after(soon))
    try socket.shutdown(.write)
  }
}

/// Kinds of stream.
private let pairs = ["tcp", "unix"]

private func pair(_ kind: String) throws -> SocketPairOfTCP {
  if kind == "tcp" { return try tcpPair() }
  let pair = try Socket.pair()
  return SocketPairOfTCP(client: try pair.first.duplicate(), server: try pair.second.duplicate())
}

@Suite struct SendFileTests {
  @Test("a file is sent, whole or in part, and however little the peer takes at once", arguments: pairs)
  func send(_ kind: String) throws {
    let file = try file(large)
    for deadline in [Deadline.never, .after(soon)] {
      let pair = try pair(kind)
      let reader = try reader(pair.server)
      #expect(try pair.client.sendFile(file.fileDescriptor, until: deadline) == large.count)
      #expect(try pair.client.sendFile(file.fileDescriptor, from: 1000, count: 10, until: deadline) == 10)
      #expect(try pair.client.sendFile(file.fileDescriptor, from: 7_999_999, count: 10, until: deadline) == 1)
      #expect(try pair.client.sendFile(file.fileDescriptor, from: 9_000_000, until: deadline) == 0)
      #expect(try pair.client.sendFile(file.fileDescriptor, count: 0, until: deadline) == 0)
      let isNonBlocking = try pair.client.isNonBlocking
      #expect(!isNonBlocking)
      try pair.client.shutdown(.write)
      #expect(try reader.value() == large + large[1000..<1010] + large[7_999_999...])
      // The file's own position is where it was.
      #expect(file.offsetInFile == 0)
    }
  }

  @Test("a deadline holds, and says how much has gone")
  func deadline() throws {
    let file = try file(large)
    let pair = try tcpPair()
    let error = socketFailure {
      try pair.client.sendFile(file.fileDescriptor, until: .after(.milliseconds(50)))
    }
    #expect(error?.reason == .timedOut)
    let sent = error?.bytesTransferred ?? 0
    #expect(sent > 0 && sent < large.count)
    try pair.client.shutdown(.write)
    #expect(try reader(pair.server).value() == Array(large[..<sent]))
  }

  @Test("what is no file is a typed error")
  func refused() throws {
    let pair = try tcpPair()
    #expect(socketFailure { try pair.client.sendFile(-1) }?.errno == .badDescriptor)
    let file = try file([1])
    #expect(socketFailure { try pair.client.sendFile(file.fileDescriptor, from: -1) }?.errno == .invalidArgument)
    #expect(socketFailure { try pair.client.sendFile(pair.client.descriptor) } != nil)
  }

  @Test("trap 7: neither sendfile nor splice raises SIGPIPE, and a SIGPIPE of somebody else's stays")
  func brokenPipe() async {
    await #expect(processExitsWith: .success) {
      let file = try file(large)
      for isBlocked in [false, true] {
        if isBlocked {
          var set = sigset_t()
          // The set is this function's own.
          unsafe sigemptyset(&set)
          unsafe sigaddset(&set, SIGPIPE)
          unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
          pthread_kill(pthread_self(), SIGPIPE)
        }
        let gone = try Socket.pair()
        let socket = try gone.first.duplicate()
        try gone.second.shutdown(.both)
        ensure(socketFailure { try socket.sendFile(file.fileDescriptor) }?.errno == .brokenPipe)
        let source = try Socket.pair()
        try source.first.sendAll("x")
        var pipe = try SplicePipe()
        _ = try source.second.receive(into: &pipe)
        var thrown: SocketError?
        do throws(SocketError) { try socket.sendAll(from: &pipe) } catch { thrown = error }
        let count = pipe.count
        ensure(thrown?.errno == .brokenPipe && count == 1)
        var pending = sigset_t()
        // As above.
        unsafe sigpending(&pending)
        ensure(unsafe sigismember(&pending, SIGPIPE) == (isBlocked ? 1 : 0))
      }
    }
  }
}

@Suite struct LateBrokenPipeTests {
  @Test("trap 7: a peer that goes while a file is on its way to it raises no SIGPIPE")
  func late() async {
    await #expect(processExitsWith: .success) {
      let file = try file(large)
      for _ in 0..<10 {
        let (client, server) = try Self.descriptors()
        let peer = Background {
          let socket = try Socket(adopting: server)
          _ = try socket.peekOne()
          // An end, and then a reset for what it has not read: the sender finds EPIPE in the middle.
          try socket.shutdown(.write)
          try socket.close()
        }
        let socket = try Socket(adopting: client)
        let error = socketFailure { try socket.sendFile(file.fileDescriptor) }
        ensure(error?.errno == .brokenPipe || error?.errno == .connectionReset, "\(error as Any)")
        try peer.value()
      }
    }
  }

  /// Two sockets that are connected with each other, each with one descriptor and no more.
  private static func descriptors() throws -> (client: Int32, server: Int32) {
    let pair = try tcpPair()
    return (try pair.client.duplicate().release(), try pair.server.duplicate().release())
  }
}

extension Socket {
  /// Waits until there is something, and leaves it there.
  fileprivate func peekOne() throws -> Int {
    var byte = [0 as UInt8]
    var span = byte.mutableSpan
    return try peek(into: &span, until: .after(soon))
  }
}

@Suite struct SpliceTests {
  @Test("a stream goes through a pipe from socket to socket", arguments: pairs, pairs)
  func proxy(_ from: String, _ to: String) throws {
    for deadline in [Deadline.never, .after(soon)] {
      let source = try pair(from)
      let target = try pair(to)
      let reader = try reader(target.server)
      let writer = try writer(source.client)
      var pipe = try SplicePipe()
      var total = 0
      while case let count = try source.server.receive(into: &pipe, until: deadline), count > 0 {
        total += count
        try target.client.sendAll(from: &pipe, until: deadline)
      }
      try writer.value()
      try target.client.shutdown(.write)
      #expect(total == large.count)
      #expect(try reader.value() == large)
    }
  }

  @Test("nothing there is EAGAIN now and a time-out later, and a pipe takes more only when it is empty")
  func limits() throws {
    let source = try tcpPair()
    var pipe = try SplicePipe(capacity: 4096)
    var errors: [SocketError.Reason] = []
    let server = try source.server.duplicate()
    for deadline in [Deadline.now, .after(.milliseconds(10))] {
      do throws(SocketError) {
        _ = try server.receive(into: &pipe, until: deadline)
      } catch {
        errors.append(error.reason)
      }
    }
    try source.client.sendAll("abc")
    #expect(try server.receive(into: &pipe, upTo: 2) == 2)
    do throws(SocketError) { _ = try server.receive(into: &pipe) } catch { errors.append(error.reason) }
    #expect(errors == [.errno(.wouldBlock), .timedOut, .errno(.noBufferSpace)])
    let count = pipe.count
    #expect(count == 2)
  }

  @Test("a deadline holds where the peer takes no more, and what was not sent is still in the pipe")
  func deadline() throws {
    let source = try tcpPair()
    let target = try tcpPair()
    let writer = try writer(source.client)
    var pipe = try SplicePipe()
    var thrown: SocketError?
    var before = 0
    while thrown == nil {
      before += try source.server.receive(into: &pipe, until: .after(soon))
      do throws(SocketError) {
        try target.client.sendAll(from: &pipe, until: .after(.milliseconds(50)))
      } catch {
        thrown = error
      }
    }
    let left = pipe.count
    #expect(thrown?.reason == .timedOut && left > 0)
    let reader = try reader(target.server)
    repeat {
      try target.client.sendAll(from: &pipe, until: .after(soon))
    } while try source.server.receive(into: &pipe, until: .after(soon)) > 0
    try writer.value()
    try target.client.shutdown(.write)
    #expect(try reader.value() == large)
  }
}

@Suite struct ZeroCopyTests {
  @Test("the bytes arrive, and are let go of when the kernel is done with them")
  func send() throws {
    let pair = try tcpPair()
    let reader = try reader(pair.server)
    var sender = try ZeroCopySender(pair.client.duplicate())
    weak var weakBytes: SharedBytes?
    do {
      let bytes = SharedBytes(copying: large.span)
      weakBytes = bytes
      try sender.sendAll(bytes, until: .after(soon))
    }
    let pendingCount = sender.pendingCount
    #expect(pendingCount > 0)
    #expect(weakBytes != nil)
    let socket = try sender.finish(until: .after(soon))
    #expect(weakBytes == nil)
    try socket.sendAll("and more")
    try socket.shutdown(.write)
    #expect(try reader.value() == large + bytes("and more"))
  }

  @Test("without room for notices those that have come are collected, and nothing is lost")
  func manySends() throws {
    let pair = try tcpPair()
    let reader = try reader(pair.server)
    var sender = try ZeroCopySender(pair.client.duplicate())
    let bytes = SharedBytes(capacity: 3) { output in for byte in UInt8(1)...3 { output.append(byte) } }
    for _ in 0..<10_000 { try sender.sendAll(bytes, until: .after(soon)) }
    let collected = try sender.collect(until: .after(soon))
    #expect(collected > 0)
    while case let more = try sender.collect(until: .after(soon)), more > 0 {}
    let pendingCount = sender.pendingCount
    #expect(pendingCount == 0)
    // Loopback copies after all.
    let copiedCount = sender.copiedCount
    #expect(copiedCount > 0)
    let socket = try sender.finish(until: .after(soon))
    try socket.shutdown(.write)
    #expect(try reader.value() == (0..<10_000).flatMap { _ in [1, 2, 3] as [UInt8] })
  }

  @Test("what the kernel is not done with stays, and finishing has a deadline")
  func unfinished() async {
    await #expect(processExitsWith: .success) {
      let pair = try tcpPair()
      weak var weakBytes: SharedBytes?
      do {
        var sender = try ZeroCopySender(pair.client.duplicate())
        let bytes = SharedBytes(copying: large.span)
        weakBytes = bytes
        // Nobody reads.
        var thrown: SocketError?
        do throws(SocketError) { try sender.sendAll(bytes, until: .after(.milliseconds(50))) } catch { thrown = error }
        ensure(thrown?.reason == .timedOut && (thrown?.bytesTransferred ?? 0) > 0)
        let pendingCount = sender.pendingCount
        let collected = try sender.collect(until: .now)
        if pendingCount > collected {
          do throws(SocketError) {
            _ = try sender.finish(until: .after(.milliseconds(10)))
            fatalError("nobody has read")
          } catch {
            ensure(error.reason == .timedOut)
          }
        }
        ensure((pendingCount > collected) == (weakBytes != nil))
      }
    }
  }

  @Test("what is not TCP, and a socket whose sends have been counted before, are refused")
  func refused() throws {
    let unix = try Socket.pair()
    #expect(socketFailure { _ = try ZeroCopySender(unix.first.duplicate()) }?.errno == .notSupported)
    let udp = try Socket(.ipv4, .datagram)
    #expect(socketFailure { _ = try ZeroCopySender(udp.duplicate()) }?.errno == .notSupported)
    let pair = try tcpPair()
    let socket = try ZeroCopySender(pair.client.duplicate()).finish()
    #expect(socketFailure { _ = try ZeroCopySender(socket.duplicate()) }?.errno == .invalidArgument)
  }

  @Test("a peer that resets leaves nothing behind, and one that does not read costs no time of ours")
  func resetAndSilence() async {
    await #expect(processExitsWith: .success) {
      weak var weakBytes: SharedBytes?
      let pair = try tcpPair()
      do {
        var sender = try ZeroCopySender(pair.client.duplicate())
        let bytes = SharedBytes(copying: large.span)
        weakBytes = bytes
        var before = rusage()
        // The callee writes one rusage.
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &before)
        var thrown: SocketError?
        do throws(SocketError) { try sender.sendAll(bytes, until: .after(.milliseconds(500))) } catch { thrown = error }
        ensure(thrown?.reason == .timedOut)
        var after = rusage()
        // As above.
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &after)
        let spent = after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec
        let seconds = after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec
        ensure(1_000_000 * seconds + spent < 300_000, "\(seconds) s, \(spent) microseconds to wait")
        try pair.server.set(.linger, .seconds(0))
        try pair.server.disconnect()
        do throws(SocketError) {
          try sender.sendAll(bytes, until: .after(soon))
          fatalError("the peer has gone")
        } catch {
          ensure(error.errno == .connectionReset || error.errno == .brokenPipe, "\(error)")
        }
      }
      ensure(weakBytes == nil)
    }
  }
}
