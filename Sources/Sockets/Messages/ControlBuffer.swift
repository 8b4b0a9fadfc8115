internal import CSockets

/// The control data of a message, to be sent or as it was received, in storage that is allocated once and used again.
///
/// ```swift
/// var control = ControlBuffer()
/// let message = try socket.receiveMessage(into: &bytes, control: &control)
/// while let descriptor = control.takeDescriptor() { … }
/// ```
///
/// Descriptors that were received belong to it: those that nobody takes are closed, at the next receive or at the end
/// of its life.
public struct ControlBuffer: ~Copyable, Sendable {
  private var storage: [UInt8]
  private var count = 0
  /// Received and not taken yet, the next one last.
  private var descriptors: [Int32] = []

  /// Nothing, with room for so many bytes, the headers of the messages included: a descriptor takes 4, and each message
  /// 16 and what it takes to a multiple of 8.
  public init(capacity: Int = 512) {
    storage = [UInt8](repeating: 0, count: max(capacity, 0))
  }

  deinit {
    for descriptor in descriptors { _ = cs_close(descriptor) }
  }

  /// Takes everything out, and closes what was received and not taken.
  public mutating func removeAll() {
    count = 0
    for descriptor in descriptors { _ = cs_close(descriptor) }
    descriptors.removeAll(keepingCapacity: true)
  }
}

/// Sending.
extension ControlBuffer {
  /// Adds a message to send.
  ///
  /// - Throws: `SocketError` with ENOBUFS (no room) or EINVAL (one that can only be received).
  public mutating func append(_ message: ControlMessage) throws(SocketError) {
    var result = Errno.invalidArgument as Errno?
    message.encode { level, type, bytes in result = put(level, type, bytes) }
    if let result { throw SocketError(.send, .errno(result)) }
  }

  /// Adds descriptors to send: the receiver gets descriptors of its own for what these stand for. They stay the
  /// caller's, and have to be open when the message is sent.
  ///
  /// - Throws: `SocketError` with ENOBUFS (no room). The kernel takes 253 in a message (EINVAL).
  public mutating func append(descriptors: [Int32]) throws(SocketError) {
    // The array's storage is all initialised bytes.
    let bytes = unsafe descriptors.withUnsafeBytes { unsafe Array($0) }
    if let errno = put(SOL_SOCKET, CS_SCM_RIGHTS, bytes.span) { throw SocketError(.send, .errno(errno)) }
  }

  /// Writes a message behind the others, or says why not.
  private mutating func put(_ level: Int32, _ type: Int32, _ bytes: Span<UInt8>) -> Errno? {
    guard cs_control_space(bytes.count) <= storage.count - count else { return .noBufferSpace }
    let start = count
    // There is room for the message behind what is there, and the bytes live as long as the call.
    count = unsafe storage.withUnsafeMutableBytes { storage in
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe cs_control_put(storage.baseAddress!, start, level, type, bytes.baseAddress, bytes.count)
      }
    }
    return nil
  }
}

/// Receiving.
extension ControlBuffer {
  /// What was received, but for the descriptors.
  public var messages: [ControlMessage] {
    var messages: [ControlMessage] = []
    forEach { level, type, bytes in
      if level == SOL_SOCKET, type == CS_SCM_RIGHTS { return }
      messages.append(ControlMessage(level: level, type: type, bytes))
    }
    return messages
  }

  /// How many descriptors were received and not taken yet.
  public var descriptorCount: Int { descriptors.count }

  /// The next of the descriptors that were received, close-on-exec, or nil.
  public mutating func takeDescriptor() -> Descriptor? {
    guard let descriptor = descriptors.popLast() else { return nil }
    return Descriptor(adopting: descriptor)
  }

  /// Calls a function with each message.
  private func forEach(_ body: (Int32, Int32, Span<UInt8>) -> Void) {
    storage.span.extracting(first: count).forEachControlMessage(body)
  }

  /// Takes in what the kernel has written, and the descriptors in it.
  mutating func received(_ count: Int) {
    self.count = count
    // Its storage is used again; it is apart while the messages are read.
    var received: [Int32] = []
    swap(&received, &descriptors)
    forEach { level, type, bytes in
      guard level == SOL_SOCKET, type == CS_SCM_RIGHTS else { return }
      for index in 0..<bytes.count / 4 { received.append(Int32(bitPattern: bytes.word(at: 4 * index))) }
    }
    received.reverse()
    swap(&received, &descriptors)
  }

  /// Calls a function with the storage for the kernel to write to.
  mutating func withStorage<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
    unsafe storage.withUnsafeMutableBytes(body)
  }

  /// Calls a function with what is to be sent.
  borrowing func withContents<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    unsafe storage.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
  }
}

extension Span<UInt8> {
  /// Calls a function with the level, type and bytes of each message of control data.
  func forEachControlMessage(_ body: (Int32, Int32, Span<UInt8>) -> Void) {
    var offset = 0
    while true {
      // The callee reads no more than the span has.
      let found = unsafe withUnsafeBytes { bytes -> cs_control in
        guard let base = bytes.baseAddress else { return cs_control() }
        return unsafe cs_control_at(base, bytes.count, offset)
      }
      guard found.found != 0 else { return }
      body(found.level, found.type, extracting(found.offset..<found.offset + found.length))
      offset = found.next
    }
  }

  /// Closes the descriptors that a message of SCM_RIGHTS has brought.
  func closeDescriptors() {
    for index in 0..<count / 4 { _ = cs_close(Int32(bitPattern: word(at: 4 * index))) }
  }
}
