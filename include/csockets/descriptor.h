// Making, naming, joining and ending sockets. Every descriptor made here is close-on-exec from its first moment,
// where the system has a call for that.
#ifndef CSOCKETS_DESCRIPTOR_H
#define CSOCKETS_DESCRIPTOR_H

#include "address.h"
#include "base.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

CS_BEGIN

// Socket types: SOCK_STREAM and the others are an enumeration on one system and macros on the next.
static const int CS_SOCK_STREAM = SOCK_STREAM;
static const int CS_SOCK_DGRAM = SOCK_DGRAM;
static const int CS_SOCK_RAW = SOCK_RAW;
static const int CS_SOCK_SEQPACKET = SOCK_SEQPACKET;

// Protocols that not every system's headers name.
static const int CS_IPPROTO_ICMP = 1;
static const int CS_IPPROTO_ICMPV6 = 58;
static const int CS_IPPROTO_MPTCP = 262;  // Linux 5.6; EPROTONOSUPPORT where there is none.

static const int CS_SHUT_RD = SHUT_RD;
static const int CS_SHUT_WR = SHUT_WR;
static const int CS_SHUT_RDWR = SHUT_RDWR;

// A descriptor and the address that came with it; `result` is the descriptor, or -errno.
struct cs_accepted {
  int result;
  struct cs_address peer;
};

// An address that was asked for; `result` is 0, or -errno.
struct cs_named {
  int result;
  struct cs_address address;
};

// Two joined sockets; `result` is 0, or -errno.
struct cs_pair {
  int result;
  int first;
  int second;
};

// Reads the descriptor's flags. Wraps fcntl(2) with F_GETFD; returns them, or -errno.
CS_INLINE int cs_get_descriptor_flags(int fd) {
  int flags = fcntl(fd, F_GETFD);
  return CS_RESULT(flags);
}

// Sets close-on-exec. Wraps fcntl(2) with F_SETFD; returns 0, or -errno.
CS_INLINE int cs_set_close_on_exec(int fd) {
  int done = fcntl(fd, F_SETFD, FD_CLOEXEC);
  return CS_RESULT(done);
}

// Whether O_NONBLOCK is set. Wraps fcntl(2) with F_GETFL; returns 0 or 1, or -errno.
CS_INLINE int cs_get_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

// Sets or clears O_NONBLOCK, which every duplicate of the descriptor shares. Wraps fcntl(2) with F_GETFL and F_SETFL;
// returns 0, or -errno.
CS_INLINE int cs_set_nonblocking(int fd, int on) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (wanted == flags) return 0;
  int done = fcntl(fd, F_SETFL, wanted);
  return CS_RESULT(done);
}

// Closes. Wraps close(2); returns 0, or -errno. Never to be repeated after EINTR: the descriptor is gone, and its
// number may already be somebody else's.
CS_INLINE int cs_close(int fd) {
  int done = close(fd);
  return CS_RESULT(done);
}

// What a fresh descriptor needs on a system that cannot make it close-on-exec and silent about SIGPIPE in one call.
// Returns fd, or -errno with the descriptor closed.
CS_INLINE int cs_prepare(int fd) {
#ifndef SOCK_CLOEXEC
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
#endif
#ifdef SO_NOSIGPIPE
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
#endif
  return fd;
}

// Makes a socket, close-on-exec. Wraps socket(2); returns the descriptor, or -errno.
CS_INLINE int cs_socket(int family, int type, int protocol) {
#ifdef SOCK_CLOEXEC
  type |= SOCK_CLOEXEC;
#endif
  int fd = socket(family, type, protocol);
  return fd < 0 ? -errno : cs_prepare(fd);
}

// Makes two joined Unix sockets, both close-on-exec. Wraps socketpair(2); returns both, or -errno in `result`.
CS_INLINE struct cs_pair cs_socketpair(int type) {
  int fds[2] = {-1, -1};
#ifdef SOCK_CLOEXEC
  type |= SOCK_CLOEXEC;
#endif
  struct cs_pair pair = {0, -1, -1};
  if (socketpair(AF_UNIX, type, 0, fds) < 0) {
    pair.result = -errno;
    return pair;
  }
  pair.first = cs_prepare(fds[0]);
  pair.second = cs_prepare(fds[1]);
  if (pair.first < 0 || pair.second < 0) {
    pair.result = pair.first < 0 ? pair.first : pair.second;
    if (pair.first >= 0) close(pair.first);
    if (pair.second >= 0) close(pair.second);
  }
  return pair;
}

// A second descriptor for the same socket, close-on-exec. Wraps fcntl(2) with F_DUPFD_CLOEXEC; returns it, or -errno.
CS_INLINE int cs_duplicate(int fd) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return CS_RESULT(copy);
}

// Gives the socket a name. Wraps bind(2); returns 0, or -errno.
CS_INLINE int cs_bind(int fd, struct cs_address address) {
  int done = bind(fd, &address.as.sa, address.length);
  return CS_RESULT(done);
}

// Starts to listen. Wraps listen(2); returns 0, or -errno.
CS_INLINE int cs_listen(int fd, int backlog) {
  int done = listen(fd, backlog);
  return CS_RESULT(done);
}

// Connects, or begins to (-EINPROGRESS). Wraps connect(2); returns 0, or -errno.
CS_INLINE int cs_connect(int fd, struct cs_address address) {
  int done = connect(fd, &address.as.sa, address.length);
  return CS_RESULT(done);
}

#if defined(__linux__) && !defined(_GNU_SOURCE)
// The system's header shows it only with _GNU_SOURCE, which a header must not define.
extern int accept4(int fd, struct sockaddr *_Nullable __restrict address, socklen_t *_Nullable __restrict length,
                   int flags);
#endif

// Takes the next connection, close-on-exec. Wraps accept4(2); returns its descriptor or -errno, and who connected.
CS_INLINE struct cs_accepted cs_accept(int fd) {
  struct cs_accepted accepted;
  accepted.peer.length = sizeof accepted.peer.as;
#ifdef SOCK_CLOEXEC
  int made = accept4(fd, &accepted.peer.as.sa, &accepted.peer.length, SOCK_CLOEXEC);
#else
  int made = accept(fd, &accepted.peer.as.sa, &accepted.peer.length);
#endif
  accepted.result = made < 0 ? -errno : cs_prepare(made);
  return accepted;
}

// Ends one direction or both (SHUT_RD, SHUT_WR, SHUT_RDWR). Wraps shutdown(2); returns 0, or -errno.
CS_INLINE int cs_shutdown(int fd, int how) {
  int done = shutdown(fd, how);
  return CS_RESULT(done);
}

// The socket's own address. Wraps getsockname(2); returns it, or -errno in `result`.
CS_INLINE struct cs_named cs_getsockname(int fd) {
  struct cs_named named;
  named.address.length = sizeof named.address.as;
  int done = getsockname(fd, &named.address.as.sa, &named.address.length);
  named.result = CS_RESULT(done);
  return named;
}

// The peer's address. Wraps getpeername(2); returns it, or -errno in `result`.
CS_INLINE struct cs_named cs_getpeername(int fd) {
  struct cs_named named;
  named.address.length = sizeof named.address.as;
  int done = getpeername(fd, &named.address.as.sa, &named.address.length);
  named.result = CS_RESULT(done);
  return named;
}

CS_END
#endif
