// Messages with control data beside the bytes: descriptors, credentials, addresses, times.
#ifndef CSOCKETS_MESSAGE_H
#define CSOCKETS_MESSAGE_H

#include "address.h"
#include "base.h"
#include "io.h"

#include <sys/socket.h>
#include <sys/uio.h>

CS_BEGIN

static const int CS_MSG_CTRUNC = MSG_CTRUNC;
static const int CS_MSG_TRUNC = MSG_TRUNC;
#ifdef MSG_ERRQUEUE
static const int CS_MSG_ERRQUEUE = MSG_ERRQUEUE;
#else
static const int CS_MSG_ERRQUEUE = 0;
#endif
#ifdef MSG_CMSG_CLOEXEC
static const int CS_MSG_CMSG_CLOEXEC = MSG_CMSG_CLOEXEC;
#else
static const int CS_MSG_CMSG_CLOEXEC = 0;  // Descriptors that are received are made close-on-exec one by one.
#endif

static const int CS_SCM_RIGHTS = SCM_RIGHTS;
#ifdef __linux__
static const int CS_SCM_CREDENTIALS = 2;  // SCM_CREDENTIALS, which the header shows only with _GNU_SOURCE.
#else
static const int CS_SCM_CREDENTIALS = -1;
#endif

// What came: `result` is a count of bytes, or -errno; `flags` are MSG_TRUNC, MSG_CTRUNC and the others that recvmsg(2)
// sets; `control` is how many bytes of control data there are.
struct cs_message {
  ssize_t result;
  int flags;
  size_t control;
  struct cs_address sender;
};

// Where one control message is within control data: its level, type, and where its bytes are. `next` is where the one
// after it begins. `found` is 0 where there is none, or where what there is makes no sense.
struct cs_control {
  int found;
  int level;
  int type;
  size_t offset;
  size_t length;
  size_t next;
};

// Receives a message with its control data; descriptors in it are close-on-exec. Wraps recvmsg(2); returns what came,
// or -errno in `result`.
CS_INLINE struct cs_message cs_recvmsg(int fd, const struct iovec *_Nullable vectors, size_t count,
                                       void *_Nullable control, size_t capacity, int flags) {
  struct cs_message received;
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_name = &received.sender.as;
  message.msg_namelen = sizeof received.sender.as;
  // What they point to is written, they are not.
  message.msg_iov = (struct iovec *)vectors;
  message.msg_iovlen = count;
  message.msg_control = control;
  message.msg_controllen = capacity;
  ssize_t length = recvmsg(fd, &message, flags | CS_MSG_CMSG_CLOEXEC);
  received.result = CS_RESULT(length);
  received.flags = length >= 0 ? message.msg_flags : 0;
  received.control = length >= 0 ? message.msg_controllen : 0;
  received.sender.length = length >= 0 ? message.msg_namelen : 0;
  return received;
}

// Sends a message with its control data, to an address where its length is not 0. Wraps sendmsg(2); returns how many
// bytes were taken, or -errno.
CS_INLINE ssize_t cs_sendmsg(int fd, const struct iovec *_Nullable vectors, size_t count, const void *_Nullable control,
                             size_t length, struct cs_address to, int flags) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_name = to.length > 0 ? &to.as : NULL;
  message.msg_namelen = to.length;
  // The kernel only reads these; the header has one type for both directions.
  message.msg_iov = (struct iovec *)vectors;
  message.msg_iovlen = count;
  message.msg_control = length > 0 ? (void *)control : NULL;
  message.msg_controllen = length;
  ssize_t sent = sendmsg(fd, &message, flags | CS_MSG_NOSIGNAL);
  return CS_RESULT(sent);
}

// Returns how much room a control message of so many bytes takes. Wraps CMSG_SPACE.
CS_INLINE size_t cs_control_space(size_t length) { return CMSG_SPACE(length); }

// Returns where the control message at an offset is. What CMSG_FIRSTHDR and CMSG_NXTHDR do, without a pointer that has
// to be aligned.
CS_INLINE struct cs_control cs_control_at(const void *control, size_t length, size_t offset) {
  struct cs_control found = {0, 0, 0, 0, 0, 0};
  struct cmsghdr header;
  if (offset > length || length - offset < sizeof header) return found;
  memcpy(&header, (const char *)control + offset, sizeof header);
  if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > length - offset) return found;
  found.found = 1;
  found.level = header.cmsg_level;
  found.type = header.cmsg_type;
  found.offset = offset + CMSG_LEN(0);
  found.length = header.cmsg_len - CMSG_LEN(0);
  found.next = offset + CMSG_SPACE(found.length);
  return found;
}

// Writes a control message at an offset, where there must be room for it, and zeros its padding. Returns where the next
// one goes.
CS_INLINE size_t cs_control_put(void *control, size_t offset, int level, int type, const void *_Nullable bytes,
                                size_t length) {
  struct cmsghdr header;
  memset(&header, 0, sizeof header);
  header.cmsg_len = CMSG_LEN(length);
  header.cmsg_level = level;
  header.cmsg_type = type;
  memset((char *)control + offset, 0, CMSG_SPACE(length));
  memcpy((char *)control + offset, &header, sizeof header);
  if (length > 0 && bytes) memcpy((char *)control + offset + CMSG_LEN(0), bytes, length);
  return offset + CMSG_SPACE(length);
}

CS_END
#endif
