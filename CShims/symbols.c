// One real symbol for each inline helper, for languages that cannot read a C header, and the layouts that the helpers
// rely on, checked when they are compiled; some of those the system's headers show only with _GNU_SOURCE.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#define CS_INLINE
#include "csockets.h"

_Static_assert(offsetof(struct sockaddr_in, sin_family) == offsetof(struct sockaddr, sa_family), "family of IPv4");
_Static_assert(offsetof(struct sockaddr_in6, sin6_family) == offsetof(struct sockaddr, sa_family), "family of IPv6");
_Static_assert(offsetof(struct sockaddr_un, sun_family) == offsetof(struct sockaddr, sa_family), "family of Unix");
_Static_assert(offsetof(struct sockaddr_storage, ss_family) == offsetof(struct sockaddr, sa_family), "family of all");
_Static_assert(sizeof(union cs_sockaddr) == sizeof(struct sockaddr_storage), "the storage holds every family");
_Static_assert(sizeof(struct in6_addr) == sizeof(struct cs_ipv6), "an IPv6 address is two 64-bit numbers");
#ifdef __linux__
_Static_assert(sizeof(struct cs_datagram) == sizeof(struct mmsghdr), "the size of a datagram of a batch");
_Static_assert(offsetof(struct cs_datagram, length) == offsetof(struct mmsghdr, msg_len), "the length of a datagram");
_Static_assert(CS_UNIX_CAPACITY == 108, "the length of a Unix name");
_Static_assert(POLLIN == EPOLLIN && POLLPRI == EPOLLPRI && POLLOUT == EPOLLOUT, "poll asks in epoll's numbers");
_Static_assert(POLLERR == EPOLLERR && POLLHUP == EPOLLHUP, "poll answers in epoll's numbers");
_Static_assert(EPOLLRDHUP == 0x2000, "the number of RDHUP");
#endif
