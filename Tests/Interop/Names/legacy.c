#include "legacy.h"

#include <string.h>

const char *legacy_find(const char *key) { return strcmp(key, "host") == 0 ? "localhost" : 0; }
