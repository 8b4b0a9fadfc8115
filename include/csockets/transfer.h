// Bytes that go from a file to a socket, or from a socket to a socket, without passing through the process. No call
// here raises SIGPIPE, which these system calls have no flag against.
#ifndef CSOCKETS_TRANSFER_H
#define CSOCKETS_TRANSFER_H

#include "base.h"
#include "descriptor.h"

CS_BEGIN

#ifdef __linux__
static const int CS_MSG_ZEROCOPY = 0x4000000;  // MSG_ZEROCOPY, which the header shows only with _GNU_SOURCE.
#else
static const int CS_MSG_ZEROCOPY = 0;  // SO_ZEROCOPY cannot be set there.
#endif

// Sends up to `count` bytes of a file, from an offset on. Wraps sendfile(2), with SIGPIPE held back in this thread for
// as long as it takes; returns how many bytes were taken, 0 at the file's end, or -errno (-ENOSYS on systems other than
// Linux).
ssize_t cs_sendfile(int fd, int file, int64_t offset, size_t count);

// Makes a pipe, both ends close-on-exec, that holds about so many bytes: `first` is the end to read from. Wraps
// pipe2(2) and fcntl(2) with F_SETPIPE_SZ; `result` is 0, or -errno (-ENOSYS on systems other than Linux).
struct cs_pair cs_pipe(size_t capacity);

// Moves up to `count` bytes from a socket into a pipe that is empty, or from a pipe that has as many into a socket:
// what waits then is the socket, by its own mode. Wraps splice(2), with SIGPIPE held back in this thread for as long as
// it takes; returns how many bytes were moved, 0 at the end of a stream, or -errno
// (-ENOSYS on systems other than Linux).
ssize_t cs_splice(int from, int to, size_t count);

CS_END
#endif
