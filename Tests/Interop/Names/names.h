#include <csockets/base.h>
#include <netinet/in.h>
#include <stdint.h>

struct clock_time {
  int64_t nanoseconds;
};

CS_SWIFT_NAME(clock_time.init(seconds:))
static inline struct clock_time clock_time_of(int64_t seconds) {
  struct clock_time time = {seconds * 1000000000};
  return time;
}

CS_SWIFT_NAME(getter:clock_time.seconds(self:))
static inline int64_t clock_time_seconds(const struct clock_time *_Nonnull time) {
  return time->nanoseconds / 1000000000;
}

CS_SWIFT_NAME(clock_time.sum(self:_:))
static inline struct clock_time clock_time_sum(struct clock_time time, struct clock_time other) {
  time.nanoseconds += other.nanoseconds;
  return time;
}

CS_SWIFT_NAME(getter:sockaddr_in.port(self:))
static inline in_port_t sockaddr_in_port(const struct sockaddr_in *_Nonnull address) {
  return ntohs(address->sin_port);
}

CS_SWIFT_NAME(setter:sockaddr_in.port(self:newValue:))
static inline void sockaddr_in_set_port(struct sockaddr_in *_Nonnull address, in_port_t port) {
  address->sin_port = htons(port);
}
