// Moving bytes: streams, datagrams, and what happens at their ends.
#include "check.h"

static int send_all(int fd, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = cs_send(fd, bytes, count, 0);
    if (sent <= 0) return 0;
    bytes += sent;
    count -= (size_t)sent;
  }
  return 1;
}

// Sends back what comes until the stream ends. The listener is the context.
static void echo(void *context) {
  struct cs_accepted accepted = cs_accept(*(int *)context);
  cs_set_int(accepted.result, CS_IPPROTO_TCP, TCP_NODELAY, 1);  // Its small pieces shall not wait for each other.
  uint8_t bytes[1000];
  ssize_t count;
  while ((count = cs_recv(accepted.result, bytes, sizeof bytes, 0)) > 0 &&
         send_all(accepted.result, bytes, (size_t)count)) {
  }
  cs_close(accepted.result);
}

static void test_echo_over_pair(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  uint8_t bytes[16];
  EQUAL(cs_send(pair.first, (const uint8_t *)"hello", 5, 0), 5);
  EQUAL(cs_recv(pair.second, bytes, sizeof bytes, CS_MSG_PEEK), 5);
  EQUAL(cs_recv(pair.second, bytes, sizeof bytes, 0), 5);
  EQUAL(cs_send(pair.second, bytes, 5, 0), 5);
  memset(bytes, 0, sizeof bytes);
  EQUAL(cs_recv(pair.first, bytes, 3, 0), 3);
  EQUAL(cs_recv(pair.first, bytes + 3, sizeof bytes - 3, 0), 2);
  EQUAL(memcmp(bytes, "hello", 5), 0);
  EQUAL(cs_recv(pair.first, bytes, sizeof bytes, CS_MSG_DONTWAIT), -EAGAIN);
  EQUAL(cs_close(pair.second), 0);
  EQUAL(cs_recv(pair.first, bytes, sizeof bytes, 0), 0);
  EQUAL(cs_close(pair.first), 0);
}

static void test_echo_over_tcp(void) {
  int listener = loopback_socket(SOCK_STREAM);
  EQUAL(cs_listen(listener, 1), 0);
  EQUAL(cs_thread_start(1 << 18, echo, &listener), 0);
  int client = cs_socket(AF_INET, SOCK_STREAM, 0);
  EQUAL(cs_connect(client, name_of(listener)), 0);
  static uint8_t sent[4096];
  static uint8_t received[4096];
  for (int round = 0; round < 16; round++) {
    for (size_t i = 0; i < sizeof sent; i++)
      sent[i] = (uint8_t)(i * 31 + (size_t)round);
    CHECK(send_all(client, sent, sizeof sent));
    size_t count = 0;
    ssize_t more;
    while (count < sizeof received && (more = cs_recv(client, received + count, sizeof received - count, 0)) > 0) {
      count += (size_t)more;
    }
    EQUAL(count, sizeof received);
    EQUAL(memcmp(sent, received, sizeof sent), 0);
  }

  // The thread ends its side after the end of ours, and has closed its descriptor by then.
  EQUAL(cs_shutdown(client, CS_SHUT_WR), 0);
  EQUAL(cs_recv(client, received, sizeof received, 0), 0);
  EQUAL(cs_close(client), 0);
  EQUAL(cs_close(listener), 0);
}

static void test_broken_pipe(void) {
  const uint8_t byte = 1;
  struct cs_pair stream = cs_socketpair(SOCK_STREAM);
  EQUAL(cs_close(stream.second), 0);
  EQUAL(cs_send(stream.first, &byte, 1, 0), -EPIPE);
  EQUAL(cs_close(stream.first), 0);

  // A connected stream ignores the address of sendto, so long as it is one.
  stream = cs_socketpair(SOCK_STREAM);
  struct cs_address nowhere = cs_address_unix(NULL, 0);
  nowhere.length = 0;
  EQUAL(cs_sendto(stream.first, &byte, 1, 0, nowhere), 1);
  EQUAL(cs_close(stream.second), 0);
  EQUAL(cs_sendto(stream.first, &byte, 1, 0, nowhere), -EPIPE);
  EQUAL(cs_close(stream.first), 0);
  EQUAL(broken_pipes, 0);

  // The signal that the helpers keep away does come here: without them the count moves.
  stream = cs_socketpair(SOCK_STREAM);
  EQUAL(cs_close(stream.second), 0);
  EQUAL(cs_write(stream.first, &byte, 1), -EPIPE);
  EQUAL(broken_pipes, 1);
  EQUAL(cs_close(stream.first), 0);
}

// What arrives at `to` of the ten bytes that `from` sends, with room for `count` of them.
static struct cs_received receive_ten(int from, int to, struct cs_address address, size_t count) {
  uint8_t bytes[16];
  memset(bytes, '.', sizeof bytes);
  const uint8_t *ten = (const uint8_t *)"0123456789";
  ssize_t sent = address.length > 0 ? cs_sendto(from, ten, 10, 0, address) : cs_send(from, ten, 10, 0);
  EQUAL(sent, 10);
  struct cs_received received = cs_recvfrom(to, count > 0 ? bytes : NULL, count, 0);
  EQUAL(received.result, 10);
  EQUAL(received.truncated, count < 10);
  size_t stored = count < 10 ? count : 10;
  EQUAL(memcmp(bytes, ten, stored), 0);
  EQUAL(bytes[stored], '.');
  return received;
}

static void check_datagrams(int from, int to, struct cs_address address) {
  uint8_t byte = 1;
  receive_ten(from, to, address, 4);
  receive_ten(from, to, address, 0);
  receive_ten(from, to, address, 10);
  receive_ten(from, to, address, 16);

  // An empty datagram is a message like any other.
  ssize_t sent = address.length > 0 ? cs_sendto(from, NULL, 0, 0, address) : cs_send(from, NULL, 0, 0);
  EQUAL(sent, 0);
  EQUAL(cs_poll_one(to, CS_POLLIN, 0), CS_POLLIN);
  struct cs_received received = cs_recvfrom(to, &byte, 1, 0);
  EQUAL(received.result, 0);
  EQUAL(received.truncated, 0);
  EQUAL(byte, 1);
  received = cs_recvfrom(to, &byte, 1, CS_MSG_DONTWAIT);
  EQUAL(received.result, -EAGAIN);
  EQUAL(received.truncated, 0);
  EQUAL(received.sender.length, 0);
}

static void test_unix_datagrams(void) {
  struct cs_address connected = cs_address_unspecified();
  connected.length = 0;
  struct cs_pair pair = cs_socketpair(SOCK_DGRAM);
  check_datagrams(pair.first, pair.second, connected);
  struct cs_received received = receive_ten(pair.first, pair.second, connected, 10);
  EQUAL(cs_address_family(&received.sender), AF_UNSPEC);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);

  // A sender with a name is known by it.
  int from = cs_socket(AF_UNIX, SOCK_DGRAM, 0);
  int to = cs_socket(AF_UNIX, SOCK_DGRAM, 0);
  struct cs_address from_name = cs_address_unix((const uint8_t *)"from", 4);
  struct cs_address to_name = cs_address_unix((const uint8_t *)"to", 2);
  EQUAL(cs_bind(from, from_name), 0);
  EQUAL(cs_bind(to, to_name), 0);
  received = receive_ten(from, to, to_name, 4);
  EQUAL(received.sender.length, from_name.length);
  EQUAL(memcmp(&received.sender.as, &from_name.as, from_name.length), 0);
  EQUAL(cs_close(from), 0);
  EQUAL(cs_close(to), 0);
  EQUAL(cs_remove_file("from"), 0);
  EQUAL(cs_remove_file("to"), 0);

  // A type with connections has no senders.
  pair = cs_socketpair(SOCK_SEQPACKET);
  received = receive_ten(pair.first, pair.second, connected, 4);
  EQUAL(cs_address_family(&received.sender), AF_UNSPEC);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}

static void test_udp(void) {
  int from = loopback_socket(SOCK_DGRAM);
  int to = loopback_socket(SOCK_DGRAM);
  struct cs_address from_name = name_of(from);
  struct cs_address to_name = name_of(to);
  check_datagrams(from, to, to_name);
  struct cs_received received = receive_ten(from, to, to_name, 4);
  EQUAL(received.sender.length, from_name.length);
  EQUAL(memcmp(&received.sender.as, &from_name.as, from_name.length), 0);

  // What is only looked at stays.
  uint8_t bytes[4];
  EQUAL(cs_sendto(from, (const uint8_t *)"ab", 2, 0, to_name), 2);
  EQUAL(cs_recvfrom(to, bytes, 1, CS_MSG_PEEK).result, 2);
  EQUAL(cs_recvfrom(to, bytes, sizeof bytes, 0).result, 2);
  static uint8_t too_long[70000];
  EQUAL(cs_sendto(from, too_long, sizeof too_long, 0, to_name), -EMSGSIZE);
  EQUAL(cs_close(from), 0);
  EQUAL(cs_close(to), 0);
}

void test_io(void) {
  test_echo_over_pair();
  test_echo_over_tcp();
  test_broken_pipe();
  test_unix_datagrams();
  test_udp();
}
