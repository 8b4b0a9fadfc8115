// How much waits in a socket's queues.
#ifndef CSOCKETS_QUEUE_H
#define CSOCKETS_QUEUE_H

#include "base.h"

#include <sys/ioctl.h>

CS_BEGIN

// How many bytes wait to be received; of datagrams, how many the next one has. Wraps ioctl(2) with FIONREAD; returns
// them, or -errno.
CS_INLINE int cs_receive_queue(int fd) {
  int bytes = 0;
  int done = ioctl(fd, FIONREAD, &bytes);
  return done < 0 ? -errno : bytes;
}

// How many bytes have been sent and not acknowledged, or taken by the device. Wraps ioctl(2) with SIOCOUTQ; returns
// them, or -errno.
CS_INLINE int cs_send_queue(int fd) {
  int bytes = 0;
  int done = ioctl(fd, TIOCOUTQ, &bytes);
  return done < 0 ? -errno : bytes;
}

// How many of those have not gone out yet. Wraps ioctl(2) with SIOCOUTQNSD; returns them, or -errno (-ENOTTY on systems
// other than Linux).
CS_INLINE int cs_unsent_queue(int fd) {
#ifdef __linux__
  int bytes = 0;
  int done = ioctl(fd, 0x894B, &bytes);  // SIOCOUTQNSD, of a header that is not in every libc.
  return done < 0 ? -errno : bytes;
#else
  (void)fd;
  return -ENOTTY;
#endif
}

CS_END
#endif
