#include <csockets.h>

ssize_t send_bytes(int fd, const uint8_t *bytes, size_t count) {
  while (1) {
    ssize_t sent = cs_send(fd, bytes, count, 0);
    if (sent != -EINTR) return sent;
  }
}
