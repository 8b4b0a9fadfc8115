// Datagrams many at a time.
#include "check.h"

enum { COUNT = 3 };

void test_batch(void) {
  struct cs_pair pair = cs_socketpair(SOCK_DGRAM);
  struct cs_datagram datagrams[COUNT];
  struct cs_datagram_slot slots[COUNT];
  uint8_t bytes[COUNT][4];
  uint64_t control[COUNT][4];
  memset(slots, 0, sizeof slots);
  for (int i = 0; i < COUNT; i++) {
    slots[i].vector.iov_base = "abcdef";
    slots[i].vector.iov_len = 2 * i + 1;
    cs_datagram_to_send(&datagrams[i], &slots[i], NULL, 0);
  }
  EQUAL(cs_send_batch(pair.first, datagrams, COUNT, 0), COUNT);
  for (int i = 0; i < COUNT; i++)
    cs_datagram_to_receive(&datagrams[i], &slots[i], bytes[i], sizeof bytes[i], control[i], sizeof control[i]);
  EQUAL(cs_recv_batch(pair.second, datagrams, COUNT, 0), COUNT);
  for (int i = 0; i < COUNT; i++) {
    EQUAL(datagrams[i].length, 2 * i + 1);
    EQUAL((datagrams[i].message.msg_flags & MSG_TRUNC) != 0, i == 2);
    EQUAL(memcmp(bytes[i], "abcd", i == 0 ? 1 : i == 1 ? 3 : 4), 0);
    EQUAL(datagrams[i].message.msg_namelen, 0);
  }
  // At least one is waited for, and no more.
  EQUAL(cs_recv_batch(pair.second, datagrams, COUNT, MSG_DONTWAIT), -EAGAIN);
  EQUAL(cs_send(pair.first, (const uint8_t *)"x", 1, 0), 1);
  EQUAL(cs_recv_batch(pair.second, datagrams, COUNT, 0), 1);

  EQUAL(cs_close(pair.second), 0);
  broken_pipes = 0;
  cs_datagram_to_send(&datagrams[0], &slots[0], NULL, 0);
  EQUAL(cs_send_batch(pair.first, datagrams, 1, 0), -ECONNREFUSED);
  EQUAL(broken_pipes, 0);
  EQUAL(cs_close(pair.first), 0);
}
