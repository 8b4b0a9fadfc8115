// Standard streams, threads, the clock and signals.
#include "check.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void test_streams(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  uint8_t bytes[8];
  EQUAL(cs_write(pair.first, (const uint8_t *)"abc", 3), 3);
  EQUAL(cs_read(pair.second, bytes, sizeof bytes), 3);
  EQUAL(memcmp(bytes, "abc", 3), 0);
  EQUAL(cs_is_terminal(pair.first), 0);
  EQUAL(cs_is_terminal(-1), 0);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_read(pair.second, bytes, sizeof bytes), 0);
  EQUAL(cs_close(pair.second), 0);

  int terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return;
  EQUAL(cs_is_terminal(terminal), 1);
  EQUAL(cs_close(terminal), 0);
}

static void test_closed_streams(void) {
  // In a process of its own, which loses its standard streams.
  pid_t child = fork();
  if (child == 0) {
    close(0);
    close(2);
    int filled = cs_fill_standard_streams();
    struct stat input;
    struct stat error;
    struct stat null;
    int seen = fstat(0, &input) == 0 && fstat(2, &error) == 0 && stat("/dev/null", &null) == 0;
    _exit(filled == 0 && seen && input.st_rdev == null.st_rdev && error.st_rdev == null.st_rdev ? 0 : 1);
  }
  int status = -1;
  EQUAL(waitpid(child, &status, 0), child);
  EQUAL(status, 0);
  // Nothing to do where all are open.
  EQUAL(cs_fill_standard_streams(), 0);
}

static void answer(void *context) {
  uint8_t byte = 42;
  cs_send(*(int *)context, &byte, 1, 0);
}

static void test_thread(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  uint8_t byte = 0;
  EQUAL(cs_thread_start(1 << 18, answer, &pair.second), 0);
  EQUAL(cs_recv(pair.first, &byte, 1, 0), 1);
  EQUAL(byte, 42);
  EQUAL(cs_thread_start(0, answer, &pair.second), -EINVAL);  // Less than the smallest stack.
  EQUAL(cs_recv(pair.first, &byte, 1, CS_MSG_DONTWAIT), -EAGAIN);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}

static void test_clock(void) {
  struct timespec before;
  struct timespec after;
  EQUAL(clock_gettime(CLOCK_MONOTONIC, &before), 0);
  int64_t now = cs_monotonic_nanoseconds();
  EQUAL(clock_gettime(CLOCK_MONOTONIC, &after), 0);
  CHECK(now >= (int64_t)before.tv_sec * 1000000000 + before.tv_nsec);
  CHECK(now <= (int64_t)after.tv_sec * 1000000000 + after.tv_nsec);
}

static void test_signals(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  EQUAL(pair.result, 0);
  EQUAL(cs_tell_termination_signals(-1), -EBADF);
  // As somebody may have left it who has started this process.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  EQUAL(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
  EQUAL(cs_tell_termination_signals(pair.second), 0);
  EQUAL(raise(SIGTERM), 0);
  EQUAL(raise(SIGINT), 0);
  uint8_t bytes[4096];
  EQUAL(cs_recv(pair.first, bytes, sizeof bytes, 0), 2);
  EQUAL(bytes[0], SIGTERM);
  EQUAL(bytes[1], SIGINT);
  // Nobody reads them: neither does it wait, nor does it show.
  errno = 42;
  for (int count = 0; count < 10000; count++) EQUAL(raise(SIGTERM), 0);
  EQUAL(errno, 42);
  CHECK(cs_recv(pair.first, bytes, sizeof bytes, 0) > 0);
  CHECK(signal(SIGINT, SIG_DFL) != SIG_DFL);
  CHECK(signal(SIGTERM, SIG_DFL) != SIG_DFL);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);

  const uint8_t byte = 1;
  broken_pipes = 0;
  cs_ignore_broken_pipes();
  pair = cs_socketpair(SOCK_STREAM);
  EQUAL(cs_close(pair.second), 0);
  EQUAL(cs_write(pair.first, &byte, 1), -EPIPE);
  EQUAL(broken_pipes, 0);
  EQUAL(cs_close(pair.first), 0);
}

static void test_created_file(void) {
  char path[] = "/tmp/cs-file-XXXXXX";
  int made = mkstemp(path);
  CHECK(made >= 0);
  EQUAL(cs_write(made, (const uint8_t *)"longer", 6), 6);
  int fd = cs_create_file(path);
  CHECK(fd >= 0);
  EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EQUAL(lseek(made, 0, SEEK_END), 0);
  EQUAL(cs_write(fd, (const uint8_t *)"abc", 3), 3);
  EQUAL(lseek(made, 0, SEEK_END), 3);
  EQUAL(cs_close(fd), 0);
  EQUAL(cs_close(made), 0);
  EQUAL(unlink(path), 0);
  EQUAL(cs_create_file("/nonexistent/file"), -ENOENT);
}

static void test_limit(void) {
  // In a process of its own, so that the others keep their limit.
  pid_t child = fork();
  if (child == 0) {
    struct rlimit before;
    struct rlimit after;
    if (getrlimit(RLIMIT_NOFILE, &before) < 0) _exit(1);
    before.rlim_cur = 16;
    if (setrlimit(RLIMIT_NOFILE, &before) < 0) _exit(1);
    int64_t limit = cs_raise_descriptor_limit();
    _exit(getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur == before.rlim_max && limit > 16 ? 0 : 1);
  }
  int status = -1;
  EQUAL(waitpid(child, &status, 0), child);
  EQUAL(status, 0);
}

static void test_process_time(void) {
  int64_t before = cs_process_time_nanoseconds(0);
  CHECK(before > 0);
  while (cs_process_time_nanoseconds(0) == before) {
  }
  CHECK(cs_process_time_nanoseconds(getpid()) > before);
  // One that has ended and was waited for.
  pid_t child = fork();
  if (child == 0) _exit(0);
  EQUAL(waitpid(child, NULL, 0), child);
  EQUAL(cs_process_time_nanoseconds(child), -ESRCH);
  EQUAL(cs_process_time_nanoseconds(INT_MAX), -ESRCH);
}

static void test_equal_bytes(void) {
  EQUAL(cs_equal_bytes((const uint8_t *)"abc", 2, (const uint8_t *)"abd", 2), 1);
  EQUAL(cs_equal_bytes((const uint8_t *)"abc", 3, (const uint8_t *)"abd", 3), 0);
  EQUAL(cs_equal_bytes((const uint8_t *)"abc", 3, (const uint8_t *)"abc", 2), 0);
  EQUAL(cs_equal_bytes(NULL, 0, NULL, 0), 1);
}

void test_process(void) {
  test_streams();
  test_closed_streams();
  test_thread();
  test_clock();
  test_signals();
  test_created_file();
  test_limit();
  test_process_time();
  test_equal_bytes();
}
