// An echo server as a C programmer writes one: TCP, UDP and a Unix socket at once. It prints the ports that the kernel
// chose, and serves one client after the other until its standard input ends. Usage: echo PATH
#include <csockets.h>

#include <stdio.h>
#include <stdlib.h>

// No wait is longer than this.
static const int64_t patience_seconds = 10;

static uint8_t bytes[65536];

// Passes on the value of a helper, or ends the program with what its -errno means.
static ssize_t must(const char *what, ssize_t result) {
  if (result >= 0) return result;
  int error = (int)-result;
  const char *name = cs_errno_name(error);
  char text[128];
  cs_errno_text(error, text, sizeof text);
  fprintf(stderr, "echo: %s: %s (%s)\n", what, text, name ? name : "?");
  exit(1);
}

static int bound_socket(int type, struct cs_address address) {
  int fd = (int)must("socket", cs_socket(cs_address_family(&address), type, 0));
  must("bind", cs_bind(fd, address));
  if (type == SOCK_STREAM) must("listen", cs_listen(fd, 16));
  return fd;
}

static int port_of(int fd) {
  struct cs_named name = cs_getsockname(fd);
  must("getsockname", name.result);
  return cs_address_port(&name.address);
}

static void serve_connection(int listener) {
  struct cs_accepted accepted = cs_accept(listener);
  int fd = (int)must("accept", accepted.result);
  must("SO_RCVTIMEO", cs_set_time(fd, SOL_SOCKET, SO_RCVTIMEO, patience_seconds * 1000000));
  must("SO_SNDTIMEO", cs_set_time(fd, SOL_SOCKET, SO_SNDTIMEO, patience_seconds * 1000000));
  size_t count;
  while ((count = (size_t)must("recv", cs_recv(fd, bytes, sizeof bytes, 0))) > 0)
    for (size_t sent = 0; sent < count;)
      sent += (size_t)must("send", cs_send(fd, bytes + sent, count - sent, 0));
  must("close", cs_close(fd));
}

static void serve_datagram(int fd) {
  struct cs_received received = cs_recvfrom(fd, bytes, sizeof bytes, 0);
  must("recvfrom", received.result);
  must("sendto", cs_sendto(fd, bytes, (size_t)received.result, 0, received.sender));
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: echo PATH\n");
    return 2;
  }
  const char *path = arguments[1];
  int tcp = bound_socket(SOCK_STREAM, cs_address_ipv4(INADDR_LOOPBACK, 0));
  int udp = bound_socket(SOCK_DGRAM, cs_address_ipv4(INADDR_LOOPBACK, 0));
  int local = bound_socket(SOCK_STREAM, cs_address_unix((const uint8_t *)path, strlen(path)));
  printf("%d %d\n", port_of(tcp), port_of(udp));
  fflush(stdout);

  struct pollfd polled[] = {{STDIN_FILENO, POLLIN, 0}, {tcp, POLLIN, 0}, {udp, POLLIN, 0}, {local, POLLIN, 0}};
  for (;;) {
    if (must("poll", cs_poll(polled, 4, patience_seconds * 1000000000)) == 0) must("poll", -ETIMEDOUT);
    if (polled[0].revents) break;
    if (polled[1].revents) serve_connection(tcp);
    if (polled[2].revents) serve_datagram(udp);
    if (polled[3].revents) serve_connection(local);
  }
  must("close", cs_close(tcp));
  must("close", cs_close(udp));
  must("close", cs_close(local));
  must("unlink", cs_remove_file(path));
  return 0;
}
