// Control data: written and read, and read where it makes no sense.
#include "check.h"

static void test_round_trip(void) {
  struct cs_pair pair = cs_socketpair(SOCK_STREAM);
  int cargo = cs_socket(AF_UNIX, SOCK_STREAM, 0);
  char control[64];
  size_t length = cs_control_put(control, 0, SOL_SOCKET, SCM_RIGHTS, &cargo, sizeof cargo);
  EQUAL(length, cs_control_space(sizeof cargo));
  uint8_t byte = 42;
  struct iovec vector = {&byte, 1};
  struct cs_address nobody;
  memset(&nobody, 0, sizeof nobody);
  EQUAL(cs_sendmsg(pair.first, &vector, 1, control, length, nobody, 0), 1);

  memset(control, 0, sizeof control);
  byte = 0;
  struct cs_message message = cs_recvmsg(pair.second, &vector, 1, control, sizeof control, 0);
  EQUAL(message.result, 1);
  EQUAL(byte, 42);
  EQUAL(message.flags & (MSG_TRUNC | MSG_CTRUNC), 0);
  struct cs_control found = cs_control_at(control, message.control, 0);
  EQUAL(found.found, 1);
  EQUAL(found.level, SOL_SOCKET);
  EQUAL(found.type, SCM_RIGHTS);
  EQUAL(found.length, sizeof(int));
  int received = -1;
  memcpy(&received, control + found.offset, sizeof received);
  CHECK(received >= 0 && received != cargo);
  EQUAL(cs_get_descriptor_flags(received), FD_CLOEXEC);
  EQUAL(cs_control_at(control, message.control, found.next).found, 0);
  EQUAL(cs_close(received), 0);
  EQUAL(cs_close(cargo), 0);
  EQUAL(cs_close(pair.first), 0);
  EQUAL(cs_close(pair.second), 0);
}

static void test_nonsense(void) {
  char control[64];
  uint32_t word = 7;
  size_t first = cs_control_put(control, 0, 1, 2, &word, sizeof word);
  size_t length = cs_control_put(control, first, 3, 4, NULL, 0);
  struct cs_control found = cs_control_at(control, length, first);
  EQUAL(found.found, 1);
  EQUAL(found.level, 3);
  EQUAL(found.length, 0);
  EQUAL(cs_control_at(control, length, length).found, 0);
  EQUAL(cs_control_at(control, length, length + 100).found, 0);
  EQUAL(cs_control_at(control, 0, 0).found, 0);
  // Cut within the header, and within what the header promises.
  EQUAL(cs_control_at(control, 3, 0).found, 0);
  EQUAL(cs_control_at(control, CMSG_LEN(0) + 1, 0).found, 0);
  // Shorter than a header, which would be read for ever, and longer than everything.
  struct cmsghdr header;
  memcpy(&header, control, sizeof header);
  header.cmsg_len = 1;
  memcpy(control, &header, sizeof header);
  EQUAL(cs_control_at(control, length, 0).found, 0);
  header.cmsg_len = (size_t)-1 / 2;
  memcpy(control, &header, sizeof header);
  EQUAL(cs_control_at(control, length, 0).found, 0);
}

static void test_vectors(void) {
  struct cs_pair pair = cs_socketpair(SOCK_DGRAM);
  char left[] = "left";
  char right[] = "right";
  struct iovec sent[2] = {{left, 4}, {right, 5}};
  EQUAL(cs_send_vectors(pair.first, sent, 2, 0), 9);
  char head[6];
  char tail[6];
  struct iovec received[2] = {{head, 6}, {tail, 6}};
  EQUAL(cs_recv_vectors(pair.second, received, 2, 0), 9);
  EQUAL(memcmp(head, "leftri", 6), 0);
  EQUAL(memcmp(tail, "ght", 3), 0);
  EQUAL(cs_recv_vectors(pair.second, received, 2, MSG_DONTWAIT), -EAGAIN);
  EQUAL(cs_close(pair.second), 0);
  broken_pipes = 0;
  EQUAL(cs_send_vectors(pair.first, sent, 2, 0), -ECONNREFUSED);
  EQUAL(broken_pipes, 0);
  EQUAL(cs_close(pair.first), 0);
}

void test_message(void) {
  test_round_trip();
  test_nonsense();
  test_vectors();
}
