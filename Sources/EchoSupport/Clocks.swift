internal import CSockets
internal import Sockets

/// Nanoseconds on the monotonic clock.
public func monotonicNanoseconds() -> Int64 {
  cs_monotonic_nanoseconds()
}

/// How long a process, 0 for this one, has been on a processor, in nanoseconds. See `clock_getcpuclockid(3)`.
public func processorNanoseconds(ofProcess process: Int32) throws(Failure) -> Int64 {
  let time = cs_process_time_nanoseconds(process)
  guard time >= 0 else { throw Failure("process \(process): \(Errno(rawValue: Int32(-time)))") }
  return time
}

/// Lets time pass on this thread.
public func pause(_ duration: Duration) {
  // There is nothing to look at, and no memory to do so.
  _ = cs_poll(nil, 0, duration.nanosecondsRoundedUp)
}
