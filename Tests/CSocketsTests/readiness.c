// Waiting for sockets: poll, epoll and select. Where nothing will come, the wait is of a millisecond at most.
#include "check.h"

enum { MILLISECOND = 1000000 };

// A number that no open descriptor has.
static int closed_descriptor(void) {
  int fd = cs_socket(AF_UNIX, SOCK_STREAM, 0);
  EQUAL(cs_close(fd), 0);
  return fd;
}

static void test_timeouts(void) {
  EQUAL(cs_timeout_milliseconds(INT64_MIN), -1);
  EQUAL(cs_timeout_milliseconds(-1), -1);
  EQUAL(cs_timeout_milliseconds(0), 0);
  EQUAL(cs_timeout_milliseconds(1), 1);
  EQUAL(cs_timeout_milliseconds(999999), 1);
  EQUAL(cs_timeout_milliseconds(1000000), 1);
  EQUAL(cs_timeout_milliseconds(1000001), 2);
  EQUAL(cs_timeout_milliseconds((int64_t)INT_MAX * MILLISECOND), INT_MAX);
  EQUAL(cs_timeout_milliseconds((int64_t)INT_MAX * MILLISECOND + 1), INT_MAX);
  EQUAL(cs_timeout_milliseconds(INT64_MAX), INT_MAX);
}

static void test_numbers(void) {
  EQUAL(CS_POLLIN, EPOLLIN);
  EQUAL(CS_POLLPRI, EPOLLPRI);
  EQUAL(CS_POLLOUT, EPOLLOUT);
  EQUAL(CS_POLLERR, EPOLLERR);
  EQUAL(CS_POLLHUP, EPOLLHUP);
  EQUAL(CS_POLLRDHUP, EPOLLRDHUP);
  EQUAL(CS_EPOLLET, (uint32_t)EPOLLET);
  EQUAL(CS_DESCRIPTOR_SET_SIZE, FD_SETSIZE);
}

static void test_poll(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  const uint8_t byte = 1;
  EQUAL(cs_poll_one(pair.first, CS_POLLIN, 0), 0);
  EQUAL(cs_poll_one(pair.first, CS_POLLIN | CS_POLLOUT, -1), CS_POLLOUT);
  int64_t start = cs_monotonic_nanoseconds();
  EQUAL(cs_poll_one(pair.first, CS_POLLIN, MILLISECOND), 0);
  CHECK(cs_monotonic_nanoseconds() - start >= MILLISECOND);
  EQUAL(cs_poll(NULL, 0, MILLISECOND), 0);

  EQUAL(cs_send(pair.second, &byte, 1, 0), 1);
  EQUAL(cs_poll_one(pair.first, CS_POLLIN | CS_POLLOUT, -1), CS_POLLIN | CS_POLLOUT);
  EQUAL(cs_poll_one(pair.first, CS_POLLIN, INT64_MAX), CS_POLLIN);
  struct pollfd both[] = {{pair.first, POLLIN, 0}, {pair.second, POLLIN, 0}};
  EQUAL(cs_poll(both, 2, -1), 1);
  EQUAL(both[0].revents, POLLIN);
  EQUAL(both[1].revents, 0);

  // The end of the peer's direction, and then of the peer.
  EQUAL(cs_shutdown(pair.second, CS_SHUT_WR), 0);
  EQUAL(cs_poll_one(pair.first, CS_POLLRDHUP, -1), CS_POLLRDHUP);
  EQUAL(cs_close(pair.second), 0);
  CHECK((cs_poll_one(pair.first, 0, -1) & (int)CS_POLLHUP) != 0);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_poll_one(pair.first, CS_POLLIN, -1), -EBADF);
  EQUAL(cs_poll_one(-1, CS_POLLIN, -1), -EBADF);
}

static void test_epoll(void) {
  const uint64_t token = 0x1122334455667788;
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  const uint8_t byte = 1;
  cs_epoll_event events[4];
  int epoll = cs_epoll_create();
  EQUAL(cs_epoll_control(epoll, CS_EPOLL_ADD, pair.first, CS_POLLIN, token), 0);
  EQUAL(cs_epoll_control(epoll, CS_EPOLL_ADD, pair.first, CS_POLLIN, token), -EEXIST);
  EQUAL(cs_epoll_wait(epoll, events, 4, 0), 0);
  int64_t start = cs_monotonic_nanoseconds();
  EQUAL(cs_epoll_wait(epoll, events, 4, MILLISECOND), 0);
  CHECK(cs_monotonic_nanoseconds() - start >= MILLISECOND);

  EQUAL(cs_send(pair.second, &byte, 1, 0), 1);
  EQUAL(cs_epoll_wait(epoll, events, 4, -1), 1);
  EQUAL(events[0].events, CS_POLLIN);
  EQUAL(cs_epoll_token(&events[0]), token);
  EQUAL(cs_epoll_wait(epoll, events, 4, INT64_MAX), 1);  // It still stands.

  // At an edge it is told once.
  EQUAL(cs_epoll_control(epoll, CS_EPOLL_MODIFY, pair.first, CS_POLLIN | CS_EPOLLET, token + 1), 0);
  EQUAL(cs_epoll_wait(epoll, events, 4, -1), 1);
  EQUAL(cs_epoll_token(&events[0]), token + 1);
  EQUAL(cs_epoll_wait(epoll, events, 4, 0), 0);

  EQUAL(cs_epoll_control(epoll, CS_EPOLL_REMOVE, pair.first, 0, 0), 0);
  EQUAL(cs_epoll_control(epoll, CS_EPOLL_REMOVE, pair.first, 0, 0), -ENOENT);
  EQUAL(cs_epoll_wait(epoll, events, 0, 0), -EINVAL);
  EQUAL(cs_epoll_control(epoll, CS_EPOLL_ADD, closed_descriptor(), CS_POLLIN, 0), -EBADF);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
  EQUAL(cs_close(epoll), 0);
}

static void test_descriptor_set(void) {
  struct cs_descriptor_set set = cs_descriptor_set_empty();
  struct cs_descriptor_set empty = set;
  for (int fd = 0; fd < CS_DESCRIPTOR_SET_SIZE; fd++) {
    if (cs_descriptor_set_contains(&set, fd)) CHECK(!"an empty set holds nothing");
  }

  // Numbers that it cannot hold are refused and change nothing.
  const int outside[] = {-1, INT_MIN, CS_DESCRIPTOR_SET_SIZE, CS_DESCRIPTOR_SET_SIZE + 1, INT_MAX};
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    EQUAL(cs_descriptor_set_insert(&set, outside[i]), -EINVAL);
    EQUAL(cs_descriptor_set_contains(&set, outside[i]), 0);
    cs_descriptor_set_remove(&set, outside[i]);
  }
  EQUAL(memcmp(&set, &empty, sizeof set), 0);

  const int inside[] = {0, 1, 63, 64, CS_DESCRIPTOR_SET_SIZE - 1};
  for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
    EQUAL(cs_descriptor_set_insert(&set, inside[i]), 0);
    EQUAL(cs_descriptor_set_contains(&set, inside[i]), 1);
  }
  EQUAL(cs_descriptor_set_contains(&set, 2), 0);
  cs_descriptor_set_remove(&set, 64);
  EQUAL(cs_descriptor_set_contains(&set, 64), 0);
  EQUAL(cs_descriptor_set_contains(&set, 63), 1);
}

static void test_select(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  const uint8_t byte = 1;
  int count = (pair.first > pair.second ? pair.first : pair.second) + 1;
  struct cs_descriptor_set reading = cs_descriptor_set_empty();
  EQUAL(cs_descriptor_set_insert(&reading, pair.first), 0);
  EQUAL(cs_descriptor_set_insert(&reading, pair.second), 0);
  int64_t start = cs_monotonic_nanoseconds();
  EQUAL(cs_select(count, &reading, NULL, NULL, MILLISECOND), 0);
  CHECK(cs_monotonic_nanoseconds() - start >= MILLISECOND);
  EQUAL(cs_descriptor_set_contains(&reading, pair.first), 0);

  EQUAL(cs_send(pair.second, &byte, 1, 0), 1);
  struct cs_descriptor_set writing = cs_descriptor_set_empty();
  struct cs_descriptor_set exceptional = cs_descriptor_set_empty();
  cs_descriptor_set_insert(&reading, pair.first);
  cs_descriptor_set_insert(&reading, pair.second);
  cs_descriptor_set_insert(&writing, pair.second);
  cs_descriptor_set_insert(&exceptional, pair.first);
  EQUAL(cs_select(count, &reading, &writing, &exceptional, -1), 2);
  EQUAL(cs_descriptor_set_contains(&reading, pair.first), 1);
  EQUAL(cs_descriptor_set_contains(&reading, pair.second), 0);
  EQUAL(cs_descriptor_set_contains(&writing, pair.second), 1);
  EQUAL(cs_descriptor_set_contains(&exceptional, pair.first), 0);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
  EQUAL(cs_select(count, &reading, NULL, NULL, -1), -EBADF);
  EQUAL(cs_select(0, NULL, NULL, NULL, 0), 0);
}

void test_readiness(void) {
  test_timeouts();
  test_numbers();
  test_poll();
  test_epoll();
  test_descriptor_set();
  test_select();
}
