#include <stdint.h>

enum __attribute__((enum_extensibility(closed))) reason { reason_refused = 111, reason_timed_out = 110 };

// What a kernel says that is newer than the header.
static inline enum reason newest_reason(void) { return (enum reason)131; }

typedef enum __attribute__((flag_enum, enum_extensibility(open))) message_flags : uint32_t {
  message_flags_peek = 2,
  message_flags_wait_all = 256,
} message_flags;
