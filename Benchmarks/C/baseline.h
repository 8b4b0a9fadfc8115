// What the baselines share: their first socket, and what they say once it is there.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { buffer_size = 65536 };

// Ends the program where a call failed; otherwise, what it returned.
static inline int checked(int result, const char *call) {
  if (result >= 0) return result;
  perror(call);
  exit(1);
}

// A socket bound to 127.0.0.1 and the port in the text (none or 0: any), which for TCP listens.
static inline int bound_socket(int type, const char *port) {
  bool is_tcp = (type & SOCK_STREAM) != 0;
  int one = 1;
  int descriptor = checked(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
  checked(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), "setsockopt SO_REUSEADDR");
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)(port ? atoi(port) : 0)),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  checked(bind(descriptor, (struct sockaddr *)&address, sizeof address), "bind");
  if (is_tcp) {
    // Accepted sockets take it over.
    checked(setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt TCP_NODELAY");
    checked(listen(descriptor, 4096), "listen");
  }
  socklen_t length = sizeof address;
  checked(getsockname(descriptor, (struct sockaddr *)&address, &length), "getsockname");
  printf("listening on %s://127.0.0.1:%d\n", is_tcp ? "tcp" : "udp", ntohs(address.sin_port));
  fflush(stdout);
  return descriptor;
}
