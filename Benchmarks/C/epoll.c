// The baseline of all ratios: epoll, level-triggered, one thread and one buffer. A connection has memory only while its
// peer reads slower than it writes, and is not read from until then. Usage: epoll [PORT]
#include "baseline.h"

#include <sys/epoll.h>

// What a connection still has to send.
struct rest {
  size_t sent, count;
  char bytes[];
};

enum { descriptor_limit = 1 << 20 };

static int poller;
static char buffer[buffer_size];
static struct rest *rests[descriptor_limit];

static void watch(int operation, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  checked(epoll_ctl(poller, operation, descriptor, &event), "epoll_ctl");
}

static void end(int connection) {
  free(rests[connection]);
  rests[connection] = NULL;
  close(connection);
}

// How many bytes went, which may be none; or -1, and the connection has ended.
static ssize_t send_some(int connection, const char *bytes, size_t count) {
  ssize_t sent = send(connection, bytes, count, MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  if (errno == EAGAIN) return 0;
  end(connection);
  return -1;
}

static void keep(int connection, const char *bytes, size_t count) {
  struct rest *rest = malloc(sizeof *rest + count);
  if (!rest) {
    end(connection);
    return;
  }
  *rest = (struct rest){.count = count};
  memcpy(rest->bytes, bytes, count);
  rests[connection] = rest;
  watch(EPOLL_CTL_MOD, connection, EPOLLOUT);
}

static void receive(int connection) {
  ssize_t received = recv(connection, buffer, sizeof buffer, 0);
  if (received < 0 && errno == EAGAIN) return;
  // At the end of the stream too: everything before it has been sent, or it would not have been read.
  if (received <= 0) {
    end(connection);
    return;
  }
  ssize_t sent = send_some(connection, buffer, (size_t)received);
  if (sent >= 0 && sent < received) keep(connection, buffer + sent, (size_t)(received - sent));
}

static void send_rest(int connection) {
  struct rest *rest = rests[connection];
  ssize_t sent = send_some(connection, rest->bytes + rest->sent, rest->count - rest->sent);
  if (sent < 0) return;
  rest->sent += (size_t)sent;
  if (rest->sent < rest->count) return;
  free(rest);
  rests[connection] = NULL;
  watch(EPOLL_CTL_MOD, connection, EPOLLIN);
}

static void accept_all(int listener) {
  int connection;
  while ((connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
    if (connection < descriptor_limit)
      watch(EPOLL_CTL_ADD, connection, EPOLLIN);
    else
      close(connection);
  }
}

int main(int argc, char **argv) {
  int listener = bound_socket(SOCK_STREAM | SOCK_NONBLOCK, argc > 1 ? argv[1] : NULL);
  poller = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[256];
    int count = epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < count; i++) {
      int descriptor = events[i].data.fd;
      if (descriptor == listener)
        accept_all(listener);
      else if (rests[descriptor])
        send_rest(descriptor);
      else
        receive(descriptor);
    }
  }
}
