// Host names and service names. These may wait, for the network or for files.
#ifndef CSOCKETS_NAME_H
#define CSOCKETS_NAME_H

#include "address.h"
#include "base.h"

#include <netdb.h>

CS_BEGIN

// The outcome of a look-up: `code` is 0, or an EAI_* number; `error` is errno where that number is EAI_SYSTEM. On
// success `first` begins a list that cs_lookup_free must end.
struct cs_lookup {
  int code;
  int error;
  struct addrinfo *_Nullable first;
};

// Looks up a host and a service, either of which may be NULL, for a family, type and protocol, each of which may be 0
// for any. Wraps getaddrinfo(3), whose AI_ flags it takes; returns the list of what was found, or why there is none.
struct cs_lookup cs_lookup(const char *_Nullable host, const char *_Nullable service, int family, int type,
                           int protocol, int flags);

// Frees a list of results. Wraps freeaddrinfo(3).
void cs_lookup_free(struct addrinfo *_Nullable first);

// The address of one result.
struct cs_address cs_lookup_address(const struct addrinfo *result);

// The canonical name that the first result has where AI_CANONNAME was asked for, or NULL.
const char *_Nullable cs_lookup_canonical_name(const struct addrinfo *result);

// The name of an EAI_* number, such as "EAI_NONAME", or NULL for a number that has none here.
const char *_Nullable cs_lookup_error_name(int code);

// What an EAI_* number means. Wraps gai_strerror(3).
const char *cs_lookup_error_text(int code);

// Codes and flags that not every system's headers show.
#ifdef __linux__
static const int CS_EAI_NODATA = -5;      // The headers show these two only with _GNU_SOURCE.
static const int CS_EAI_ADDRFAMILY = -9;  // As above.
#else
#ifdef EAI_NODATA
static const int CS_EAI_NODATA = EAI_NODATA;
#else
static const int CS_EAI_NODATA = EAI_NONAME;
#endif
#ifdef EAI_ADDRFAMILY
static const int CS_EAI_ADDRFAMILY = EAI_ADDRFAMILY;
#else
static const int CS_EAI_ADDRFAMILY = EAI_FAMILY;
#endif
#endif

// Room for the longest host and service names that a reverse look-up gives, with their NULs (NI_MAXHOST, NI_MAXSERV).
enum { CS_HOST_CAPACITY = 1025, CS_SERVICE_CAPACITY = 32 };

// The outcome of a reverse look-up: `code` is 0, or an EAI_* number; `error` is errno where that number is EAI_SYSTEM.
struct cs_reverse_lookup {
  int code;
  int error;
};

// Writes the names of an address and its port, with a NUL each, into CS_HOST_CAPACITY and CS_SERVICE_CAPACITY bytes.
// Wraps getnameinfo(3), whose NI_ flags it takes.
struct cs_reverse_lookup cs_reverse_lookup(struct cs_address address, char *host, char *service, int flags);

CS_END
#endif
