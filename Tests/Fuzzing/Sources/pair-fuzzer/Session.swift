import Sockets

/// Two sockets and their model. A side that is closed makes no more calls.
struct Session {
  private let isStream: Bool
  private var sides: [Side?]
  /// What each side has sent.
  private var pipes = [Pipe(), Pipe()]
  /// Whether the side is to learn that the other one was closed before it had received all.
  private var isReset = [false, false]

  init(_ type: SocketType, isSmall: Bool) throws(SocketError) {
    isStream = type == .stream
    let pair = try Socket.pair(type)
    if isSmall {
      try pair.first.set(.sendBufferSize, 1)
      try pair.second.set(.sendBufferSize, 1)
    }
    sides = [Side(try pair.first.duplicate()), Side(try pair.second.duplicate())]
  }

  /// Makes the call that the lower bits stand for, by the side that the highest bit stands for.
  mutating func make(call: UInt8, size: Int) {
    let index = Int(call >> 7)
    guard let side = sides[index] else { return }
    // The smallest buffer has room for the largest packet.
    let size = call & 0x40 == 0 ? size : 16 * size
    let deadline = call & 0x20 == 0 ? Deadline.now : .after(.zero)
    switch call & 0xf {
    case 0, 1:
      send(size, index, deadline, sendsAll: false) { bytes, deadline throws(SocketError) in
        try side.socket.send(bytes.span, until: deadline)
      }
    case 2:
      send(size, index, deadline, sendsAll: true) { bytes, deadline throws(SocketError) in
        try side.socket.sendAll(bytes, until: deadline)
        return bytes.count
      }
    case 3:
      send(size, index, deadline, sendsAll: true) { bytes, deadline throws(SocketError) in
        try side.sendParts(bytes, until: deadline)
      }
    case 4:
      receive(size, index, deadline) { size, deadline throws(SocketError) in
        try side.socket.receive(upTo: size, until: deadline)
      }
    case 5:
      receive(size, index, deadline) { size, deadline throws(SocketError) in
        try side.receiveParts(size, until: deadline)
      }
    case 6:
      receive(size, index, deadline, peeks: true) { size, deadline throws(SocketError) in
        try side.peek(size, until: deadline)
      }
    case 7: receiveExactly(size, index, deadline)
    case 8 where size % 4 == 0: shutDown(index, .read)
    case 9 where size % 4 == 0: shutDown(index, .write)
    case 10 where size % 8 == 0: close(index)
    case 11: checkReadiness(index)
    case 12: checkQueue(index)
    case 13: useDuplicate(index)
    default: break
    }
  }

  /// Receives all that is left, and closes.
  mutating func finish() {
    for index in 0..<2 where sides[index] != nil {
      while !pipes[1 - index].queue.isEmpty { make(call: UInt8(index << 7) | 0x44, size: 255) }
      checkReadiness(index)
      close(index)
    }
  }
}

/// The calls.
extension Session {
  private mutating func send(
    _ size: Int, _ index: Int, _ deadline: Deadline, sendsAll: Bool,
    _ call: ([UInt8], Deadline) throws(SocketError) -> Int
  ) {
    let bytes = pipes[index].next(size)
    // No bytes are no call.
    let isNothing = sendsAll && size == 0
    do {
      let count = try call(bytes, deadline)
      precondition(isNothing || !pipes[index].isEnded, "sent to nobody")
      precondition(isStream && !sendsAll ? count <= size && (count > 0 || size == 0) : count == size, "\(count)")
      if !isNothing { pipes[index].sent(bytes.prefix(count), isStream: isStream) }
    } catch {
      precondition(!isNothing)
      precondition(isStream || error.bytesTransferred == 0)
      if isStream { pipes[index].sent(bytes.prefix(error.bytesTransferred), isStream: true) }
      switch error.reason {
      case .errno(.connectionReset) where !isStream && isReset[index]: isReset[index] = false
      case .errno(.brokenPipe): precondition(pipes[index].isEnded && error.bytesTransferred == 0)
      default:
        precondition(isLate(error, deadline) && !pipes[index].isEnded && !pipes[index].queue.isEmpty, "\(error)")
      }
    }
  }

  private mutating func receive(
    _ size: Int, _ index: Int, _ deadline: Deadline, peeks: Bool = false,
    _ call: (Int, Deadline) throws(SocketError) -> [UInt8]
  ) {
    let expected = next(size, index, peeks: peeks)
    do {
      let received = try call(size, deadline)
      precondition(expected == .bytes(received), "received \(received) instead of \(expected)")
    } catch {
      precondition(expected == .reset ? error.errno == .connectionReset : isLate(error, deadline), "\(error)")
      precondition(expected == .reset || expected == .nothing, "\(error) instead of \(expected)")
    }
  }

  private mutating func receiveExactly(_ size: Int, _ index: Int, _ deadline: Deadline) {
    guard let side = sides[index] else { return }
    var expected: [UInt8] = []
    var ending: Arrival?
    while expected.count < size, ending == nil {
      switch next(size - expected.count, index, peeks: false) {
      case .bytes(let bytes) where !bytes.isEmpty: expected += bytes
      case let other: ending = other
      }
    }
    var buffer = [UInt8](repeating: 0, count: size)
    var span = buffer.mutableSpan
    do {
      try side.socket.receiveExactly(into: &span, until: deadline)
      precondition(ending == nil && buffer == expected, "received \(buffer) instead of \(expected)")
    } catch {
      precondition(error.bytesTransferred == expected.count && Array(buffer.prefix(expected.count)) == expected)
      switch ending {
      case .bytes: precondition(error.reason == .endOfStream, "\(error)")
      case .reset: precondition(error.errno == .connectionReset, "\(error)")
      case .nothing: precondition(isLate(error, deadline), "\(error)")
      case nil: fatalError("\(error), and all of it is there")
      }
    }
  }

  private mutating func shutDown(_ index: Int, _ direction: Socket.Direction) {
    do {
      try sides[index]?.socket.shutdown(direction)
    } catch {
      fatalError("\(error)")
    }
    pipes[direction == .write ? index : 1 - index].isEnded = true
  }

  private mutating func close(_ index: Int) {
    // Whether empty packets that nobody has received are a loss depends on the kernel.
    while !isReset[index], !pipes[1 - index].queue.isEmpty, pipes[1 - index].queue.allSatisfy(\.isEmpty) {
      make(call: UInt8(index << 7) | 0x04, size: 1)
    }
    sides[index] = nil
    if !pipes[1 - index].queue.isEmpty { isReset[1 - index] = true }
    pipes[1 - index].queue = []
    pipes[0].isEnded = true
    pipes[1].isEnded = true
  }

  private func checkReadiness(_ index: Int) {
    guard let found = try? sides[index]?.socket.wait(for: [.read, .write], until: .now) else { fatalError("no wait") }
    let incoming = pipes[1 - index]
    precondition(found.canReceive == (incoming.isEnded || !incoming.queue.isEmpty || isReset[index]), "\(found)")
    precondition(found.contains(.readClosed) == incoming.isEnded, "\(found)")
    precondition(found.contains(.error) == isReset[index], "\(found)")
    // How much fits is the kernel's business.
    if pipes[index].queue.isEmpty { precondition(found.canSend, "\(found)") }
  }

  private func checkQueue(_ index: Int) {
    guard let size = try? sides[index]?.socket.receiveQueueSize else { fatalError("no queue") }
    precondition(size == pipes[1 - index].queue.reduce(0) { $0 + $1.count }, "\(size) bytes wait")
  }

  /// A duplicate that comes and goes changes nothing.
  private func useDuplicate(_ index: Int) {
    guard let socket = try? sides[index]?.socket.duplicate() else { fatalError("no duplicate") }
    precondition((try? socket.get(.type)) == (isStream ? .stream : .sequencedPacket))
  }
}

/// What the model says of a receive.
private enum Arrival: Equatable {
  case bytes([UInt8])
  case nothing
  case reset
}

extension Session {
  private mutating func next(_ size: Int, _ index: Int, peeks: Bool) -> Arrival {
    // No room is no call.
    guard size > 0 else { return .bytes([]) }
    // A stream gives what there is first.
    if isReset[index], !isStream || pipes[1 - index].queue.isEmpty {
      isReset[index] = false
      return .reset
    }
    return pipes[1 - index].receive(size, isStream: isStream, peeks: peeks).map(Arrival.bytes) ?? .nothing
  }

  /// Whether the error says that the call would have had to wait.
  private func isLate(_ error: SocketError, _ deadline: Deadline) -> Bool {
    error.reason == (deadline == .now ? .errno(.wouldBlock) : .timedOut)
  }
}
