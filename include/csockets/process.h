// What a program around the sockets needs of its process: standard streams, threads and signals.
#ifndef CSOCKETS_PROCESS_H
#define CSOCKETS_PROCESS_H

#include "base.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

CS_BEGIN

// Reads from any descriptor. Wraps read(2); returns how many bytes came, 0 at the end, or -errno.
CS_INLINE ssize_t cs_read(int fd, uint8_t *_Nullable bytes, size_t count) {
  ssize_t got = read(fd, bytes, count);
  return CS_RESULT(got);
}

// Writes to any descriptor. Wraps write(2); returns how many bytes were taken, or -errno.
CS_INLINE ssize_t cs_write(int fd, const uint8_t *_Nullable __counted_by(count) bytes __noescape, size_t count) {
  ssize_t put = write(fd, bytes, count);
  return CS_RESULT(put);
}

// Whether a descriptor is a terminal. Wraps isatty(3); returns 1 or 0.
CS_INLINE int cs_is_terminal(int fd) { return isatty(fd) == 1; }

// Opens /dev/null for those of the descriptors 0, 1 and 2 that are not open, so that no socket becomes one of them and
// takes what was meant for a standard stream. Wraps fcntl(2) and open(2); returns 0, or -errno.
int cs_fill_standard_streams(void);

// Starts a thread that nobody joins. Wraps pthread_create(3) with PTHREAD_CREATE_DETACHED; returns 0, or -errno.
int cs_thread_start(size_t stack_bytes, void (*body)(void *_Nonnull context), void *context);

// Blocks SIGINT and SIGTERM in this thread and in those it starts from here on. Wraps pthread_sigmask(3); returns 0, or
// -errno.
int cs_block_termination_signals(void);

// Waits for SIGINT or SIGTERM, which must be blocked in every thread. Wraps sigwait(3); returns its number, or -errno.
int cs_wait_for_termination_signal(void);

// Makes writing to a closed pipe an error (EPIPE) instead of the end of the process. Wraps signal(2) with SIG_IGN. For
// programs: a library must leave its process's handlers alone.
void cs_ignore_broken_pipes(void);

CS_END
#endif
