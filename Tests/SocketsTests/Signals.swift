import Foundation
import Glibc

/// How many signals have come since ``interruptEvery(milliseconds:)``.
///
/// Written by a signal handler on one thread and read by the same, in a process that a test has for itself.
nonisolated(unsafe) private var count = 0

var signalCount: Int {
  // As above.
  unsafe count
}

/// Interrupts whatever call is waiting on this thread, again and again. Only for a process of the test's own.
func interruptEvery(milliseconds: UInt32) {
  var action = sigaction()
  // No SA_RESTART: the call returns EINTR. The handler only counts.
  unsafe action.__sigaction_handler.sa_handler = { _ in unsafe count += 1 }
  unsafe sigaction(SIGUSR1, &action, nil)
  // The threads that tests run on take no signals of their own accord.
  var set = sigset_t()
  // The set is this function's own.
  unsafe sigemptyset(&set)
  unsafe sigaddset(&set, SIGUSR1)
  unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  let target = pthread_self()
  Thread.detachNewThread {
    // Until the process ends, and with it the thread that is interrupted.
    while true {
      usleep(milliseconds * 1000)
      pthread_kill(target, SIGUSR1)
    }
  }
}
