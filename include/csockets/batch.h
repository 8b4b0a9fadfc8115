// Many datagrams by one system call.
#ifndef CSOCKETS_BATCH_H
#define CSOCKETS_BATCH_H

#include "address.h"
#include "base.h"
#include "io.h"
#include "message.h"

#include <sys/socket.h>
#include <sys/uio.h>

CS_BEGIN

// The most datagrams that Linux takes or gives at once (UIO_MAXIOV).
enum { CS_BATCH_LIMIT = 1024 };

// One datagram of a batch: what Linux calls a struct mmsghdr, which its header shows only with _GNU_SOURCE.
struct cs_datagram {
  struct msghdr message;
  unsigned int length;
};

// What a datagram's message points to, and what is known of it besides.
struct cs_datagram_slot {
  struct iovec vector;
  struct cs_address address;
  // How many bytes of control data there are to send.
  size_t control;
  // Of a datagram that was received: how many bytes it had, its MSG_ flags, and how many bytes of control data came.
  size_t length;
  int flags;
  size_t received_control;
  // Into datagrams of what size the bytes are to be cut, or were; 0 for one datagram.
  uint16_t segment;
};

#ifdef __linux__
struct mmsghdr;
#ifndef _GNU_SOURCE
// The system's header shows them only with _GNU_SOURCE, which a header must not define.
extern int sendmmsg(int fd, struct mmsghdr *datagrams, unsigned int count, int flags);
#ifdef __GLIBC__
extern int recvmmsg(int fd, struct mmsghdr *datagrams, unsigned int count, int flags,
                    struct timespec *_Nullable timeout);
#else
extern int recvmmsg(int fd, struct mmsghdr *datagrams, unsigned int count, unsigned int flags,
                    struct timespec *_Nullable timeout);
#endif
#endif
#endif

// Readies a datagram to be received into `capacity` bytes, with as many bytes of control data.
CS_INLINE void cs_datagram_to_receive(struct cs_datagram *datagram, struct cs_datagram_slot *slot,
                                      uint8_t *_Nullable bytes, size_t capacity, void *_Nullable control,
                                      size_t control_capacity) {
  memset(datagram, 0, sizeof *datagram);
  slot->vector.iov_base = bytes;
  slot->vector.iov_len = capacity;
  datagram->message.msg_name = &slot->address.as;
  datagram->message.msg_namelen = sizeof slot->address.as;
  datagram->message.msg_iov = &slot->vector;
  datagram->message.msg_iovlen = 1;
  datagram->message.msg_control = control;
  datagram->message.msg_controllen = control_capacity;
}

// Readies a datagram to be sent: the slot's bytes, and `control_length` bytes of control data, to the slot's address,
// or to the peer where its length is 0.
CS_INLINE void cs_datagram_to_send(struct cs_datagram *datagram, struct cs_datagram_slot *slot, void *_Nullable control,
                                   size_t control_length) {
  memset(datagram, 0, sizeof *datagram);
  datagram->message.msg_name = slot->address.length > 0 ? &slot->address.as : NULL;
  datagram->message.msg_namelen = slot->address.length;
  datagram->message.msg_iov = &slot->vector;
  datagram->message.msg_iovlen = 1;
  datagram->message.msg_control = control_length > 0 ? control : NULL;
  datagram->message.msg_controllen = control_length;
}

// Receives what datagrams there are, at least one and at most `count`, descriptors in them close-on-exec. Wraps
// recvmmsg(2) with MSG_WAITFORONE; where there is none, recvmsg(2) again and again. Returns how many came, or -errno.
CS_INLINE int cs_recv_batch(int fd, struct cs_datagram *datagrams, unsigned int count, int flags) {
  flags |= CS_MSG_CMSG_CLOEXEC;
#ifdef __linux__
  // MSG_TRUNC makes the length that of the datagram, however much of it fitted. 0x10000 is MSG_WAITFORONE.
  int received = recvmmsg(fd, (struct mmsghdr *)datagrams, count, flags | MSG_TRUNC | 0x10000, NULL);
  return CS_RESULT(received);
#else
  unsigned int received = 0;
  while (received < count) {
    ssize_t length = recvmsg(fd, &datagrams[received].message, received > 0 ? flags | MSG_DONTWAIT : flags);
    if (length < 0 && received == 0) return -errno;
    if (length < 0) break;
    datagrams[received].length = (unsigned int)length;
    received++;
  }
  return (int)received;
#endif
}

// Sends datagrams, in their order. Wraps sendmmsg(2); where there is none, sendmsg(2) again and again. Returns how many
// were taken, which is fewer than `count` where the next one fails, or -errno where the first one does.
CS_INLINE int cs_send_batch(int fd, struct cs_datagram *datagrams, unsigned int count, int flags) {
  flags |= CS_MSG_NOSIGNAL;
#ifdef __linux__
  int sent = sendmmsg(fd, (struct mmsghdr *)datagrams, count, flags);
  return CS_RESULT(sent);
#else
  unsigned int sent = 0;
  while (sent < count) {
    ssize_t length = sendmsg(fd, &datagrams[sent].message, flags);
    if (length < 0 && sent == 0) return -errno;
    if (length < 0) break;
    sent++;
  }
  return (int)sent;
#endif
}

CS_END
#endif
