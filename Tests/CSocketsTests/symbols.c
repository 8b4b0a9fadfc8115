// Calls the helpers as a language without a C compiler does: by the symbols in CShims/symbols.c, declared here and not
// in the headers, so that a symbol with another layout or calling convention does not go unseen.
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct pair {
  int result;
  int first;
  int second;
};

struct address {
  struct sockaddr_storage storage;
  socklen_t length;
};

struct received {
  ssize_t result;
  int truncated;
  struct address sender;
};

extern struct pair cs_socketpair(int type);
extern ssize_t cs_send(int fd, const uint8_t *bytes, size_t count, int flags);
extern struct received cs_recvfrom(int fd, uint8_t *bytes, size_t count, int flags);
extern int cs_close(int fd);
extern int cs_timeout_milliseconds(int64_t nanoseconds);
extern int64_t cs_monotonic_nanoseconds(void);
extern struct address cs_address_ipv4(uint32_t host, uint16_t port);
extern uint16_t cs_address_ipv4_port(const struct address *address);
extern int cs_poll_one(int fd, uint32_t events, int64_t nanoseconds);

#define CHECK(condition) \
  if (!(condition)) return printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition), 1

int main(void) {
  uint8_t bytes[4];
  struct pair pair = cs_socketpair(SOCK_DGRAM);
  CHECK(pair.result == 0);
  CHECK(cs_send(pair.first, (const uint8_t *)"symbols", 7, 0) == 7);
  CHECK(cs_poll_one(pair.second, POLLIN, -1) == POLLIN);
  struct received received = cs_recvfrom(pair.second, bytes, sizeof bytes, 0);
  CHECK(received.result == 7);
  CHECK(received.truncated == 1);
  CHECK(received.sender.length == 0);
  CHECK(memcmp(bytes, "symb", 4) == 0);
  CHECK(cs_close(pair.first) == 0);
  CHECK(cs_close(pair.second) == 0);
  CHECK(cs_close(-1) == -EBADF);
  CHECK(cs_timeout_milliseconds(1) == 1);
  CHECK(cs_monotonic_nanoseconds() > 0);
  struct address address = cs_address_ipv4(0x7f000001, 4242);
  CHECK(address.length == 16);
  CHECK(cs_address_ipv4_port(&address) == 4242);
  return 0;
}
