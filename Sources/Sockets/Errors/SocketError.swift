/// What was tried, why it failed, and, where that is known, with whom and after how many bytes.
///
/// It is two words, so that a throw costs no more than a return: what few failures have to add is kept behind a
/// reference that is made on the failing path only.
public struct SocketError: Error, Hashable, Sendable {
  // In this order the first two share a word.
  /// Why it failed.
  public let reason: Reason
  /// What was tried.
  public let operation: Operation
  private let detail: Detail?

  /// An error of this library's making.
  public init(_ operation: Operation, _ reason: Reason) {
    self.operation = operation
    self.reason = reason
    self.detail = nil
  }

  /// An error that says to what address it was done, or how many bytes had gone or come before it.
  public init(_ operation: Operation, _ reason: Reason, address: SocketAddress?, bytesTransferred: Int = 0) {
    self.operation = operation
    self.reason = reason
    // None where there is nothing to add, so that errors which say the same are equal.
    if case nil = address, bytesTransferred == 0 {
      self.detail = nil
    } else {
      self.detail = Detail(address: address, bytesTransferred: bytesTransferred)
    }
  }
}

extension SocketError {
  /// Why an operation failed.
  public enum Reason: Hashable, Sendable {
    /// The system call failed with this number.
    case errno(Errno)
    /// The deadline passed.
    case timedOut
    /// The task that made the call was cancelled.
    case cancelled
    /// The event loop has been stopped.
    case loopClosed
    /// The socket was closed before the call, or while it was under way.
    case closed
    /// Another call is under way that does the same.
    case busy
    /// The peer ended the stream before as many bytes had come as were asked for.
    case endOfStream
    /// A line is longer than it may be.
    case lineTooLong
    /// More would have to be kept for a peer that does not receive it than may be.
    case bufferFull
    /// The descriptor's number is too large for a ``SocketSet``.
    case beyondSocketSet
  }

  /// The system's number, or nil where the library itself gave up.
  public var errno: Errno? {
    if case .errno(let errno) = reason { errno } else { nil }
  }

  /// The address that the operation was done to.
  public var address: SocketAddress? { detail?.address }

  /// How many bytes had been sent or received before the failure, for the calls that repeat a system call.
  public var bytesTransferred: Int { detail?.bytesTransferred ?? 0 }

  /// Reports whether the process or the system is short of descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM): a
  /// shortage that passes, so that the call can be made again later. See ``AcceptBackoff``.
  public var isShortage: Bool {
    switch reason {
    case .errno(.tooManyOpenFiles), .errno(.tooManyOpenFilesInSystem), .errno(.noBufferSpace), .errno(.noMemory): true
    default: false
    }
  }

  /// The same error with the address that the operation was done to.
  @usableFromInline
  package func done(to address: SocketAddress) -> SocketError {
    SocketError(operation, reason, address: address, bytesTransferred: bytesTransferred)
  }

  /// The same error with the number of bytes that had gone or come before it.
  @usableFromInline
  package func after(bytes: Int) -> SocketError {
    SocketError(operation, reason, address: address, bytesTransferred: bytes)
  }
}

/// What few errors have to add. It never changes once it is made.
private final class Detail: Hashable, Sendable {
  let address: SocketAddress?
  let bytesTransferred: Int

  init(address: SocketAddress?, bytesTransferred: Int) {
    self.address = address
    self.bytesTransferred = bytesTransferred
  }

  static func == (left: Detail, right: Detail) -> Bool {
    left.address == right.address && left.bytesTransferred == right.bytesTransferred
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(address)
    hasher.combine(bytesTransferred)
  }
}

extension SocketError {
  /// Something that a socket can be asked to do.
  public enum Operation: UInt8, Hashable, Sendable {
    /// Making a socket.
    case create
    /// Making two joined sockets.
    case pair
    /// Taking over a descriptor.
    case adopt
    /// Making a second descriptor for a socket.
    case duplicate
    /// Giving a socket its name.
    case bind
    /// Starting to listen.
    case listen
    /// Taking a connection.
    case accept
    /// Connecting.
    case connect
    /// Dissolving a connection.
    case disconnect
    /// Sending.
    case send
    /// Receiving.
    case receive
    /// Ending one direction or both.
    case shutdown
    /// Closing.
    case close
    /// Asking for the socket's own address.
    case localAddress
    /// Asking for the peer's address.
    case peerAddress
    /// Asking for the peer's user and group, or its process.
    case peerCredentials
    /// Asking how much is in a queue.
    case queueSize
    /// Reading or setting the blocking mode.
    case blockingMode
    /// Reading an option.
    case getOption
    /// Setting an option.
    case setOption
    /// Waiting for a socket, or for several.
    case wait
    /// Adding, changing or removing what a ``Poller`` waits for.
    case poller
    /// Listing the network interfaces.
    case interfaces

    /// How a message names the operation, and the word between it and an address.
    var words: (verb: String, preposition: String) {
      switch self {
      case .create: ("create a socket", "for")
      case .pair: ("create a pair of sockets", "for")
      case .adopt: ("adopt a descriptor", "for")
      case .duplicate: ("duplicate a socket", "for")
      case .bind: ("bind", "to")
      case .listen: ("listen", "on")
      case .accept: ("accept", "from")
      case .connect: ("connect", "to")
      case .disconnect: ("disconnect", "from")
      case .send: ("send", "to")
      case .receive: ("receive", "from")
      case .shutdown: ("shut down", "for")
      case .close: ("close", "for")
      case .localAddress: ("get the local address", "for")
      case .peerAddress: ("get the peer's address", "for")
      case .peerCredentials: ("get the peer's credentials", "for")
      case .queueSize: ("get the size of a queue", "for")
      case .blockingMode: ("change the blocking mode", "for")
      case .getOption: ("get an option", "for")
      case .setOption: ("set an option", "for")
      case .wait: ("wait", "for")
      case .poller: ("change what a poller waits for", "for")
      case .interfaces: ("list the network interfaces", "for")
      }
    }
  }
}

extension SocketError: CustomStringConvertible {
  /// One line: `connect to 127.0.0.1:8000: connection refused (ECONNREFUSED)`.
  public var description: String {
    let (verb, preposition) = operation.words
    let object = address.map { " \(preposition) \($0)" } ?? ""
    let progress = bytesTransferred > 0 ? ", after \(bytesTransferred) bytes" : ""
    return "\(verb)\(object): \(explanation)\(progress)"
  }

  var explanation: String {
    switch reason {
    case .errno(.wouldBlock) where operation == .connect && address?.family == .unix:
      "the listener's queue is full (EAGAIN)"
    case .errno(let errno): errno.description
    case .timedOut: "timed out"
    case .cancelled: "cancelled"
    case .loopClosed: "the event loop has been stopped"
    case .closed: "the socket has been closed"
    case .busy: "another call is under way"
    case .endOfStream: "the peer ended the stream"
    case .lineTooLong: "the line is too long"
    case .bufferFull: "the peer does not receive what it is sent"
    case .beyondSocketSet: "the descriptor does not fit into a set of \(SocketSet.capacity)"
    }
  }
}

extension SocketError {
  /// Turns a helper's "value, or -errno" into a value or a throw.
  @inlinable @inline(__always) @discardableResult
  package static func check(_ operation: Operation, _ result: Int32) throws(SocketError) -> Int32 {
    guard result >= 0 else { throw SocketError(operation, .errno(Errno(rawValue: 0 &- result))) }
    return result
  }
}
