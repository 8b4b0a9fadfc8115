// Standard streams, threads, the clock and signals.
#include "check.h"

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
  EQUAL(cs_block_termination_signals(), 0);
  EQUAL(raise(SIGTERM), 0);
  EQUAL(cs_wait_for_termination_signal(), SIGTERM);
  EQUAL(raise(SIGINT), 0);
  EQUAL(cs_wait_for_termination_signal(), SIGINT);

  const uint8_t byte = 1;
  broken_pipes = 0;
  cs_ignore_broken_pipes();
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  EQUAL(cs_close(pair.second), 0);
  EQUAL(cs_write(pair.first, &byte, 1), -EPIPE);
  EQUAL(broken_pipes, 0);
  EQUAL(cs_close(pair.first), 0);
}

void test_process(void) {
  test_streams();
  test_closed_streams();
  test_thread();
  test_clock();
  test_signals();
}
