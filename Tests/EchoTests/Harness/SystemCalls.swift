import Foundation
import Synchronization

/// A system call that failed in the tests themselves.
struct SystemCallFailure: Error, CustomStringConvertible {
  let description: String

  init(_ call: String, _ errno: Int32) {
    // The system's own string, copied before this thread calls anything else.
    description = unsafe "\(call): \(String(cString: strerror(errno)))"
  }
}

/// What a program finds as its standard input, output and error, and the other ends of them.
struct StandardPipes {
  /// Nil where the program's input is empty.
  let input: Int32?
  let output: Int32
  let error: Int32
}

/// Held while a program is started: until its pipes are marked close-on-exec, no other program may be.
private let starting = Mutex(())

/// Starts a program, found through PATH, in a process group of its own and with the default signal dispositions.
func start(_ words: [String], hasInput: Bool) throws -> (process: pid_t, pipes: StandardPipes) {
  try starting.withLock { _ in
    let input = hasInput ? try makePipe() : nil
    let output = try makePipe()
    let error = try makePipe()
    defer { for end in [input?.reading, output.writing, error.writing] { _ = end.map(close) } }
    let process = try spawn(words, [input?.reading, output.writing, error.writing])
    return (process, StandardPipes(input: input?.writing, output: output.reading, error: error.reading))
  }
}

private func makePipe() throws -> (reading: Int32, writing: Int32) {
  var ends: [Int32] = [-1, -1]
  // The callee writes two numbers, and there is room for two.
  guard unsafe pipe(&ends) == 0 else { throw SystemCallFailure("pipe", errno) }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}

/// Starts a program whose only descriptors are 0, 1 and 2, and these are they; nil is the empty file.
private func spawn(_ words: [String], _ standard: [Int32?]) throws -> pid_t {
  // Both are initialised at once, used by this function alone, and destroyed at its end.
  var actions = unsafe posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  unsafe posix_spawn_file_actions_init(&actions)
  unsafe posix_spawnattr_init(&attributes)
  defer {
    unsafe posix_spawn_file_actions_destroy(&actions)
    unsafe posix_spawnattr_destroy(&attributes)
  }
  for (number, descriptor) in standard.enumerated() {
    if let descriptor {
      // The object is initialised.
      unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    } else {
      // The same; the callee copies the path.
      unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDONLY, 0)
    }
  }
  for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
    // The object is initialised; a number that is not open any more by then is no error.
    if let number = Int32(name), number > 2 { unsafe posix_spawn_file_actions_addclose(&actions, number) }
  }
  // The callees read and write the two objects, which are this function's own.
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe posix_spawnattr_setsigmask(&attributes, &signals)
  unsafe sigfillset(&signals)
  unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
  unsafe posix_spawnattr_setpgroup(&attributes, 0)
  let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
  unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
  let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
  var process: pid_t = 0
  // Both lists end with a nil, and live until the callee, which copies them, returns.
  let error = unsafe withCStrings(words) { arguments in
    unsafe withCStrings(environment) { variables in
      unsafe posix_spawnp(&process, words[0], &actions, &attributes, arguments, variables)
    }
  }
  guard error == 0 else { throw SystemCallFailure("posix_spawnp \(words[0])", error) }
  return process
}

/// Calls a function with texts as C has them: pointers, and a nil behind the last.
private func withCStrings<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Result
) rethrows -> Result {
  // Each copy is freed once, after the last use of it.
  let copies = unsafe texts.map { unsafe strdup($0) }
  defer { unsafe copies.forEach { unsafe free($0) } }
  return try unsafe body(copies + [nil])
}

/// Writes all of the bytes to a pipe; false if nobody reads it any more, which ends no test: it is seen by what the
/// program then does.
func writeAll(_ bytes: [UInt8], to pipe: Int32) -> Bool {
  var brokenPipe = sigset_t()
  var before = sigset_t()
  // The callees read and write the two sets, which are this function's own. SIGPIPE is sent to the thread that writes;
  // it is left pending in this one, taken from there, and no handler of the process is touched.
  unsafe sigemptyset(&brokenPipe)
  unsafe sigaddset(&brokenPipe, SIGPIPE)
  unsafe pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
  defer {
    var none = timespec()
    // The same sets, and a time that is this closure's own.
    while unsafe sigtimedwait(&brokenPipe, nil, &none) == SIGPIPE {}
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }
  var done = 0
  while done < bytes.count {
    // No more is read than the array has.
    let written = unsafe bytes.withUnsafeBytes { unsafe write(pipe, $0.baseAddress! + done, $0.count - done) }
    if written >= 0 { done += written } else if errno != EINTR { return false }
  }
  return true
}

/// Reads what there is, at least one byte; nothing at the end.
func readSome(from pipe: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    // No more is written than the array has room for.
    let got = unsafe bytes.withUnsafeMutableBytes { unsafe read(pipe, $0.baseAddress, $0.count) }
    if got >= 0 || errno != EINTR { return Array(bytes.prefix(max(got, 0))) }
  }
}

/// How a process ended.
enum Ending: Equatable, CustomStringConvertible {
  case exited(Int32)
  case killed(by: Int32)

  var description: String {
    switch self {
    case .exited(let status): "exited with \(status)"
    case .killed(let signal): "was killed by signal \(signal)"
    }
  }
}

/// How a process of ours has ended; nil for as long as it runs. Once it has ended its number may become another's.
func reap(_ process: pid_t) -> Ending? {
  var status: Int32 = 0
  // The callee writes one number.
  guard unsafe waitpid(process, &status, WNOHANG) == process else { return nil }
  let signal = status & 0x7f
  return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(by: signal)
}
