#include <stddef.h>

struct packet {
  size_t length;
  unsigned char bytes[];
};

struct counter {
  _Atomic(int) count;
};

__int128 twice(__int128 number);

struct __attribute__((swift_attr("~Copyable"))) handle {
  int number;
};

static inline struct handle make_handle(void) {
  struct handle handle = {3};
  return handle;
}

typedef int status __attribute__((swift_newtype(struct)));
static const status status_refused = 111;

static inline void each(void (*_Nonnull body)(int index, void *_Nullable context), void *_Nullable context) {
  body(0, context);
}
