// Socket options, one pair of helpers for each way their values are laid out.
#ifndef CSOCKETS_OPTION_H
#define CSOCKETS_OPTION_H

#include "address.h"
#include "base.h"
#include "option_names.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

CS_BEGIN

// Levels: an enumeration on one system, macros on the next.
static const int CS_IPPROTO_IP = IPPROTO_IP;
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

// An address that was asked for; `result` is 0, or -errno.
struct cs_named_option {
  int result;
  struct cs_address address;
};

// A process at the other end of a Unix socket: what Linux calls a struct ucred, which its header hides.
struct cs_peer_process {
  int32_t process;
  uint32_t user;
  uint32_t group;
};

// Memory that a socket uses, in bytes, and datagrams that it has dropped, in the order of SO_MEMINFO.
struct cs_memory_info {
  uint32_t receive_allocated;
  uint32_t receive_limit;
  uint32_t send_allocated;
  uint32_t send_limit;
  uint32_t forward_allocated;
  uint32_t send_queued;
  uint32_t options;
  uint32_t backlog;
  uint32_t dropped;
};

// A clock and flags: what Linux calls a struct sock_txtime.
struct cs_transmit_time {
  int32_t clock;
  uint32_t flags;
};

// One instruction of a classic BPF program: what Linux calls a struct sock_filter.
struct cs_filter_instruction {
  uint16_t code;
  uint8_t jump_if_true;
  uint8_t jump_if_false;
  uint32_t operand;
};

// Sets an option whose value is an int. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_int(int fd, int level, int name, int value) {
  int done = setsockopt(fd, level, name, &value, sizeof value);
  return CS_RESULT(done);
}

// Reads an option whose value is an int. Wraps getsockopt(2); returns it, or -errno in `result`.
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

// Reads an option whose value is a `struct linger`. Wraps getsockopt(2); returns it, or -errno in `result`.
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

// Reads an option whose value is a `struct timeval`. Wraps getsockopt(2); returns it, or -errno in `result`.
CS_INLINE struct cs_time_option cs_get_time(int fd, int level, int name) {
  struct timeval value;
  memset(&value, 0, sizeof value);
  socklen_t length = sizeof value;
  int done = getsockopt(fd, level, name, &value, &length);
  struct cs_time_option option = {CS_RESULT(done), (int64_t)value.tv_sec * 1000000 + (int64_t)value.tv_usec};
  return option;
}

// Sets an option of any layout. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_bytes(int fd, int level, int name, const void *_Nullable value, size_t length) {
  int done = setsockopt(fd, level, name, value, (socklen_t)length);
  return CS_RESULT(done);
}

// Reads an option of any layout, at most `capacity` bytes of it. Wraps getsockopt(2); returns how many bytes were
// stored, or -errno (-ERANGE where SO_PEERGROUPS wants more room).
CS_INLINE int cs_get_bytes(int fd, int level, int name, void *_Nullable value, size_t capacity) {
  socklen_t length = (socklen_t)capacity;
  int done = getsockopt(fd, level, name, value, &length);
  return done < 0 ? -errno : (int)length;
}

// Reads an option whose value is an address (SO_ORIGINAL_DST). Wraps getsockopt(2); returns it, or -errno in `result`.
CS_INLINE struct cs_named_option cs_get_address(int fd, int level, int name) {
  struct cs_named_option option;
  option.address.length = sizeof option.address.as;
  int done = getsockopt(fd, level, name, &option.address.as, &option.address.length);
  option.result = CS_RESULT(done);
  return option;
}

// Runs a program over what is received (SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF). Wraps setsockopt(2); returns 0, or
// -errno.
CS_INLINE int cs_set_filter(int fd, int level, int name, const struct cs_filter_instruction *_Nullable program,
                            size_t count) {
  // What the kernel calls a struct sock_fprog; its header is not on every system.
  struct {
    unsigned short count;
    const struct cs_filter_instruction *_Nullable program;
  } value = {(unsigned short)count, program};
  if (count > 65535) return -EINVAL;
  return cs_set_bytes(fd, level, name, &value, sizeof value);
}

// The multicast group `group` on the interface with this index, or with this address where the index is 0. See ip(7).
#ifdef __linux__
typedef struct ip_mreqn cs_ipv4_membership;
#else
typedef struct ip_mreq cs_ipv4_membership;
#endif

// Joins or leaves an IPv4 multicast group (IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP): addresses in host byte order, an
// interface by its index, or where that is 0 by its address. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_ipv4_membership(int fd, int name, uint32_t group, uint32_t interface_address,
                                     uint32_t interface_index) {
  cs_ipv4_membership membership;
  memset(&membership, 0, sizeof membership);
  membership.imr_multiaddr.s_addr = htonl(group);
#ifdef __linux__
  membership.imr_address.s_addr = htonl(interface_address);
  membership.imr_ifindex = (int)interface_index;
#else
  if (interface_index != 0) return -EOPNOTSUPP;  // Only an address names an interface here.
  membership.imr_interface.s_addr = htonl(interface_address);
#endif
  return cs_set_bytes(fd, IPPROTO_IP, name, &membership, sizeof membership);
}

// Joins or leaves an IPv6 multicast group (IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP) on the interface with this index, or on
// one of the kernel's choice where it is 0. Wraps setsockopt(2); returns 0, or -errno.
CS_INLINE int cs_set_ipv6_membership(int fd, int name, struct cs_ipv6 group, uint32_t interface_index) {
  struct ipv6_mreq membership;
  memset(&membership, 0, sizeof membership);
  membership.ipv6mr_multiaddr = cs_address_ipv6(group, 0, 0, 0).as.in6.sin6_addr;
  membership.ipv6mr_interface = interface_index;
  return cs_set_bytes(fd, IPPROTO_IPV6, name, &membership, sizeof membership);
}

// Joins or leaves what one source sends to a multicast group of either version (MCAST_JOIN_SOURCE_GROUP,
// MCAST_LEAVE_SOURCE_GROUP) on the interface with this index. Wraps setsockopt(2) with the level that the group's
// family has; returns 0, or -errno. See RFC 3678, section 5.
CS_INLINE int cs_set_source_membership(int fd, int name, struct cs_address group, struct cs_address source,
                                       uint32_t interface_index) {
#if defined(MCAST_JOIN_SOURCE_GROUP) && !defined(__OpenBSD__)
  struct group_source_req membership;
  memset(&membership, 0, sizeof membership);
  membership.gsr_interface = interface_index;
  memcpy(&membership.gsr_group, &group.as, sizeof membership.gsr_group);
  memcpy(&membership.gsr_source, &source.as, sizeof membership.gsr_source);
  int level = cs_address_family(&group) == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  return cs_set_bytes(fd, level, name, &membership, sizeof membership);
#else
  (void)fd, (void)name, (void)group, (void)source, (void)interface_index;
  return -EOPNOTSUPP;
#endif
}

CS_END
#endif
