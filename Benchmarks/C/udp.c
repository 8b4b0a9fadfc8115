// Datagrams: one system call each way for one, for a batch, or for one that the kernel cuts into segments. Usage: udp
// simple|batch|segmented [PORT]
#include "baseline.h"

#include <netinet/udp.h>

enum { batch_size = 64 };

static void echo_simply(int socket) {
  static char buffer[buffer_size];
  for (;;) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    ssize_t received = recvfrom(socket, buffer, sizeof buffer, 0, (struct sockaddr *)&peer, &length);
    if (received >= 0) sendto(socket, buffer, (size_t)received, 0, (struct sockaddr *)&peer, length);
  }
}

static void echo_batches(int socket) {
  static char buffers[batch_size][buffer_size];
  static struct sockaddr_storage peers[batch_size];
  static struct iovec parts[batch_size];
  static struct mmsghdr messages[batch_size];
  for (;;) {
    for (int i = 0; i < batch_size; i++) {
      parts[i] = (struct iovec){.iov_base = buffers[i], .iov_len = buffer_size};
      messages[i].msg_hdr =
          (struct msghdr){.msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(socket, messages, batch_size, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++)
      parts[i].iov_len = messages[i].msg_len;
    for (int sent = 0; sent < count;) {
      int result = sendmmsg(socket, messages + sent, (unsigned)(count - sent), 0);
      // One that cannot be sent (its peer has gone) is left out.
      sent += result > 0 ? result : 1;
    }
  }
}

// How long each segment of a message is but the last; 0 where it is one datagram.
static uint16_t segment_size(struct msghdr *message) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_UDP || header->cmsg_type != UDP_GRO) continue;
    int size;
    memcpy(&size, CMSG_DATA(header), sizeof size);
    return (uint16_t)size;
  }
  return 0;
}

static void echo_segments(int socket) {
  static char buffer[buffer_size];
  static union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  int one = 1;
  checked(setsockopt(socket, SOL_UDP, UDP_GRO, &one, sizeof one), "setsockopt UDP_GRO");
  for (;;) {
    struct sockaddr_storage peer;
    struct iovec part = {.iov_base = buffer, .iov_len = sizeof buffer};
    struct msghdr message = {
        .msg_name = &peer,
        .msg_namelen = sizeof peer,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t received = recvmsg(socket, &message, 0);
    if (received < 0) continue;
    part.iov_len = (size_t)received;
    uint16_t size = segment_size(&message);
    if (size > 0 && size < received) {
      message.msg_controllen = CMSG_SPACE(sizeof size);
      control.header =
          (struct cmsghdr){.cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof size)};
      memcpy(CMSG_DATA(&control.header), &size, sizeof size);
    } else {
      message.msg_control = NULL;
      message.msg_controllen = 0;
    }
    sendmsg(socket, &message, 0);
  }
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(int socket);
  } modes[] = {{"simple", echo_simply}, {"batch", echo_batches}, {"segmented", echo_segments}};
  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(argv[1], modes[i].name) == 0) modes[i].run(bound_socket(SOCK_DGRAM, argc > 2 ? argv[2] : NULL));
  }
  fprintf(stderr, "usage: udp simple|batch|segmented [PORT]\n");
  return 1;
}
