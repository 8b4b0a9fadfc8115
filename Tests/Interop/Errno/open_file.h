#include <errno.h>
#include <fcntl.h>

// Opens a file. Wraps open(2), which is variadic; returns the descriptor, or -errno.
static inline int open_file(const char *_Nonnull path, int flags) {
  int descriptor = open(path, flags | O_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}
