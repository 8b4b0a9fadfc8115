#define _GNU_SOURCE
#include "c_calls.h"

#include <csockets.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 64, BATCH = 16 };

// What a program does with a result at the least.
static inline long check(long result) {
  if (result >= 0) return result;
  perror("a call failed");
  exit(1);
}

static struct sockaddr_in loopback(uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static struct sockaddr_in own_address(int fd) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  check(getsockname(fd, (struct sockaddr *)&address, &length));
  return address;
}

__attribute__((noinline)) void c_feed(int fd) {
  static const char bytes[SIZE];
  check(send(fd, bytes, sizeof bytes, 0));
}

__attribute__((noinline)) void c_visit(uint16_t port) {
  struct sockaddr_in address = loopback(port);
  int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0));
  check(connect(fd, (struct sockaddr *)&address, sizeof address));
  check(close(fd));
}

void c_feed_many(int fd, long count) {
  while (count-- > 0)
    c_feed(fd);
}

void c_send(int fd, long count) {
  char bytes[SIZE] = {0};
  while (count-- > 0)
    check(send(fd, bytes, sizeof bytes, MSG_NOSIGNAL));
}

void c_cs_send(int fd, long count) {
  uint8_t bytes[SIZE] = {0};
  while (count-- > 0)
    check(cs_send(fd, bytes, sizeof bytes, 0));
}

void c_send_now(int fd, long count) {
  char bytes[SIZE] = {0};
  while (count-- > 0)
    check(send(fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void c_sendto(int fd, long count) {
  char bytes[SIZE] = {0};
  struct sockaddr_in address = own_address(fd);
  while (count-- > 0)
    check(sendto(fd, bytes, sizeof bytes, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address));
}

void c_recv(int fd, long count) {
  char bytes[SIZE];
  while (count-- > 0) {
    c_feed(fd);
    check(recv(fd, bytes, sizeof bytes, 0));
  }
}

void c_cs_recv(int fd, long count) {
  uint8_t bytes[SIZE];
  while (count-- > 0) {
    c_feed(fd);
    check(cs_recv(fd, bytes, sizeof bytes, 0));
  }
}

void c_recvfrom(int fd, long count) {
  char bytes[SIZE];
  struct sockaddr_storage sender;
  while (count-- > 0) {
    c_feed(fd);
    socklen_t length = sizeof sender;
    check(recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&sender, &length));
  }
}

void c_recvmsg(int fd, long count) {
  char bytes[SIZE];
  struct sockaddr_storage sender;
  while (count-- > 0) {
    c_feed(fd);
    struct iovec vector = {bytes, sizeof bytes};
    struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &vector, .msg_iovlen = 1};
    check(recvmsg(fd, &message, MSG_TRUNC));
  }
}

// What is filled in once stays; of what a call overwrites, the lengths are put back.
struct batch {
  char bytes[BATCH][SIZE];
  struct sockaddr_storage addresses[BATCH];
  struct iovec vectors[BATCH];
  struct mmsghdr datagrams[BATCH];
};

static void make_batch(struct batch *batch) {
  memset(batch, 0, sizeof *batch);
  for (int i = 0; i < BATCH; i++) {
    batch->vectors[i] = (struct iovec){batch->bytes[i], SIZE};
    batch->datagrams[i].msg_hdr = (struct msghdr){.msg_name = &batch->addresses[i],
                                                  .msg_namelen = sizeof batch->addresses[i],
                                                  .msg_iov = &batch->vectors[i],
                                                  .msg_iovlen = 1};
  }
}

void c_sendmmsg(int fd, long count) {
  static const char payload[SIZE];
  struct batch batch;
  make_batch(&batch);
  struct sockaddr_in address = own_address(fd);
  for (; count > 0; count -= BATCH) {
    for (int i = 0; i < BATCH; i++) {
      memcpy(batch.bytes[i], payload, SIZE);
      memcpy(&batch.addresses[i], &address, sizeof address);
      batch.datagrams[i].msg_hdr.msg_namelen = sizeof address;
    }
    check(sendmmsg(fd, batch.datagrams, BATCH, 0));
  }
}

void c_recvmmsg(int fd, long count) {
  struct batch batch;
  make_batch(&batch);
  for (; count > 0; count -= BATCH) {
    for (int i = 0; i < BATCH; i++) {
      c_feed(fd);
      batch.datagrams[i].msg_hdr.msg_namelen = sizeof batch.addresses[i];
    }
    check(recvmmsg(fd, batch.datagrams, BATCH, MSG_WAITFORONE, NULL));
  }
}

void c_epoll_wait(int fd, long count) {
  int epoll = (int)check(epoll_create1(EPOLL_CLOEXEC));
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 1};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
  c_feed(fd);
  while (count-- > 0) {
    struct epoll_event events[256];
    if (check(epoll_wait(epoll, events, 256, -1)) != 1 || events[0].data.u64 != 1) exit(1);
  }
}

void c_accept(int listener, uint16_t port, long count) {
  while (count-- > 0) {
    c_visit(port);
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    check(close((int)check(accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC))));
  }
}
