// syscall(2) is the system's own, beyond POSIX.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#include "csockets/service.h"

#ifdef __linux__
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

// The same for every architecture; older headers lack it.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#define CS_PID_FS_MAGIC 0x50494446

static int identity_of(int fd, uint64_t *identity) {
  struct statfs file_system;
  if (fstatfs(fd, &file_system) < 0) return -errno;
  // Older kernels have one inode for all of them.
  if (file_system.f_type != CS_PID_FS_MAGIC) return -EOPNOTSUPP;
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  *identity = status.st_ino;
  return 0;
}
#endif

int cs_process_identity(uint64_t *identity) {
#ifdef __linux__
  // It is close-on-exec by itself.
  int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (fd < 0) return -errno;
  int result = identity_of(fd, identity);
  close(fd);
  return result;
#else
  (void)identity;
  return -ENOSYS;
#endif
}
