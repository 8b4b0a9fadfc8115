// The files that Unix sockets leave behind.
#ifndef CSOCKETS_FILE_H
#define CSOCKETS_FILE_H

#include "base.h"

#include <unistd.h>

CS_BEGIN

// What tells one file from every other, and a socket's file from the rest; `result` is 0, or -errno. The number of a
// file that is gone is given to another one, which was not born at the same moment; `born` is in nanoseconds, and 0
// where the system or the file system does not say.
struct cs_file_identity {
  int result;
  int is_socket;
  uint64_t device;
  uint64_t inode;
  int64_t born;
};

// The identity of the file at a path, a symbolic link not followed. Wraps statx(2), or lstat(2) where there is none;
// returns it, or -errno in `result`.
struct cs_file_identity cs_file_at(const char *path);

// Removes a file. Wraps unlink(2); returns 0, or -errno.
CS_INLINE int cs_remove_file(const char *path) {
  int done = unlink(path);
  return CS_RESULT(done);
}

CS_END
#endif
