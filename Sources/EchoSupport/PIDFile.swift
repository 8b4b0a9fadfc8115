internal import Sockets

#if LibBSD
  internal import CLibBSD
#endif

/// A file with this process's number in it, locked for as long as the process runs, so that there is no second one. It
/// is removed at the end of this value's life. See `pidfile_open(3)`.
///
/// It is safe: nobody else has the handle, and it is closed once.
@safe public struct PIDFile: ~Copyable {
  #if LibBSD
    private let handle: OpaquePointer

    /// Opens, locks and writes the file.
    public init(path: String) throws(PIDFileError) {
      // The string has a NUL for as long as the call lasts.
      let file = unsafe path.withCString { unsafe cs_pidfile_open($0) }
      guard let handle = unsafe file.handle else {
        let errno = unsafe Errno(rawValue: -file.result)
        throw PIDFileError(path: path, reason: errno == .exists ? .running(unsafe file.other) : .errno(errno))
      }
      let written = unsafe cs_pidfile_write(handle)
      guard written == 0 else {
        // The handle is open, and nobody else has it.
        _ = unsafe cs_pidfile_remove(handle)
        throw PIDFileError(path: path, reason: .errno(Errno(rawValue: -written)))
      }
      unsafe self.handle = handle
    }

    deinit {
      // The handle is open, and this is its only owner. A file that is gone already is gone.
      _ = unsafe cs_pidfile_remove(handle)
    }
  #else
    /// Refuses: it takes libbsd.
    public init(path: String) throws(PIDFileError) {
      throw PIDFileError(path: path, reason: .unavailable)
    }
  #endif
}

/// A pid file that could not be taken.
public struct PIDFileError: Error, CustomStringConvertible {
  let path: String
  let reason: Reason

  enum Reason {
    case running(Int32)
    case errno(Errno)
    case unavailable
  }

  /// One line: `pid file /run/echo.pid: already running as process 4242`.
  public var description: String {
    switch reason {
    case .running(let other) where other > 0: "pid file \(path): already running as process \(other)"
    case .running: "pid file \(path): already running"
    case .errno(let errno): "pid file \(path): \(errno)"
    case .unavailable: "pid file \(path): not available in a build without libbsd"
    }
  }
}
