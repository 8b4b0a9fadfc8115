// Interface requests and link-layer addresses are in headers that differ from system to system.
#include "csockets/interface.h"

#include <sys/ioctl.h>
#include <unistd.h>
#ifdef __linux__
#include <netpacket/packet.h>
#else
#include <net/if_dl.h>
#include <sys/sockio.h>
#endif

uint32_t cs_interface_index(const char *name) { return if_nametoindex(name); }

size_t cs_interface_name(uint32_t index, char *name) { return if_indextoname(index, name) ? strlen(name) : 0; }

struct cs_interfaces cs_interfaces(void) {
  struct cs_interfaces interfaces = {0, NULL};
  int done = getifaddrs(&interfaces.first);
  interfaces.result = CS_RESULT(done);
  if (done < 0) interfaces.first = NULL;
  return interfaces;
}

void cs_interfaces_free(struct ifaddrs *first) {
  if (first) freeifaddrs(first);
}

// An IP address, or none. A mask may leave its family out, and is read with that of the address it belongs to.
static struct cs_address ip_address(const struct sockaddr *address, int family) {
  struct cs_address copy;
  memset(&copy, 0, sizeof copy);
  size_t length = family == AF_INET ? sizeof copy.as.in : family == AF_INET6 ? sizeof copy.as.in6 : 0;
  if (!address || length == 0) return copy;
  memcpy(&copy.as, address, length);
  copy.as.sa.sa_family = (sa_family_t)family;
  copy.length = (socklen_t)length;
  return copy;
}

struct cs_interface_entry cs_interface_entry(const struct ifaddrs *entry) {
  struct cs_interface_entry told;
  memset(&told, 0, sizeof told);
  told.flags = (uint32_t)entry->ifa_flags;
  if (!entry->ifa_addr) return told;
  int family = entry->ifa_addr->sa_family;
  told.address = ip_address(entry->ifa_addr, family);
  told.mask = ip_address(entry->ifa_netmask, family);
#ifdef __linux__
  if (family != AF_PACKET) return told;
  struct sockaddr_ll link;
  memcpy(&link, entry->ifa_addr, sizeof link);
  // The address of some links is longer than the structure says; what follows it is there all the same.
  const uint8_t *bytes = (const uint8_t *)entry->ifa_addr + offsetof(struct sockaddr_ll, sll_addr);
  size_t length = link.sll_halen;
  told.index = (uint32_t)link.sll_ifindex;
#else
  if (family != AF_LINK) return told;
  const struct sockaddr_dl *link = (const struct sockaddr_dl *)entry->ifa_addr;
  const uint8_t *bytes = (const uint8_t *)LLADDR(link);
  size_t length = link->sdl_alen;
  told.index = link->sdl_index;
#endif
  if (length > sizeof told.hardware) length = sizeof told.hardware;
  memcpy(told.hardware, bytes, length);
  told.hardware_length = (uint32_t)length;
  return told;
}

int cs_interface_mtu(const char *name) {
  struct ifreq request;
  size_t length = strlen(name);
  if (length >= sizeof request.ifr_name) return -ENODEV;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, name, length);
#ifdef SOCK_CLOEXEC
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
#else
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
#endif
  if (fd < 0) return -errno;
  int done = ioctl(fd, SIOCGIFMTU, &request);
  int result = done < 0 ? -errno : request.ifr_mtu;
  close(fd);
  return result;
}
