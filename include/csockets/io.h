// Moving bytes. No send here raises SIGPIPE.
#ifndef CSOCKETS_IO_H
#define CSOCKETS_IO_H

#include "address.h"
#include "base.h"

#include <sys/socket.h>
#include <sys/uio.h>

CS_BEGIN

// Flags that not every system has are 0 where it does not.
#ifdef MSG_NOSIGNAL
static const int CS_MSG_NOSIGNAL = MSG_NOSIGNAL;
#else
static const int CS_MSG_NOSIGNAL = 0;  // SO_NOSIGPIPE is set instead, when the socket is made.
#endif

#ifdef MSG_MORE
static const int CS_MSG_MORE = MSG_MORE;
#else
static const int CS_MSG_MORE = 0;  // What is held back is only a matter of speed.
#endif
#ifdef __linux__
static const int CS_MSG_FASTOPEN = 0x20000000;  // MSG_FASTOPEN, which the header shows only with _GNU_SOURCE.
#else
static const int CS_MSG_FASTOPEN = 0;  // A send to an address is then EISCONN or ENOTCONN.
#endif
static const int CS_MSG_DONTROUTE = MSG_DONTROUTE;
static const int CS_MSG_DONTWAIT = MSG_DONTWAIT;
static const int CS_MSG_EOR = MSG_EOR;
static const int CS_MSG_OOB = MSG_OOB;
static const int CS_MSG_PEEK = MSG_PEEK;
static const int CS_MSG_WAITALL = MSG_WAITALL;

// What arrived and from whom; `result` is a count of bytes, or -errno. A socket of a connection-oriented type leaves
// the address empty (AF_UNSPEC), and so does a Unix datagram from a socket without a name.
struct cs_received {
  ssize_t result;
  int truncated;
  struct cs_address sender;
};

// Sends some prefix of the bytes. Wraps send(2); returns how many were taken, or -errno.
CS_INLINE ssize_t cs_send(int fd, const uint8_t *_Nullable __counted_by(count) bytes __noescape, size_t count,
                          int flags) {
  ssize_t sent = send(fd, bytes, count, flags | CS_MSG_NOSIGNAL);
  return CS_RESULT(sent);
}

// Sends the bytes to an address. Wraps sendto(2); returns how many were taken, or -errno.
CS_INLINE ssize_t cs_sendto(int fd, const uint8_t *_Nullable __counted_by(count) bytes __noescape, size_t count,
                            int flags, struct cs_address to) {
  ssize_t sent = sendto(fd, bytes, count, flags | CS_MSG_NOSIGNAL, &to.as.sa, to.length);
  return CS_RESULT(sent);
}

// Receives at most `count` bytes. Wraps recv(2); returns how many came, 0 at the end of a stream, or -errno.
CS_INLINE ssize_t cs_recv(int fd, uint8_t *_Nullable bytes, size_t count, int flags) {
  ssize_t received = recv(fd, bytes, count, flags);
  return CS_RESULT(received);
}

// Receives one message and its sender. Wraps recvmsg(2) with MSG_TRUNC; returns both, or -errno in `result`, which on
// Linux is the length that the message had, however much of it fitted. Not for streams, where MSG_TRUNC throws bytes
// away.
CS_INLINE struct cs_received cs_recvfrom(int fd, uint8_t *_Nullable bytes, size_t count, int flags) {
  struct cs_received received;
  struct iovec vector;
  struct msghdr message;
  vector.iov_base = bytes;
  vector.iov_len = count;
  memset(&message, 0, sizeof message);
  message.msg_name = &received.sender.as;
  message.msg_namelen = sizeof received.sender.as;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
#ifdef __linux__
  flags |= MSG_TRUNC;
#endif
  ssize_t length = recvmsg(fd, &message, flags);
  received.result = CS_RESULT(length);
  received.truncated = length >= 0 && (message.msg_flags & MSG_TRUNC) != 0;
  received.sender.length = length >= 0 ? message.msg_namelen : 0;
  return received;
}

// Sends several runs of bytes as one. Wraps sendmsg(2); returns how many bytes were taken, or -errno.
CS_INLINE ssize_t cs_send_vectors(int fd, const struct iovec *_Nullable vectors, size_t count, int flags) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  // The kernel only reads them; the header has one type for both directions.
  message.msg_iov = (struct iovec *)vectors;
  message.msg_iovlen = count;
  ssize_t sent = sendmsg(fd, &message, flags | CS_MSG_NOSIGNAL);
  return CS_RESULT(sent);
}

// Receives into several runs of bytes, one after the other. Wraps recvmsg(2); returns how many bytes came, 0 at the end
// of a stream, or -errno.
CS_INLINE ssize_t cs_recv_vectors(int fd, const struct iovec *_Nullable vectors, size_t count, int flags) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  // What they point to is written, they are not.
  message.msg_iov = (struct iovec *)vectors;
  message.msg_iovlen = count;
  ssize_t received = recvmsg(fd, &message, flags);
  return CS_RESULT(received);
}

CS_END
#endif
