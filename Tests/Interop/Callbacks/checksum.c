#include "checksum.h"

#include <string.h>

uint32_t checksum_of_text(const char *text) { return checksum((const uint8_t *)text, strlen(text)); }
