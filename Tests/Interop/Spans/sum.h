#include <lifetimebound.h>
#include <ptrcheck.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t sum_pointer(const uint8_t *_Nullable bytes, size_t count) {
  size_t sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += bytes[i];
  return sum;
}

static inline size_t sum(const uint8_t *_Nullable __counted_by(count) bytes __noescape, size_t count) {
  return sum_pointer(bytes, count);
}

static inline size_t sum_nonnull(const uint8_t *_Nonnull __counted_by(count) bytes __noescape, size_t count) {
  return sum_pointer(bytes, count);
}

static inline void fill(uint8_t *_Nonnull __counted_by(count) bytes __noescape, size_t count) {
  for (size_t i = 0; i < count; i++)
    bytes[i] = 7;
}

static inline void fill_nullable(uint8_t *_Nullable __counted_by(count) bytes __noescape, size_t count) {
  if (bytes) fill(bytes, count);
}

// What comes after the first two bytes of a packet, which has at least those.
static inline const uint8_t *_Nonnull __counted_by(count - 2)
    body(const uint8_t *_Nonnull __counted_by(count) packet __lifetimebound, size_t count) {
  return packet + 2;
}
