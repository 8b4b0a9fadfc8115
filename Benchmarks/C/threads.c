// The first baseline: blocking calls, and a thread for each connection. Usage: threads [PORT]
#include "baseline.h"

#include <pthread.h>

static bool send_all(int connection, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(connection, bytes, count, MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes += sent;
    count -= (size_t)sent;
  }
  return true;
}

static void *serve(void *argument) {
  int connection = (int)(intptr_t)argument;
  char buffer[buffer_size];
  ssize_t received;
  while ((received = recv(connection, buffer, sizeof buffer, 0)) > 0) {
    if (!send_all(connection, buffer, (size_t)received)) break;
  }
  close(connection);
  return NULL;
}

int main(int argc, char **argv) {
  int listener = bound_socket(SOCK_STREAM, argc > 1 ? argv[1] : NULL);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (;;) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) continue;
    pthread_t thread;
    if (pthread_create(&thread, &attributes, serve, (void *)(intptr_t)connection) != 0) close(connection);
  }
}
