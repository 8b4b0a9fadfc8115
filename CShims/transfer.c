// splice and pipe2 are extensions of Linux to the headers.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#include "csockets/transfer.h"

#ifdef __linux__
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

// The signal mask from before, and whether a SIGPIPE was waiting that is somebody else's business.
struct guard {
  sigset_t before;
  int was_pending;
};

static sigset_t broken_pipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

static int hold_back(struct guard *guard) {
  sigset_t set = broken_pipe();
  int error = pthread_sigmask(SIG_BLOCK, &set, &guard->before);
  if (error != 0) return -error;
  guard->was_pending = 0;
  // Only a signal that was blocked before can be waiting.
  if (sigismember(&guard->before, SIGPIPE) == 1) {
    sigset_t pending;
    guard->was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  }
  return 0;
}

// Takes the SIGPIPE that the call has brought, and lets those to come through again. It may have brought one and still
// have succeeded: the kernel goes on piece by piece, and reports the pieces that went before.
static void let_through(const struct guard *guard) {
  sigset_t pending;
  if (!guard->was_pending && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1) {
    sigset_t set = broken_pipe();
    struct timespec at_once = {0, 0};
    while (sigtimedwait(&set, NULL, &at_once) < 0 && errno == EINTR)
      continue;
  }
  (void)pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

ssize_t cs_sendfile(int fd, int file, int64_t offset, size_t count) {
  struct guard guard;
  int held = hold_back(&guard);
  if (held < 0) return held;
  off_t position = (off_t)offset;
  ssize_t sent = sendfile(fd, file, &position, count);
  ssize_t result = CS_RESULT(sent);
  let_through(&guard);
  return result;
}

struct cs_pair cs_pipe(size_t capacity) {
  struct cs_pair pair = {0, -1, -1};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) {
    pair.result = -errno;
    return pair;
  }
  pair.first = ends[0];
  pair.second = ends[1];
  // More than the system allows without a privilege (fs.pipe-max-size) is a wish: the pipe is as large as it was.
  (void)fcntl(ends[1], F_SETPIPE_SZ, (int)capacity);
  return pair;
}

ssize_t cs_splice(int from, int to, size_t count) {
  struct guard guard;
  int held = hold_back(&guard);
  if (held < 0) return held;
  // Without SPLICE_F_NONBLOCK, which for some kinds of socket would outdo the mode that the socket has.
  ssize_t moved = splice(from, NULL, to, NULL, count, 0);
  ssize_t result = CS_RESULT(moved);
  let_through(&guard);
  return result;
}
#else
ssize_t cs_sendfile(int fd, int file, int64_t offset, size_t count) {
  (void)fd, (void)file, (void)offset, (void)count;
  return -ENOSYS;
}

struct cs_pair cs_pipe(size_t capacity) {
  (void)capacity;
  struct cs_pair none = {-ENOSYS, -1, -1};
  return none;
}

ssize_t cs_splice(int from, int to, size_t count) {
  (void)from, (void)to, (void)count;
  return -ENOSYS;
}
#endif
