// What a program around the sockets needs of its process: standard streams, files, threads, signals, limits and times.
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

// Opens a file to be written from its beginning, made where there is none and emptied where there is one,
// close-on-exec. Wraps open(2); returns its descriptor, or -errno.
int cs_create_file(const char *path);

// Allows this process as many descriptors as it may allow itself: the soft limit becomes the hard one. Wraps
// getrlimit(2) and setrlimit(2) with RLIMIT_NOFILE; returns how many, INT64_MAX for no limit, or -errno.
int64_t cs_raise_descriptor_limit(void);

// How long a process, 0 for this one, has been on a processor, in nanoseconds; threads that have ended count too. Wraps
// clock_getcpuclockid(3) and clock_gettime(2); returns it, or -errno (-ESRCH where there is no such process, -ENOSYS on
// a system without such clocks).
int64_t cs_process_time_nanoseconds(pid_t process);

// Whether two ranges have the same bytes. Wraps memcmp(3); returns 1 or 0.
CS_INLINE int cs_equal_bytes(const uint8_t *_Nullable __counted_by(left_count) left __noescape, size_t left_count,
                             const uint8_t *_Nullable __counted_by(right_count) right __noescape, size_t right_count) {
  return left_count == right_count && (left_count == 0 || memcmp(left, right, left_count) == 0);
}

// Starts a thread that nobody joins. Wraps pthread_create(3) with PTHREAD_CREATE_DETACHED; returns 0, or -errno.
int cs_thread_start(size_t stack_bytes, void (*body)(void *_Nonnull context), void *context);

// From here on each SIGINT and SIGTERM does nothing but write its number, a byte, to a descriptor, which is made
// non-blocking and has to stay open; this thread and those it starts do not block them. (A thread that waits in
// sigwait(3) would do it too; but a process with one thread gets by without what the kernel and the C library need for
// several, in every call.) Wraps sigaction(2) and pthread_sigmask(3); returns 0, or -errno. For programs: a library
// must leave its process's handlers alone.
int cs_tell_termination_signals(int fd);

// Makes writing to a closed pipe an error (EPIPE) instead of the end of the process. Wraps signal(2) with SIG_IGN. For
// programs: a library must leave its process's handlers alone.
void cs_ignore_broken_pipes(void);

CS_END
#endif
