#include "csockets/name.h"

#include <stdlib.h>

struct cs_lookup cs_lookup(const char *host, const char *service, int family, int type, int protocol, int flags) {
  struct addrinfo hints;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = family;
  hints.ai_socktype = type;
  hints.ai_protocol = protocol;
  hints.ai_flags = flags;
  struct cs_lookup lookup = {0, 0, NULL};
  lookup.code = getaddrinfo(host, service, &hints, &lookup.first);
  if (lookup.code == EAI_SYSTEM) lookup.error = errno;
  if (lookup.code != 0) lookup.first = NULL;
  return lookup;
}

void cs_lookup_free(struct addrinfo *first) {
  if (first) freeaddrinfo(first);
}

struct cs_address cs_lookup_address(const struct addrinfo *result) {
  struct cs_address address;
  memset(&address, 0, sizeof address);
  size_t length = result->ai_addrlen < sizeof address.as ? result->ai_addrlen : sizeof address.as;
  memcpy(&address.as, result->ai_addr, length);
  address.length = (socklen_t)length;
  return address;
}

const char *cs_lookup_canonical_name(const struct addrinfo *result) { return result->ai_canonname; }

struct cs_reverse_lookup cs_reverse_lookup(struct cs_address address, char *host, char *service, int flags) {
  struct cs_reverse_lookup lookup = {0, 0};
  lookup.code =
      getnameinfo(&address.as.sa, address.length, host, CS_HOST_CAPACITY, service, CS_SERVICE_CAPACITY, flags);
  if (lookup.code == EAI_SYSTEM) lookup.error = errno;
  return lookup;
}

const char *cs_lookup_error_name(int code) {
#define NAME(constant) \
  if (code == (constant)) return #constant
  NAME(EAI_AGAIN);
  NAME(EAI_BADFLAGS);
  NAME(EAI_FAIL);
  NAME(EAI_FAMILY);
  NAME(EAI_MEMORY);
  NAME(EAI_NONAME);
  NAME(EAI_OVERFLOW);
  NAME(EAI_SERVICE);
  NAME(EAI_SOCKTYPE);
  NAME(EAI_SYSTEM);
#undef NAME
  if (code == CS_EAI_ADDRFAMILY) return "EAI_ADDRFAMILY";
  if (code == CS_EAI_NODATA) return "EAI_NODATA";
  return NULL;
}

const char *cs_lookup_error_text(int code) { return gai_strerror(code); }
