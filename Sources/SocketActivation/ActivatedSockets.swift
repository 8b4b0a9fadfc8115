internal import CSockets
public import Sockets

/// The sockets that a service manager has opened and handed over to this process. See `sd_listen_fds(3)`.
///
/// ```swift
/// var activated = try ActivatedSockets.received()
/// for index in 0..<activated.count where activated.kind(at: index).isListening {
///   print(activated.name(at: index))
///   serve(activated.take(at: index))
/// }
/// ```
///
/// Each is taken once; those that are not taken are closed at the end of this value's life.
public struct ActivatedSockets: ~Copyable, Sendable {
  private var sockets: [Received]

  private struct Received {
    let descriptor: Int32
    let name: String
    let kind: ActivatedSocketKind
    var isTaken = false
  }

  private init(_ sockets: [Received]) {
    self.sockets = sockets
  }

  deinit {
    for socket in sockets where !socket.isTaken { _ = cs_close(socket.descriptor) }
  }

  /// How many were handed over, those that have been taken included.
  public var count: Int { sockets.count }

  /// What the manager calls a socket (FileDescriptorName= of a systemd unit), "unknown" where it gives no names. Several
  /// may have the same name.
  public func name(at index: Int) -> String { sockets[index].name }

  /// What a socket is.
  public func kind(at index: Int) -> ActivatedSocketKind { sockets[index].kind }

  /// Whether a socket has been taken.
  public func isTaken(at index: Int) -> Bool { sockets[index].isTaken }

  /// Hands a socket over to the caller. To take one twice is a programming error and ends the process.
  public mutating func take(at index: Int) -> Socket {
    precondition(!sockets[index].isTaken, "a socket is taken once")
    sockets[index].isTaken = true
    return Socket(owning: sockets[index].descriptor)
  }
}

/// What a socket that was handed over is.
public struct ActivatedSocketKind: Hashable, Sendable {
  /// Its addresses' family (SO_DOMAIN).
  public let family: AddressFamily
  /// Its type (SO_TYPE).
  public let type: SocketType
  /// Whether it takes connections (SO_ACCEPTCONN).
  public let isListening: Bool
}

extension ActivatedSockets {
  /// Takes over the descriptors that LISTEN_FDS counts, from 3 on, and makes them close-on-exec; none where there is no
  /// LISTEN_FDS, or where it is meant for another process (LISTEN_PID, and LISTEN_PIDFDID where it is set).
  ///
  /// To be called once, and before other threads are started: the variables are removed from the environment, and the
  /// descriptors are this value's own from here on.
  ///
  /// - Throws: `ActivationError`. Everything is as it was then: the descriptors are open and the caller's, and the
  ///   variables are set.
  public static func received() throws(ActivationError) -> ActivatedSockets {
    try received(from: 3)
  }

  /// The same with the number of the first descriptor.
  package static func received(from first: Int32) throws(ActivationError) -> ActivatedSockets {
    let sockets = try receive(from: first)
    for socket in sockets {
      // It is open: its options have just been read.
      _ = cs_set_close_on_exec(socket.descriptor)
    }
    Variable.remove("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID")
    return ActivatedSockets(sockets)
  }

  private static func receive(from first: Int32) throws(ActivationError) -> [Received] {
    guard let process = Variable("LISTEN_PID"), let descriptors = Variable("LISTEN_FDS") else { return [] }
    guard try process.isThisProcess() else { return [] }
    if let identity = Variable("LISTEN_PIDFDID"), try identity.isThisProcessIdentity() == false { return [] }
    let count = Int(try descriptors.number(upTo: UInt64(Int32.max - first)))
    // Looked at before room is made for the names of as many as somebody says that there are.
    var kinds: [ActivatedSocketKind] = []
    for number in 0..<Int32(count) { kinds.append(try kind(of: first + number, descriptors)) }
    let names = try names(count)
    return kinds.indices.map { index in
      Received(descriptor: first + Int32(index), name: names?[index] ?? "unknown", kind: kinds[index])
    }
  }

  private static func kind(of descriptor: Int32, _ variable: Variable) throws(ActivationError) -> ActivatedSocketKind {
    do throws(SocketError) {
      return try Socket.lending(descriptor) { socket throws(SocketError) in
        ActivatedSocketKind(
          family: try socket.get(.family), type: try socket.get(.type), isListening: try socket.get(.acceptsConnections)
        )
      }
    } catch {
      throw variable.error(.notASocket(descriptor: descriptor, error.errno ?? .notSocket))
    }
  }

  /// The names of so many descriptors; nil where none are given.
  private static func names(_ count: Int) throws(ActivationError) -> [String]? {
    guard let variable = Variable("LISTEN_FDNAMES") else { return nil }
    let parts =
      variable.value.isEmpty && count == 0
      ? [] : variable.value.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == count else {
      throw variable.error(.wrongNumberOfNames(names: parts.count, descriptors: count))
    }
    for part in parts where part.count > 255 || !part.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
      throw variable.error(.invalidName)
    }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}
