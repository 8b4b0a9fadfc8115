import Glibc

/// Why a call failed.
public struct Failure: Error {
  /// An errno.
  public let number: Int32
}

/// A connection, written the obvious way.
public final class Connection {
  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Receives at most so many bytes.
  public func receive(_ capacity: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: capacity)
    let count = recv(descriptor, &bytes, capacity, 0)
    guard count >= 0 else { throw Failure(number: errno) }
    return Array(bytes.prefix(count))
  }
}
