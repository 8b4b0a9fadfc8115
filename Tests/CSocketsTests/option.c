// Socket options of each layout.
#include "check.h"

static void test_int(int fd) {
  struct cs_int_option option = cs_get_int(fd, SOL_SOCKET, SO_REUSEADDR);
  EQUAL(option.result, 0);
  EQUAL(option.value, 0);
  EQUAL(cs_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1), 0);
  EQUAL(cs_get_int(fd, SOL_SOCKET, SO_REUSEADDR).value, 1);
  EQUAL(cs_set_int(fd, CS_IPPROTO_TCP, TCP_NODELAY, 1), 0);
  EQUAL(cs_get_int(fd, CS_IPPROTO_TCP, TCP_NODELAY).value, 1);
  EQUAL(cs_set_int(fd, SOL_SOCKET, SO_SNDBUF, 20000), 0);
  EQUAL(cs_get_int(fd, SOL_SOCKET, SO_SNDBUF).value, 40000);  // The kernel doubles it. See socket(7).

  EQUAL(cs_get_int(fd, SOL_SOCKET, SO_TYPE).value, SOCK_STREAM);
  EQUAL(cs_get_int(fd, SOL_SOCKET, CS_SO_DOMAIN).value, AF_INET);
  EQUAL(cs_get_int(fd, SOL_SOCKET, CS_SO_PROTOCOL).value, CS_IPPROTO_TCP);
  EQUAL(cs_get_int(fd, SOL_SOCKET, SO_ERROR).value, 0);

  EQUAL(cs_set_int(fd, SOL_SOCKET, -1, 1), -ENOPROTOOPT);
  option = cs_get_int(fd, SOL_SOCKET, -1);
  EQUAL(option.result, -ENOPROTOOPT);
  EQUAL(option.value, 0);
  EQUAL(cs_set_int(fd, SOL_SOCKET, SO_TYPE, SOCK_DGRAM), -ENOPROTOOPT);
}

static void test_linger(int fd) {
  struct cs_linger_option option = cs_get_linger(fd, SOL_SOCKET, SO_LINGER);
  EQUAL(option.result, 0);
  EQUAL(option.on, 0);
  EQUAL(cs_set_linger(fd, SOL_SOCKET, SO_LINGER, 1, 5), 0);
  option = cs_get_linger(fd, SOL_SOCKET, SO_LINGER);
  EQUAL(option.result, 0);
  EQUAL(option.on, 1);
  EQUAL(option.seconds, 5);
  EQUAL(cs_set_linger(fd, SOL_SOCKET, SO_LINGER, 0, 0), 0);
  EQUAL(cs_get_linger(fd, SOL_SOCKET, SO_LINGER).on, 0);
}

static void test_time(int fd) {
  EQUAL(cs_get_time(fd, SOL_SOCKET, SO_RCVTIMEO).result, 0);
  EQUAL(cs_get_time(fd, SOL_SOCKET, SO_RCVTIMEO).microseconds, 0);
  EQUAL(cs_set_time(fd, SOL_SOCKET, SO_RCVTIMEO, 2500000), 0);
  EQUAL(cs_get_time(fd, SOL_SOCKET, SO_RCVTIMEO).microseconds, 2500000);
  EQUAL(cs_set_time(fd, SOL_SOCKET, SO_SNDTIMEO, 7000000), 0);
  EQUAL(cs_get_time(fd, SOL_SOCKET, SO_SNDTIMEO).microseconds, 7000000);
  EQUAL(cs_set_time(fd, SOL_SOCKET, SO_RCVTIMEO, 0), 0);
  EQUAL(cs_get_time(fd, SOL_SOCKET, SO_RCVTIMEO).microseconds, 0);
  EQUAL(cs_set_time(fd, SOL_SOCKET, SO_RCVTIMEO, -1), -EDOM);
}

// The limit ends a wait, and not before its time.
static void test_time_limit(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  uint8_t byte;
  EQUAL(cs_set_time(pair.first, SOL_SOCKET, SO_RCVTIMEO, 20000), 0);
  int64_t start = cs_monotonic_nanoseconds();
  EQUAL(cs_recv(pair.first, &byte, 1, 0), -EAGAIN);
  CHECK(cs_monotonic_nanoseconds() - start >= 10000000);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}

static void test_bytes(int fd) {
  char name[32];
  EQUAL(cs_set_bytes(fd, IPPROTO_TCP, CS_TCP_CONGESTION, "reno", 4), 0);
  CHECK(cs_get_bytes(fd, IPPROTO_TCP, CS_TCP_CONGESTION, name, sizeof name) >= 5);
  EQUAL(strcmp(name, "reno"), 0);
  EQUAL(cs_set_bytes(fd, IPPROTO_TCP, CS_TCP_CONGESTION, "none", 4), -ENOENT);
  EQUAL(cs_get_bytes(fd, SOL_SOCKET, -1, name, sizeof name), -ENOPROTOOPT);
  // Nobody has sent this connection elsewhere.
  CHECK(cs_get_address(fd, IPPROTO_IP, CS_SO_ORIGINAL_DST).result < 0);
}

// A filter that takes nothing, and one that takes the first three bytes.
static void test_filter(void) {
  struct cs_pair pair = cs_socketpair(SOCK_DGRAM);
  const struct cs_filter_instruction nothing[] = {{0x06, 0, 0, 0}}, some[] = {{0x06, 0, 0, 3}};
  uint8_t bytes[8];
  EQUAL(cs_set_filter(pair.second, SOL_SOCKET, CS_SO_ATTACH_FILTER, nothing, 1), 0);
  ssize_t sent = cs_send(pair.first, (const uint8_t *)"lost", 4, 0);
  CHECK(sent == 4 || sent == -EPERM);  // Kernels differ in whether they tell.
  EQUAL(cs_recv(pair.second, bytes, sizeof bytes, MSG_DONTWAIT), -EAGAIN);
  EQUAL(cs_set_filter(pair.second, SOL_SOCKET, CS_SO_ATTACH_FILTER, some, 1), 0);
  EQUAL(cs_send(pair.first, (const uint8_t *)"abcdef", 6, 0), 6);
  EQUAL(cs_recv(pair.second, bytes, sizeof bytes, 0), 3);
  EQUAL(cs_set_filter(pair.second, SOL_SOCKET, CS_SO_ATTACH_FILTER, nothing, 0), -EINVAL);
  EQUAL(cs_set_filter(pair.second, SOL_SOCKET, CS_SO_ATTACH_FILTER, nothing, 65536), -EINVAL);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}

static void test_memberships(void) {
  uint32_t loopback = cs_interface_index("lo");
  int fd = cs_socket(AF_INET, SOCK_DGRAM, 0);
  const uint32_t group = 0xe9fc0001;  // 233.252.0.1, for documentation.
  EQUAL(cs_set_ipv4_membership(fd, IP_ADD_MEMBERSHIP, group, 0, loopback), 0);
  EQUAL(cs_set_ipv4_membership(fd, IP_ADD_MEMBERSHIP, group, 0, loopback), -EADDRINUSE);
  EQUAL(cs_set_ipv4_membership(fd, IP_DROP_MEMBERSHIP, group, 0, loopback), 0);
  EQUAL(cs_set_ipv4_membership(fd, IP_ADD_MEMBERSHIP, group, INADDR_LOOPBACK, 0), 0);
  EQUAL(cs_set_ipv4_membership(fd, IP_DROP_MEMBERSHIP, group, INADDR_LOOPBACK, 0), 0);
  EQUAL(cs_set_ipv4_membership(fd, IP_DROP_MEMBERSHIP, group, INADDR_LOOPBACK, 0), -EADDRNOTAVAIL);
  struct cs_address address = cs_address_ipv4(group, 0), source = cs_address_ipv4(INADDR_LOOPBACK, 0);
  EQUAL(cs_set_source_membership(fd, MCAST_JOIN_SOURCE_GROUP, address, source, loopback), 0);
  EQUAL(cs_set_source_membership(fd, MCAST_LEAVE_SOURCE_GROUP, address, source, loopback), 0);
  EQUAL(cs_close(fd), 0);

  fd = cs_socket(AF_INET6, SOCK_DGRAM, 0);
  if (fd == -EAFNOSUPPORT) return;
  struct cs_ipv6 group6 = {0xff01000000000000, 0x1234};  // On this interface alone.
  int joined = cs_set_ipv6_membership(fd, IPV6_JOIN_GROUP, group6, loopback);
  if (joined == 0) {
    EQUAL(cs_set_ipv6_membership(fd, IPV6_JOIN_GROUP, group6, loopback), -EADDRINUSE);
    EQUAL(cs_set_ipv6_membership(fd, IPV6_LEAVE_GROUP, group6, loopback), 0);
    EQUAL(cs_set_ipv6_membership(fd, IPV6_LEAVE_GROUP, group6, loopback), -EADDRNOTAVAIL);
  } else {
    EQUAL(joined, -ENODEV);  // IPv6 is off there.
  }
  EQUAL(cs_close(fd), 0);
}

static void test_tcp_info(int fd) {
  struct cs_tcp_info_option option = cs_get_tcp_info(fd);
  EQUAL(option.result, 0);
  EQUAL(option.info.state, 7);  // TCP_CLOSE: it has not been connected.
  EQUAL(cs_get_tcp_info(-1).result, -EBADF);
}

void test_option(void) {
  int fd = cs_socket(AF_INET, SOCK_STREAM, 0);
  test_int(fd);
  test_linger(fd);
  test_time(fd);
  test_bytes(fd);
  test_tcp_info(fd);
  EQUAL(cs_close(fd), 0);
  test_time_limit();
  test_filter();
  test_memberships();
}
