#include <csockets/base.h>

struct clock_time {
  long nanoseconds;
};

CS_SWIFT_NAME(clock_time.init(seconds:minutes:))
static inline struct clock_time clock_time_of(long seconds) {
  struct clock_time time = {seconds * 1000000000};
  return time;
}
