#include <stddef.h>
#include <stdint.h>

// The sum of the bytes. Implemented in Swift.
uint32_t checksum(const uint8_t *_Nullable bytes, size_t count);

// Implemented in C, which calls the other.
uint32_t checksum_of_text(const char *_Nonnull text);
