// What a service manager tells a process: variables of the environment, and whom they are meant for.
#ifndef CSOCKETS_SERVICE_H
#define CSOCKETS_SERVICE_H

#include "base.h"

#include <stdlib.h>
#include <unistd.h>

CS_BEGIN

// The value of a variable of the environment. Wraps getenv(3); returns NULL where there is no such variable. It stays
// valid until somebody changes the environment.
// NOLINTNEXTLINE(concurrency-mt-unsafe): who calls it says when: before other threads change the environment.
CS_INLINE const char *_Nullable cs_getenv(const char *name) { return getenv(name); }

// Removes a variable from the environment. Wraps unsetenv(3); returns 0, or -errno. Not while another thread uses the
// environment.
CS_INLINE int cs_unsetenv(const char *name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): as the comment above says, before other threads use it.
  int done = unsetenv(name);
  return CS_RESULT(done);
}

// This process's number. Wraps getpid(2), which cannot fail.
CS_INLINE pid_t cs_process_number(void) { return getpid(); }

// A number of this process that no other process will ever have, as its number may: the inode of its pidfd. Wraps
// pidfd_open(2), fstatfs(2) and fstat(2); returns it in `*identity` and 0, or -errno (-EOPNOTSUPP where inodes are not
// that, before Linux 6.9; -ENOSYS on other systems).
int cs_process_identity(uint64_t *identity);

CS_END
#endif
