// Files and pipes to sockets: counts, ends, and no SIGPIPE.
#include "check.h"

void test_transfer(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  FILE *file = tmpfile();
  CHECK(file != NULL && fputs("0123456789", file) >= 0 && fflush(file) == 0);
  if (!file) return;
  uint8_t bytes[16];
  EQUAL(cs_sendfile(pair.first, fileno(file), 4, 3), 3);
  EQUAL(cs_recv(pair.second, bytes, sizeof bytes, 0), 3);
  EQUAL(memcmp(bytes, "456", 3), 0);
  EQUAL(cs_sendfile(pair.first, fileno(file), 10, 3), 0);
  EQUAL(cs_sendfile(pair.first, -1, 0, 3), -EBADF);

  struct cs_pair pipe = cs_pipe(4096);
  EQUAL(pipe.result, 0);
  EQUAL(cs_get_descriptor_flags(pipe.first), FD_CLOEXEC);
  EQUAL(cs_get_descriptor_flags(pipe.second), FD_CLOEXEC);
  EQUAL(cs_send(pair.first, (const uint8_t *)"through", 7, 0), 7);
  EQUAL(cs_splice(pair.second, pipe.second, 100), 7);
  EQUAL(cs_splice(pipe.first, pair.second, 7), 7);
  EQUAL(cs_recv(pair.first, bytes, sizeof bytes, 0), 7);
  EQUAL(memcmp(bytes, "through", 7), 0);

  EQUAL(cs_write(pipe.second, (const uint8_t *)"x", 1), 1);
  EQUAL(cs_close(pair.second), 0);
  broken_pipes = 0;
  EQUAL(cs_sendfile(pair.first, fileno(file), 0, 3), -EPIPE);
  EQUAL(cs_splice(pipe.first, pair.first, 1), -EPIPE);
  EQUAL(broken_pipes, 0);
  EQUAL(cs_close(pipe.first), 0);
  EQUAL(cs_close(pipe.second), 0);

  // One that was held back, and is waiting, is somebody else's.
  sigset_t held, before, pending;
  sigemptyset(&held);
  sigaddset(&held, SIGPIPE);
  sigprocmask(SIG_BLOCK, &held, &before);
  raise(SIGPIPE);
  EQUAL(cs_sendfile(pair.first, fileno(file), 0, 3), -EPIPE);
  sigpending(&pending);
  EQUAL(sigismember(&pending, SIGPIPE), 1);
  sigprocmask(SIG_SETMASK, &before, NULL);
  EQUAL(broken_pipes, 1);
  EQUAL(cs_close(pair.first), 0);
  fclose(file);
}
