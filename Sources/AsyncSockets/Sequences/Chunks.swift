public import Sockets

extension Connection {
  /// What is received, piece by piece as it comes, until the peer sends no more.
  ///
  /// - Parameter maximum: The most bytes at once, from 1.
  public func chunks(ofAtMost maximum: Int = 65_536) -> Chunks {
    Chunks(connection: self, maximum: max(maximum, 1))
  }

  /// The pieces of a stream.
  public struct Chunks: AsyncSequence, Sendable {
    /// A piece, which has at least one byte.
    public typealias Element = [UInt8]
    /// What a receive throws.
    public typealias Failure = SocketError

    fileprivate let connection: Connection
    fileprivate let maximum: Int

    /// Receives the pieces.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection, maximum: maximum) }

    /// Receives the pieces.
    public struct AsyncIterator: AsyncIteratorProtocol {
      fileprivate let connection: Connection
      fileprivate let maximum: Int

      /// The next piece, or nil at the end of the stream.
      ///
      /// - Throws: `SocketError` as ``Connection/receive(upTo:until:)``.
      public mutating func next() async throws(SocketError) -> [UInt8]? {
        let bytes = try await connection.receive(upTo: maximum)
        return bytes.isEmpty ? nil : bytes
      }

      /// The same.
      public mutating func next(isolation actor: isolated (any Actor)?) async throws(SocketError) -> [UInt8]? {
        try await next()
      }
    }
  }
}
