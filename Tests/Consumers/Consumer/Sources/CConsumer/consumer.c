#include "consumer.h"

#include <csockets.h>

int consumer_echo(void) {
  struct cs_pair pair = cs_socketpair(CS_SOCK_STREAM);
  if (pair.result < 0) return pair.result;
  uint8_t bytes[8] = "echo";
  ssize_t sent = cs_send(pair.first, bytes, 4, 0);
  ssize_t received = sent < 0 ? sent : cs_recv(pair.second, bytes, sizeof bytes, 0);
  cs_close(pair.first);
  cs_close(pair.second);
  return (int)received;
}
