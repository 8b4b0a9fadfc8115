// The clock that deadlines are measured by.
#ifndef CSOCKETS_CLOCK_H
#define CSOCKETS_CLOCK_H

#include "base.h"

#include <time.h>

CS_BEGIN

// Nanoseconds on the monotonic clock, which no change of the date moves. Wraps clock_gettime(2) with CLOCK_MONOTONIC,
// which cannot fail with that clock and a valid pointer.
CS_INLINE int64_t cs_monotonic_nanoseconds(void) {
  struct timespec now = {0, 0};
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

CS_END
#endif
