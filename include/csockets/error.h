// What an errno is called and what it means.
#ifndef CSOCKETS_ERROR_H
#define CSOCKETS_ERROR_H

#include "base.h"

CS_BEGIN

// The name of an errno, such as "ECONNREFUSED", or NULL for a number that has none here.
const char *_Nullable cs_errno_name(int error);

// Writes what an errno means, with a NUL, cut to `capacity` bytes: strerror_r(3), whatever form of it the system has.
// Returns the number of bytes before the NUL.
size_t cs_errno_text(int error, char *text, size_t capacity);

CS_END
#endif
