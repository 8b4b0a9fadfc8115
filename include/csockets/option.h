// Socket options, one pair of helpers for each way their values are laid out.
#ifndef CSOCKETS_OPTION_H
#define CSOCKETS_OPTION_H

#include "base.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

CS_BEGIN

// Options that not every system has: -1 is a name that every call refuses with ENOPROTOOPT.
#ifdef SO_DOMAIN
static const int CS_SO_DOMAIN = SO_DOMAIN;
#else
static const int CS_SO_DOMAIN = -1;
#endif
#ifdef SO_PROTOCOL
static const int CS_SO_PROTOCOL = SO_PROTOCOL;
#else
static const int CS_SO_PROTOCOL = -1;
#endif
static const int CS_IPPROTO_TCP = IPPROTO_TCP;
static const int CS_IPPROTO_UDP = IPPROTO_UDP;
static const int CS_IPPROTO_IPV6 = IPPROTO_IPV6;

// A number that was asked for; `result` is 0, or -errno.
struct cs_int_option {
  int result;
  int value;
};

// How close treats unsent bytes; `result` is 0, or -errno.
struct cs_linger_option {
  int result;
  int on;
  int seconds;
};

// A length of time; `result` is 0, or -errno.
struct cs_time_option {
  int result;
  int64_t microseconds;
};

// Sets an option whose value is an int. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_int(int fd, int level, int name, int value) {
  int done = setsockopt(fd, level, name, &value, sizeof value);
  return CS_RESULT(done);
}

// Reads an option whose value is an int. Wraps getsockopt(2).
CS_INLINE struct cs_int_option cs_get_int(int fd, int level, int name) {
  struct cs_int_option option = {0, 0};
  socklen_t length = sizeof option.value;
  int done = getsockopt(fd, level, name, &option.value, &length);
  option.result = CS_RESULT(done);
  return option;
}

// Sets an option whose value is a `struct linger`. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_linger(int fd, int level, int name, int on, int seconds) {
  struct linger value;
  value.l_onoff = on;
  value.l_linger = seconds;
  int done = setsockopt(fd, level, name, &value, sizeof value);
  return CS_RESULT(done);
}

// Reads an option whose value is a `struct linger`. Wraps getsockopt(2).
CS_INLINE struct cs_linger_option cs_get_linger(int fd, int level, int name) {
  struct linger value = {0, 0};
  socklen_t length = sizeof value;
  int done = getsockopt(fd, level, name, &value, &length);
  struct cs_linger_option option = {CS_RESULT(done), value.l_onoff, value.l_linger};
  return option;
}

// Sets an option whose value is a `struct timeval`; 0 means no limit. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_time(int fd, int level, int name, int64_t microseconds) {
  struct timeval value;
  memset(&value, 0, sizeof value);
  value.tv_sec = microseconds / 1000000;
  value.tv_usec = microseconds % 1000000;
  int done = setsockopt(fd, level, name, &value, sizeof value);
  return CS_RESULT(done);
}

// Reads an option whose value is a `struct timeval`. Wraps getsockopt(2).
CS_INLINE struct cs_time_option cs_get_time(int fd, int level, int name) {
  struct timeval value;
  memset(&value, 0, sizeof value);
  socklen_t length = sizeof value;
  int done = getsockopt(fd, level, name, &value, &length);
  struct cs_time_option option = {CS_RESULT(done), (int64_t)value.tv_sec * 1000000 + (int64_t)value.tv_usec};
  return option;
}

CS_END
#endif
