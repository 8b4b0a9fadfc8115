// How much waits in the queues.
#include "check.h"

void test_queue(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  EQUAL(cs_receive_queue(pair.second), 0);
  EQUAL(cs_send(pair.first, (const uint8_t *)"abc", 3, 0), 3);
  EQUAL(cs_receive_queue(pair.second), 3);
  CHECK(cs_send_queue(pair.first) > 0);
  EQUAL(cs_unsent_queue(pair.first), -ENOTTY);
  EQUAL(cs_receive_queue(-1), -EBADF);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}
