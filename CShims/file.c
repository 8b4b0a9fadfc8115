// statx is a GNU extension to the header, and a plain system call.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "csockets/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif

struct cs_file_identity cs_file_at(const char *path) {
  struct cs_file_identity file = {0, 0, 0, 0, 0};
#ifdef STATX_BTIME
  struct statx status;
  if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_INO | STATX_BTIME, &status) < 0) {
    file.result = -errno;
    return file;
  }
  file.is_socket = S_ISSOCK(status.stx_mode);
  file.device = makedev(status.stx_dev_major, status.stx_dev_minor);
  file.inode = status.stx_ino;
  if (status.stx_mask & STATX_BTIME) {
    file.born = (int64_t)status.stx_btime.tv_sec * 1000000000 + status.stx_btime.tv_nsec;
  }
#else
  struct stat status;
  if (lstat(path, &status) < 0) {
    file.result = -errno;
    return file;
  }
  file.is_socket = S_ISSOCK(status.st_mode);
  file.device = (uint64_t)status.st_dev;
  file.inode = (uint64_t)status.st_ino;
#endif
  return file;
}
