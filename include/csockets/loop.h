// Event loops: which one a thread runs, how many to run, and timers that can be waited for.
#ifndef CSOCKETS_LOOP_H
#define CSOCKETS_LOOP_H

#include "base.h"

CS_BEGIN

// The loop that the calling thread runs, or NULL. Behind cs_current_loop and cs_set_current_loop. The model of its
// storage makes it a load where the default is a call; a library that is loaded late has room for a few such words.
extern __thread void *_Nullable cs_loop_of_thread __attribute__((tls_model("initial-exec")));

// The runtime of Swift's concurrency says which task the thread runs; weak, since whoever uses these headers from
// another language does not have it.
extern void *_Nullable swift_task_getCurrent(void) __attribute__((weak));

// The Swift task that the calling thread runs, as an address to compare, or NULL.
CS_INLINE const void *_Nullable cs_current_task(void) { return swift_task_getCurrent ? swift_task_getCurrent() : NULL; }

// The loop that the calling thread runs, or NULL.
CS_INLINE void *_Nullable cs_current_loop(void) { return cs_loop_of_thread; }

// Says which loop the calling thread runs. Returns the one that it was running, or NULL.
CS_INLINE void *_Nullable cs_set_current_loop(void *_Nullable loop) {
  void *before = cs_loop_of_thread;
  cs_loop_of_thread = loop;
  return before;
}

// How many processors this process may run on, at least 1. Wraps sched_getaffinity(2), or sysconf(3) where there is
// none.
int cs_processor_count(void);

// Makes a timer that is readable when its time has come, close-on-exec, on the clock of cs_monotonic_nanoseconds. Wraps
// timerfd_create(2); returns its descriptor, or -errno (-ENOSYS on systems other than Linux).
int cs_timer_create(void);

// Sets a timer to a moment in nanoseconds, from 1, or to none with 0; it is not readable until then. Wraps
// timerfd_settime(2); returns 0, or -errno.
int cs_timer_set(int timer, int64_t nanoseconds);

CS_END
#endif
