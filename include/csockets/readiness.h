// Waiting for sockets: poll, epoll and select. A timeout is in nanoseconds; a negative one waits for ever.
#ifndef CSOCKETS_READINESS_H
#define CSOCKETS_READINESS_H

#include "base.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

CS_BEGIN

// What to wait for and what was found, in poll's numbers, which are epoll's too on Linux.
static const uint32_t CS_POLLIN = POLLIN;
static const uint32_t CS_POLLPRI = POLLPRI;
static const uint32_t CS_POLLOUT = POLLOUT;
static const uint32_t CS_POLLERR = POLLERR;
static const uint32_t CS_POLLHUP = POLLHUP;
static const uint32_t CS_POLLNVAL = POLLNVAL;
#ifdef __linux__
static const uint32_t CS_POLLRDHUP = 0x2000;  // POLLRDHUP, which the header shows only with _GNU_SOURCE.
#elif defined(POLLRDHUP)
static const uint32_t CS_POLLRDHUP = POLLRDHUP;
#else
static const uint32_t CS_POLLRDHUP = 0;
#endif

// The milliseconds to give to a call that counts in them: rounded up, so that no wait ends early and then spins.
CS_INLINE int cs_timeout_milliseconds(int64_t nanoseconds) {
  if (nanoseconds < 0) return -1;
  int64_t milliseconds = nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
  return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

#if defined(__linux__) && !defined(_GNU_SOURCE)
extern int ppoll(struct pollfd *_Nullable fds, nfds_t count, const struct timespec *_Nullable timeout,
                 const sigset_t *_Nullable mask);
#endif

// Waits for any of several descriptors. Wraps ppoll(2), or poll(2) to the millisecond where there is none; returns how
// many have something to say, 0 when the time was over, or -errno.
CS_INLINE int cs_poll(struct pollfd *_Nullable fds, size_t count, int64_t nanoseconds) {
#if defined(__linux__)
  struct timespec timeout;
  timeout.tv_sec = (time_t)(nanoseconds / 1000000000);
  timeout.tv_nsec = (long)(nanoseconds % 1000000000);
  int ready = ppoll(fds, (nfds_t)count, nanoseconds < 0 ? NULL : &timeout, NULL);
#else
  int ready = poll(fds, (nfds_t)count, cs_timeout_milliseconds(nanoseconds));
#endif
  return CS_RESULT(ready);
}

// Waits for one descriptor. Wraps ppoll(2); returns what was found (CS_POLLIN and the others), 0 when the time was
// over, or -errno. A number that is no open descriptor is -EBADF; poll itself passes over one below 0.
CS_INLINE int cs_poll_one(int fd, uint32_t events, int64_t nanoseconds) {
  if (fd < 0) return -EBADF;
  struct pollfd one = {fd, (short)events, 0};
  int ready = cs_poll(&one, 1, nanoseconds);
  if (ready <= 0) return ready;
  return (one.revents & POLLNVAL) ? -EBADF : (int)(unsigned short)one.revents;
}

#ifdef __linux__
typedef struct epoll_event cs_epoll_event;
static const uint32_t CS_EPOLLET = 1u << 31;  // EPOLLET, spelled so that it is unsigned on every compiler.
enum { CS_EPOLL_ADD = EPOLL_CTL_ADD, CS_EPOLL_MODIFY = EPOLL_CTL_MOD, CS_EPOLL_REMOVE = EPOLL_CTL_DEL };
#else
typedef struct cs_epoll_event {
  uint32_t events;
  union {
    uint64_t u64;
  } data;
} cs_epoll_event;
static const uint32_t CS_EPOLLET = 0;
enum { CS_EPOLL_ADD, CS_EPOLL_MODIFY, CS_EPOLL_REMOVE };
#endif

// Makes an epoll instance, close-on-exec. Wraps epoll_create1(2); returns its descriptor, or -errno (-ENOSYS on a
// system without epoll, as all of these).
CS_INLINE int cs_epoll_create(void) {
#ifdef __linux__
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return CS_RESULT(fd);
#else
  return -ENOSYS;
#endif
}

// Adds, changes or removes one descriptor. Wraps epoll_ctl(2); returns 0, or -errno.
CS_INLINE int cs_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
#ifdef __linux__
  struct epoll_event event;
  event.events = events;
  event.data.u64 = token;
  int done = epoll_ctl(epoll, operation, fd, &event);
  return CS_RESULT(done);
#else
  (void)epoll, (void)operation, (void)fd, (void)events, (void)token;
  return -ENOSYS;
#endif
}

#ifdef __linux__
// The kernel's own form of a time, and the call's number, which every architecture has in common: the C library that
// knows the call is newer than the kernel that does.
struct cs_kernel_time {
  int64_t seconds;
  int64_t nanoseconds;
};
enum { CS_SYS_EPOLL_PWAIT2 = 441 };
#endif

// Waits for events. Wraps epoll_wait(2) where the timeout is whole milliseconds, and epoll_pwait2(2) where it is not;
// on a kernel without that (before Linux 5.11), the former, with the timeout rounded up. Returns how many were stored,
// 0 when the time was over, or -errno.
CS_INLINE int cs_epoll_wait(int epoll, cs_epoll_event *events, int capacity, int64_t nanoseconds) {
#ifdef __linux__
  if (nanoseconds > 0 && nanoseconds % 1000000 != 0) {
    struct cs_kernel_time timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    int stored = (int)syscall(CS_SYS_EPOLL_PWAIT2, epoll, events, capacity, &timeout, NULL, 0);
    // A filter of system calls that does not know this one may say EPERM.
    if (stored >= 0 || (errno != ENOSYS && errno != EPERM)) return CS_RESULT(stored);
  }
  int stored = epoll_wait(epoll, events, capacity, cs_timeout_milliseconds(nanoseconds));
  return CS_RESULT(stored);
#else
  (void)epoll, (void)events, (void)capacity, (void)nanoseconds;
  return -ENOSYS;
#endif
}

// The token that a descriptor was added with. (One member of a packed union, whose other readings are for others.)
CS_INLINE uint64_t cs_epoll_token(const cs_epoll_event *event) { return event->data.u64; }

// A set of descriptors for select, as an object of its own: FD_SET and the others are macros without a bounds check.
struct cs_descriptor_set {
  fd_set set;
};

// How many descriptors a set holds: numbers from 0 to below this.
static const int CS_DESCRIPTOR_SET_SIZE = FD_SETSIZE;

// Returns an empty set. Wraps FD_ZERO.
CS_SWIFT_NAME(cs_descriptor_set.empty())
CS_INLINE struct cs_descriptor_set cs_descriptor_set_empty(void) {
  struct cs_descriptor_set empty;
  FD_ZERO(&empty.set);
  return empty;
}

// Adds a descriptor. Wraps FD_SET; returns 0, or -EINVAL for a number that the set cannot hold.
CS_INLINE int cs_descriptor_set_insert(struct cs_descriptor_set *set, int fd) {
  if (fd < 0 || fd >= FD_SETSIZE) return -EINVAL;
  FD_SET(fd, &set->set);
  return 0;
}

// Takes a descriptor out. Wraps FD_CLR; a number that the set cannot hold is not in it.
CS_INLINE void cs_descriptor_set_remove(struct cs_descriptor_set *set, int fd) {
  if (fd >= 0 && fd < FD_SETSIZE) FD_CLR(fd, &set->set);
}

// Whether a descriptor is in the set. Wraps FD_ISSET; returns 1 or 0, and 0 for a number that the set cannot hold.
CS_INLINE int cs_descriptor_set_contains(const struct cs_descriptor_set *set, int fd) {
  return fd >= 0 && fd < FD_SETSIZE && FD_ISSET(fd, &set->set) != 0;
}

// Waits for descriptors below `count`, leaving those that are ready in the sets. Wraps pselect(2); returns how many, 0
// when the time was over, or -errno with the sets undefined.
CS_INLINE int cs_select(int count, struct cs_descriptor_set *_Nullable reading,
                        struct cs_descriptor_set *_Nullable writing, struct cs_descriptor_set *_Nullable exceptional,
                        int64_t nanoseconds) {
  struct timespec timeout;
  timeout.tv_sec = (time_t)(nanoseconds / 1000000000);
  timeout.tv_nsec = (long)(nanoseconds % 1000000000);
  int ready = pselect(count, reading ? &reading->set : NULL, writing ? &writing->set : NULL,
                      exceptional ? &exceptional->set : NULL, nanoseconds < 0 ? NULL : &timeout, NULL);
  return CS_RESULT(ready);
}

CS_END
#endif
