internal import CSockets
internal import Sockets

/// A file that is written from its beginning, and closed at the end of this value's life.
public struct OutputFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Makes the file, or empties the one that is there.
  public init(path: String) throws(Failure) {
    // The string has a NUL for as long as the call lasts.
    let result = unsafe path.withCString { unsafe cs_create_file($0) }
    guard result >= 0 else { throw Failure("\(path): \(Errno(rawValue: -result))") }
    self.path = path
    descriptor = result
  }

  deinit {
    _ = cs_close(descriptor)
  }

  /// Writes all of a text.
  public func write(_ text: String) throws(Failure) {
    let bytes = text.utf8.span
    var done = 0
    while done < bytes.count {
      let written = cs_write(descriptor, bytes.extracting(done...))
      let errno = Errno(rawValue: Int32(clamping: -written))
      guard written >= 0 || errno == .interrupted else { throw Failure("\(path): \(errno)") }
      done += max(written, 0)
    }
  }
}
