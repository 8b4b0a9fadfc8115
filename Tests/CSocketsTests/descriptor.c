// Making, naming, joining and ending sockets, and the result convention: a value or -errno.
#include "check.h"

static void check_close_on_exec(int fd) {
  CHECK(fd >= 0);
  EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EQUAL(cs_get_descriptor_flags(fd), FD_CLOEXEC);
}

// Every descriptor made here, and the connection that they join.
static void test_making(void) {
  int listener = loopback_socket(SOCK_STREAM);
  check_close_on_exec(listener);
  EQUAL(cs_listen(listener, 4), 0);
  struct cs_address there = name_of(listener);

  int client = cs_socket(AF_INET, SOCK_STREAM, 0);
  EQUAL(cs_connect(client, there), 0);
  struct cs_accepted accepted = cs_accept(listener);
  check_close_on_exec(accepted.result);
  struct cs_address here = name_of(client);
  EQUAL(accepted.peer.length, here.length);
  EQUAL(memcmp(&accepted.peer.as, &here.as, here.length), 0);
  struct cs_named peer = cs_getpeername(client);
  EQUAL(peer.result, 0);
  EQUAL(peer.address.length, there.length);
  EQUAL(memcmp(&peer.address.as, &there.as, there.length), 0);

  // A duplicate is the same connection and outlives the first descriptor.
  int copy = cs_duplicate(client);
  check_close_on_exec(copy);
  CHECK(copy != client);
  EQUAL(cs_close(client), 0);
  peer = cs_getpeername(copy);
  EQUAL(peer.result, 0);

  // The end of one direction is the end of the stream for the peer, and the other direction still works.
  uint8_t byte = 7;
  EQUAL(cs_shutdown(copy, CS_SHUT_WR), 0);
  EQUAL(cs_recv(accepted.result, &byte, 1, 0), 0);
  EQUAL(cs_send(accepted.result, &byte, 1, 0), 1);
  EQUAL(cs_recv(copy, &byte, 1, 0), 1);
  EQUAL(cs_close(copy), 0);
  EQUAL(cs_close(accepted.result), 0);
  EQUAL(cs_close(listener), 0);

  const int types[] = {CS_SOCK_STREAM, CS_SOCK_DGRAM, CS_SOCK_SEQPACKET};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    struct cs_pair pair = cs_socketpair(types[i]);
    EQUAL(pair.result, 0);
    CHECK(pair.first != pair.second);
    check_close_on_exec(pair.first);
    check_close_on_exec(pair.second);
    EQUAL(cs_get_int(pair.first, SOL_SOCKET, SO_TYPE).value, types[i]);
    EQUAL(cs_close(pair.first), 0);
    EQUAL(cs_close(pair.second), 0);
  }

  int epoll = cs_epoll_create();
  check_close_on_exec(epoll);
  EQUAL(cs_close(epoll), 0);
}

static void test_flags(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  EQUAL(fcntl(pair.first, F_SETFD, 0), 0);
  EQUAL(cs_get_descriptor_flags(pair.first), 0);
  EQUAL(cs_set_close_on_exec(pair.first), 0);
  check_close_on_exec(pair.first);

  // A duplicate shares O_NONBLOCK; setting it twice changes nothing; other flags stay.
  int copy = cs_duplicate(pair.first);
  EQUAL(cs_get_nonblocking(pair.first), 0);
  EQUAL(fcntl(pair.first, F_SETFL, O_APPEND), 0);
  EQUAL(cs_set_nonblocking(pair.first, 1), 0);
  EQUAL(cs_set_nonblocking(pair.first, 1), 0);
  EQUAL(cs_get_nonblocking(pair.first), 1);
  EQUAL(cs_get_nonblocking(copy), 1);
  EQUAL(fcntl(pair.first, F_GETFL), O_RDWR | O_APPEND | O_NONBLOCK);
  uint8_t byte;
  EQUAL(cs_recv(pair.first, &byte, 1, 0), -EAGAIN);
  EQUAL(cs_set_nonblocking(copy, 0), 0);
  EQUAL(cs_get_nonblocking(pair.first), 0);
  EQUAL(fcntl(pair.first, F_GETFL), O_RDWR | O_APPEND);
  EQUAL(cs_close(copy), 0);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}

// What every helper says of a number that is no descriptor.
static void test_bad_descriptor(void) {
  struct cs_address address = cs_address_ipv4(INADDR_LOOPBACK, 1);
  uint8_t byte = 0;
  EQUAL(cs_close(-1), -EBADF);
  EQUAL(cs_get_descriptor_flags(-1), -EBADF);
  EQUAL(cs_set_close_on_exec(-1), -EBADF);
  EQUAL(cs_get_nonblocking(-1), -EBADF);
  EQUAL(cs_set_nonblocking(-1, 1), -EBADF);
  EQUAL(cs_duplicate(-1), -EBADF);
  EQUAL(cs_bind(-1, address), -EBADF);
  EQUAL(cs_listen(-1, 1), -EBADF);
  EQUAL(cs_connect(-1, address), -EBADF);
  EQUAL(cs_accept(-1).result, -EBADF);
  EQUAL(cs_shutdown(-1, CS_SHUT_RDWR), -EBADF);
  EQUAL(cs_getsockname(-1).result, -EBADF);
  EQUAL(cs_getpeername(-1).result, -EBADF);
  EQUAL(cs_send(-1, &byte, 1, 0), -EBADF);
  EQUAL(cs_sendto(-1, &byte, 1, 0, address), -EBADF);
  EQUAL(cs_recv(-1, &byte, 1, 0), -EBADF);
  EQUAL(cs_recvfrom(-1, &byte, 1, 0).result, -EBADF);
  EQUAL(cs_recvfrom(-1, &byte, 1, 0).sender.length, 0);
  EQUAL(cs_read(-1, &byte, 1), -EBADF);
  EQUAL(cs_write(-1, &byte, 1), -EBADF);
  EQUAL(cs_set_int(-1, SOL_SOCKET, SO_REUSEADDR, 1), -EBADF);
  EQUAL(cs_get_int(-1, SOL_SOCKET, SO_REUSEADDR).result, -EBADF);
  EQUAL(cs_set_linger(-1, SOL_SOCKET, SO_LINGER, 0, 0), -EBADF);
  EQUAL(cs_get_linger(-1, SOL_SOCKET, SO_LINGER).result, -EBADF);
  EQUAL(cs_set_time(-1, SOL_SOCKET, SO_RCVTIMEO, 1), -EBADF);
  EQUAL(cs_get_time(-1, SOL_SOCKET, SO_RCVTIMEO).result, -EBADF);
  EQUAL(cs_epoll_control(-1, CS_EPOLL_ADD, 0, 0, 0), -EBADF);
  cs_epoll_event event;
  EQUAL(cs_epoll_wait(-1, &event, 1, 0), -EBADF);
}

static void test_refusals(void) {
  uint8_t byte = 0;
  EQUAL(cs_socket(-1, SOCK_STREAM, 0), -EAFNOSUPPORT);
  EQUAL(cs_socket(AF_INET, 999, 0), -EINVAL);
  EQUAL(cs_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
  struct cs_pair none = cs_socketpair(999);
  EQUAL(none.result, -EINVAL);
  EQUAL(none.first, -1);
  EQUAL(none.second, -1);

  int first = loopback_socket(SOCK_STREAM);
  int second = cs_socket(AF_INET, SOCK_STREAM, 0);
  EQUAL(cs_accept(first).result, -EINVAL);             // It does not listen,
  EQUAL(cs_connect(second, name_of(first)), -ECONNREFUSED);  // so nobody is there,
  EQUAL(cs_bind(second, name_of(first)), -EADDRINUSE);     // and yet the name is taken.
  EQUAL(cs_getpeername(second).result, -ENOTCONN);
  EQUAL(cs_shutdown(second, CS_SHUT_RDWR), -ENOTCONN);
  EQUAL(cs_send(second, &byte, 1, 0), -EPIPE);
  EQUAL(cs_listen(first, 1), 0);
  EQUAL(cs_set_nonblocking(first, 1), 0);
  EQUAL(cs_accept(first).result, -EAGAIN);
  EQUAL(cs_close(second), 0);
  EQUAL(cs_close(first), 0);
}

// A connection that only begins is ready to write once it stands.
static void test_connecting(void) {
  int listener = loopback_socket(SOCK_STREAM);
  int client = cs_socket(AF_INET, SOCK_STREAM, 0);
  EQUAL(cs_listen(listener, 1), 0);
  EQUAL(cs_set_nonblocking(client, 1), 0);
  int begun = cs_connect(client, name_of(listener));
  CHECK(begun == -EINPROGRESS || begun == 0);
  EQUAL(cs_poll_one(client, CS_POLLOUT, -1), CS_POLLOUT);
  EQUAL(cs_get_int(client, SOL_SOCKET, SO_ERROR).value, 0);
  EQUAL(cs_getpeername(client).result, 0);
  EQUAL(cs_close(client), 0);
  EQUAL(cs_close(listener), 0);
}

// A datagram socket is joined to an address, and parted from it again.
static void test_dissolving(void) {
  uint8_t byte = 0;
  int here = loopback_socket(SOCK_DGRAM);
  int there = loopback_socket(SOCK_DGRAM);
  EQUAL(cs_send(here, &byte, 1, 0), -EDESTADDRREQ);
  EQUAL(cs_connect(here, name_of(there)), 0);
  EQUAL(cs_getpeername(here).result, 0);
  EQUAL(cs_connect(here, cs_address_unspecified()), 0);
  EQUAL(cs_getpeername(here).result, -ENOTCONN);
  EQUAL(cs_listen(here, 1), -EOPNOTSUPP);
  EQUAL(cs_close(here), 0);
  EQUAL(cs_close(there), 0);
}

// An old errno is no result, and a call that succeeds leaves it as it was.
static void test_errno(void) {
  uint8_t byte = 1;
  errno = ENOTUNIQ;
  int fd = cs_socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  EQUAL(cs_set_nonblocking(fd, 1), 0);
  EQUAL(cs_get_nonblocking(fd), 1);
  EQUAL(cs_set_int(fd, SOL_SOCKET, SO_SNDBUF, 4096), 0);
  EQUAL(cs_get_int(fd, SOL_SOCKET, SO_ERROR).result, 0);
  EQUAL(cs_close(fd), 0);
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  EQUAL(pair.result, 0);
  EQUAL(cs_send(pair.first, &byte, 1, 0), 1);
  EQUAL(cs_recv(pair.second, &byte, 1, 0), 1);
  EQUAL(cs_getsockname(pair.first).result, 0);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
  EQUAL(errno, ENOTUNIQ);

  // A call that fails returns what it set.
  errno = ENOTUNIQ;
  EQUAL(cs_close(-1), -EBADF);
  EQUAL(errno, EBADF);
}

void test_descriptor(void) {
  test_making();
  test_flags();
  test_bad_descriptor();
  test_refusals();
  test_connecting();
  test_dissolving();
  test_errno();
}
