// Host names, service names and interface names. These may wait, for the network or for files.
#ifndef CSOCKETS_NAME_H
#define CSOCKETS_NAME_H

#include "address.h"
#include "base.h"

#include <net/if.h>
#include <netdb.h>

CS_BEGIN

// The outcome of a look-up: `code` is 0, or an EAI_* number; `error` is errno where that number is EAI_SYSTEM. On
// success `first` begins a list that cs_lookup_free must end.
struct cs_lookup {
  int code;
  int error;
  struct addrinfo *_Nullable first;
};

// Looks up a host and a service, either of which may be NULL. Wraps getaddrinfo(3); returns the list of what was found,
// or why there is none.
struct cs_lookup cs_lookup(const char *_Nullable host, const char *_Nullable service, int family, int type, int flags);

// Frees a list of results. Wraps freeaddrinfo(3).
void cs_lookup_free(struct addrinfo *_Nullable first);

// The address of one result.
struct cs_address cs_lookup_address(const struct addrinfo *result);

// The name of an EAI_* number, such as "EAI_NONAME", or NULL for a number that has none here.
const char *_Nullable cs_lookup_error_name(int code);

// What an EAI_* number means. Wraps gai_strerror(3).
const char *cs_lookup_error_text(int code);

// The index of a network interface. Wraps if_nametoindex(3); returns it, or 0 where no interface has that name.
uint32_t cs_interface_index(const char *name);

// The longest name that an interface can have, with its NUL.
enum { CS_INTERFACE_NAME_CAPACITY = IF_NAMESIZE };

// Writes the name of a network interface, with a NUL, into CS_INTERFACE_NAME_CAPACITY bytes. Wraps if_indextoname(3);
// returns the number of bytes before the NUL, or 0 where no interface has that index.
size_t cs_interface_name(uint32_t index, char *name);

CS_END
#endif
