import Foundation
import Synchronization

/// A program that was started: what it has written so far, and how it ended.
///
/// Threads read its output as it comes, so that it never has to wait for a test that looks elsewhere.
final class Program: Sendable, CustomStringConvertible {
  let process: pid_t
  private let words: [String]
  private let state: Mutex<State>

  private struct State {
    var output: [UInt8] = []
    var error: [UInt8] = []
    var openStreams = 2
    var input: Int32?
    var ending: Ending?

    /// How it ended, asked for under the lock: a signal is sent under it too, and never to a number that is free again.
    mutating func ending(of process: pid_t) -> Ending? {
      ending = ending ?? reap(process)
      return ending
    }
  }

  /// Where the program's input comes from.
  enum Input {
    /// It has none.
    case empty
    /// These bytes, and then its end.
    case bytes([UInt8])
    /// What the test types, until it ends it.
    case open

    /// This text, and then the end of the input.
    static func text(_ text: String) -> Input { .bytes(Array(text.utf8)) }
  }

  init(_ words: [String], input: Input = .empty) throws {
    self.words = words
    let hasInput = if case .empty = input { false } else { true }
    let (process, pipes) = try start(words, hasInput: hasInput)
    self.process = process
    state = Mutex(State(input: pipes.input))
    collect(pipes.output, into: \.output)
    collect(pipes.error, into: \.error)
    guard case .bytes(let bytes) = input else { return }
    Thread.detachNewThread {
      // More than a pipe holds has to wait for the program to read it.
      guard let pipe = self.state.withLock({ $0.input.take() }) else { return }
      _ = writeAll(bytes, to: pipe)
      close(pipe)
    }
  }

  private func collect(_ pipe: Int32, into part: any WritableKeyPath<State, [UInt8]> & Sendable) {
    Thread.detachNewThread {
      while case let bytes = readSome(from: pipe), !bytes.isEmpty {
        self.state.withLock { $0[keyPath: part] += bytes }
      }
      close(pipe)
      self.state.withLock { $0.openStreams -= 1 }
    }
  }
}

/// What it has said.
extension Program {
  /// What it has written to its standard output.
  var outputBytes: [UInt8] { state.withLock { $0.output } }
  /// The same as text.
  var output: String { String(decoding: outputBytes, as: UTF8.self) }
  /// What it has written to its standard error.
  var error: String { String(decoding: state.withLock { $0.error }, as: UTF8.self) }
  /// The same, line by line.
  var errorLines: [Substring] { error.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }

  /// Waits until it has written a text to its standard output, so many times.
  func waitForOutput(_ text: String, times: Int = 1) throws {
    try wait(for: "\(times) times \(String(reflecting: text)) on standard output") {
      output.occurrences(of: text) >= times
    }
  }

  /// Waits until it has written a text to its standard error, so many times.
  func waitForError(_ text: String, times: Int = 1) throws {
    try wait(for: "\(times) times \(String(reflecting: text)) on standard error") {
      error.occurrences(of: text) >= times
    }
  }

  /// Its standard output once it has written as many bytes as a text has. What was written before an answer came may be
  /// read after it.
  func output(asLongAs text: String) throws -> String {
    try wait(for: "\(text.utf8.count) bytes of output: \(text)") { outputBytes.count >= text.utf8.count }
    return output
  }

  /// Waits for something that depends on what it writes: not longer than it can write.
  func wait(for what: String, within limit: Duration = patience, _ condition: () -> Bool) throws {
    try eventually(what, within: limit, showing: description) {
      // Asked before the condition, so that nothing comes between the two.
      let isSilent = state.withLock { $0.ending(of: process) != nil && $0.openStreams == 0 }
      if condition() { return true }
      if isSilent { throw NeverHappened(description: "the program has ended without \(what)\n\(description)") }
      return false
    }
  }

  /// What it is, how it is, and what it has said: what a person wants to see when a test has failed.
  var description: String {
    let (output, error, ending) = state.withLock { ($0.output, $0.error, $0.ending(of: process)) }
    return """
      \(words.joined(separator: " "))
        process \(process) \(ending.map(\.description) ?? "is running")
        standard output (\(output.count) bytes): \(Self.quoted(output))
        standard error (\(error.count) bytes): \(Self.quoted(error))
      """
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    String(reflecting: String(decoding: bytes.suffix(2000), as: UTF8.self))
  }
}

/// What is said to it.
extension Program {
  /// Writes to its standard input.
  func type(_ text: String) {
    // The pipe takes a short text at once.
    if let pipe = state.withLock({ $0.input }) { _ = writeAll(Array(text.utf8), to: pipe) }
  }

  /// Ends its standard input.
  func endInput() {
    if let pipe = state.withLock({ $0.input.take() }) { close(pipe) }
  }

  /// Sends it a signal, if it has not ended.
  func signal(_ number: Int32) {
    state.withLock { if $0.ending(of: process) == nil { kill(process, number) } }
  }
}

/// How it ended.
extension Program {
  /// Nil for as long as it runs.
  var ending: Ending? { state.withLock { $0.ending(of: process) } }

  /// Waits until it has ended and everything that it wrote has been read.
  @discardableResult
  func waitForEnd(within limit: Duration = patience) throws -> Ending {
    try eventually("the end of the program", within: limit, showing: description) {
      state.withLock { $0.ending(of: process) != nil && $0.openStreams == 0 }
    }
    return ending!
  }

  /// Kills it and what it has started, and waits for that.
  func clear() {
    endInput()
    state.withLock { if $0.ending(of: process) == nil { kill(-process, SIGKILL) } }
    _ = try? waitForEnd()
  }
}

extension String {
  func occurrences(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.range(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
