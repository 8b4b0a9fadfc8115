public import Sockets

extension Connection {
  /// The lines that are received, without their line feeds, and without a carriage return before one; what follows the
  /// last line feed is a line too.
  ///
  /// - Parameter maximum: The most bytes that a line may have, from 0. A longer one throws
  ///   ``Sockets/SocketError/Reason/lineTooLong``: a peer cannot make us keep more.
  public func lines(ofAtMost maximum: Int = 65_536) -> Lines {
    Lines(connection: self, maximum: max(maximum, 0))
  }

  /// The lines of a stream, as the bytes that they are.
  public struct Lines: AsyncSequence, Sendable {
    /// A line.
    public typealias Element = [UInt8]
    /// What a receive throws, or ``Sockets/SocketError/Reason/lineTooLong``.
    public typealias Failure = SocketError

    fileprivate let connection: Connection
    fileprivate let maximum: Int

    /// Receives the lines.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection, maximum: maximum) }

    /// Receives the lines.
    public struct AsyncIterator: AsyncIteratorProtocol {
      fileprivate let connection: Connection
      fileprivate let maximum: Int
      /// What has been received and not returned.
      private var bytes: [UInt8] = []
      private var start = 0
      /// How far it has been searched for a line feed.
      private var searched = 0
      private var isAtEnd = false

      fileprivate init(connection: Connection, maximum: Int) {
        self.connection = connection
        self.maximum = maximum
      }

      /// The next line, or nil at the end of the stream.
      ///
      /// - Throws: `SocketError` as ``Connection/receive(upTo:until:)``, and with
      ///   ``Sockets/SocketError/Reason/lineTooLong``, after which there is no way to go on.
      public mutating func next() async throws(SocketError) -> [UInt8]? {
        while true {
          if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) { return try take(upTo: end, feed: 1) }
          searched = bytes.count
          // One more for a carriage return.
          guard searched - start - 1 <= maximum else { throw tooLong() }
          guard !isAtEnd else { return start < bytes.count ? try take(upTo: bytes.count, feed: 0) : nil }
          let received = try await connection.receive(upTo: 16_384)
          isAtEnd = received.isEmpty
          bytes.removeFirst(start)
          (searched, start) = (searched - start, 0)
          bytes += received
        }
      }

      /// The same.
      public mutating func next(isolation actor: isolated (any Actor)?) async throws(SocketError) -> [UInt8]? {
        try await next()
      }

      private mutating func take(upTo end: Int, feed: Int) throws(SocketError) -> [UInt8] {
        var line = bytes[start..<end]
        (start, searched) = (end + feed, end + feed)
        if feed > 0, line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard line.count <= maximum else { throw tooLong() }
        return [UInt8](line)
      }

      private func tooLong() -> SocketError { SocketError(.receive, .lineTooLong) }
    }
  }
}
