#include "csockets/loop.h"

#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <sys/timerfd.h>
#endif

__thread void *cs_loop_of_thread __attribute__((tls_model("initial-exec")));

int cs_processor_count(void) {
#ifdef __linux__
  // Room for 8,192 processors. The call itself says how many bytes it has filled; the C library's does not, and wants
  // macros that are not everywhere.
  unsigned long mask[8192 / (8 * sizeof(unsigned long))];
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long word = 0; word < bytes / (long)sizeof mask[0]; word++)
    count += __builtin_popcountl(mask[word]);
  if (count > 0) return count;
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

int cs_timer_create(void) {
#ifdef __linux__
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  return CS_RESULT(fd);
#else
  return -ENOSYS;
#endif
}

int cs_timer_set(int timer, int64_t nanoseconds) {
#ifdef __linux__
  struct itimerspec moment;
  moment.it_interval.tv_sec = 0;
  moment.it_interval.tv_nsec = 0;
  moment.it_value.tv_sec = (time_t)(nanoseconds / 1000000000);
  moment.it_value.tv_nsec = (long)(nanoseconds % 1000000000);
  int done = timerfd_settime(timer, TFD_TIMER_ABSTIME, &moment, NULL);
  return CS_RESULT(done);
#else
  (void)timer, (void)nanoseconds;
  return -ENOSYS;
#endif
}
