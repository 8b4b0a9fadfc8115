// The files that Unix sockets leave behind.
#ifndef CSOCKETS_FILE_H
#define CSOCKETS_FILE_H

#include "base.h"

#include <sys/stat.h>
#include <unistd.h>

CS_BEGIN

// What tells one file from every other, and a socket's file from the rest; `result` is 0, or -errno.
struct cs_file_identity {
  int result;
  int is_socket;
  uint64_t device;
  uint64_t inode;
};

// The identity of the file at a path, a symbolic link not followed. Wraps lstat(2).
CS_INLINE struct cs_file_identity cs_file_at(const char *path) {
  struct stat status;
  struct cs_file_identity file = {0, 0, 0, 0};
  if (lstat(path, &status) < 0) {
    file.result = -errno;
    return file;
  }
  file.is_socket = S_ISSOCK(status.st_mode);
  file.device = (uint64_t)status.st_dev;
  file.inode = (uint64_t)status.st_ino;
  return file;
}

// Removes a file. Wraps unlink(2); returns 0, or -errno.
CS_INLINE int cs_remove_file(const char *path) {
  int done = unlink(path);
  return CS_RESULT(done);
}

CS_END
#endif
