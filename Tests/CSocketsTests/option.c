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

void test_option(void) {
  int fd = cs_socket(AF_INET, SOCK_STREAM, 0);
  test_int(fd);
  test_linger(fd);
  test_time(fd);
  EQUAL(cs_close(fd), 0);
  test_time_limit();
}
