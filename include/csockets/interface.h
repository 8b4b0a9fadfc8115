// The network interfaces of this machine, or of the network namespace that the calling thread is in.
#ifndef CSOCKETS_INTERFACE_H
#define CSOCKETS_INTERFACE_H

#include "address.h"
#include "base.h"

#include <ifaddrs.h>
#include <net/if.h>

CS_BEGIN

// The index of a network interface. Wraps if_nametoindex(3); returns it, or 0 where no interface has that name.
uint32_t cs_interface_index(const char *name);

// The longest name that an interface can have, with its NUL.
enum { CS_INTERFACE_NAME_CAPACITY = IF_NAMESIZE };

// Writes the name of a network interface, with a NUL, into CS_INTERFACE_NAME_CAPACITY bytes. Wraps if_indextoname(3);
// returns the number of bytes before the NUL, or 0 where no interface has that index.
size_t cs_interface_name(uint32_t index, char *name);

// What can be told of an interface: IFF_ flags that not every system has are 0 where it does not.
static const uint32_t CS_IFF_UP = IFF_UP;
static const uint32_t CS_IFF_BROADCAST = IFF_BROADCAST;
static const uint32_t CS_IFF_LOOPBACK = IFF_LOOPBACK;
static const uint32_t CS_IFF_POINTOPOINT = IFF_POINTOPOINT;
static const uint32_t CS_IFF_RUNNING = IFF_RUNNING;
static const uint32_t CS_IFF_NOARP = IFF_NOARP;
static const uint32_t CS_IFF_PROMISC = IFF_PROMISC;
static const uint32_t CS_IFF_ALLMULTI = IFF_ALLMULTI;
static const uint32_t CS_IFF_MULTICAST = IFF_MULTICAST;

// The interfaces and their addresses; `result` is 0, or -errno. On success `first` begins a list that
// cs_interfaces_free must end, in which an interface comes once for each of its addresses; it is NULL where there is
// none.
struct cs_interfaces {
  int result;
  struct ifaddrs *_Nullable first;
};

// The longest address of the link layer that is kept, in bytes: an InfiniBand one has 20.
enum { CS_HARDWARE_ADDRESS_CAPACITY = 32 };

// What one entry of the list says; an address of family AF_UNSPEC is none.
struct cs_interface_entry {
  uint32_t flags;
  // The interface's index, of an entry about the link layer; otherwise 0.
  uint32_t index;
  struct cs_address address;
  struct cs_address mask;
  // How many bytes the address of the link layer has, and those bytes; 0 where the entry is about something else.
  uint32_t hardware_length;
  uint8_t hardware[CS_HARDWARE_ADDRESS_CAPACITY];
};

// Lists the interfaces and their addresses. Wraps getifaddrs(3).
struct cs_interfaces cs_interfaces(void);

// Frees the list. Wraps freeifaddrs(3).
void cs_interfaces_free(struct ifaddrs *_Nullable first);

// What one entry of the list says.
struct cs_interface_entry cs_interface_entry(const struct ifaddrs *entry);

// The size of the largest packet that an interface takes, in bytes, by the interface's name. Wraps ioctl(2) with
// SIOCGIFMTU on a socket of its own; returns it, or -errno.
int cs_interface_mtu(const char *name);

CS_END
#endif
