#if Programs
  public import Logging

  /// What a program tells of its work on standard error, down to a level, through swift-log. What ends it is told anyway.
  public struct Diagnostics: Sendable {
    private let logger: Logger

    /// Diagnostics of a program, down to a level: ``defaultLevel`` is what everybody wants to know.
    public init(_ program: String, downTo level: Logger.Level) {
      var logger = Logger(label: program) { StandardErrorHandler(program: $0) }
      logger.logLevel = level
      self.logger = logger
    }

    /// What is told unless somebody asks for more, or less.
    public static let defaultLevel = Logger.Level.notice

    /// Whether every transfer is told, which costs time.
    public var tellsTransfers: Bool { logger.logLevel <= .trace }

    /// Something failed, and the program goes on.
    public func failed(_ error: some Error) {
      logger.error("\(error)")
    }

    /// Something that everybody wants to know.
    public func notice(_ message: @autoclosure () -> String) {
      logger.notice("\(message())")
    }

    /// A step that somebody wants to see who looks for a mistake.
    public func debug(_ message: @autoclosure () -> String) {
      logger.debug("\(message())")
    }

    /// A transfer.
    public func trace(_ message: @autoclosure () -> String) {
      logger.trace("\(message())")
    }
  }

  /// Writes each message as a line: `echo-server: client 127.0.0.1:40152: connection reset (ECONNRESET)`. What only some
  /// want to know has its level in it: `echo-server: debug: …`.
  private struct StandardErrorHandler: LogHandler {
    let program: String
    var logLevel = Diagnostics.defaultLevel
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      Failure.report(event.level < .notice ? "\(program): \(event.level)" : program, Failure("\(event.message)"))
    }
  }
#else
  /// Nothing: without its command line no program runs.
  public struct Diagnostics: Sendable {
    /// Whether every transfer is told.
    public var tellsTransfers: Bool { false }

    /// Something failed, and the program goes on.
    public func failed(_ error: some Error) {}

    /// Something that everybody wants to know.
    public func notice(_ message: @autoclosure () -> String) {}

    /// A step that somebody wants to see who looks for a mistake.
    public func debug(_ message: @autoclosure () -> String) {}

    /// A transfer.
    public func trace(_ message: @autoclosure () -> String) {}
  }
#endif
