// Socket addresses of every family as one object, built and taken apart without a cast.
#ifndef CSOCKETS_ADDRESS_H
#define CSOCKETS_ADDRESS_H

#include "base.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#ifdef __linux__
#include <linux/vm_sockets.h>
#endif

CS_BEGIN

// Every address this library knows, as one object. Reading `sa` of a stored `in` is defined in C (union members that
// share an initial sequence), where casting a `struct sockaddr_in *` to a `struct sockaddr *` and reading through it
// breaks strict aliasing.
union cs_sockaddr {
  struct sockaddr sa;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  struct sockaddr_un un;
#ifdef __linux__
  struct sockaddr_vm vm;
#endif
  struct sockaddr_storage storage;
};

// An address and the number of its bytes that count. Only the first `length` bytes of `as` have meaning.
struct cs_address {
  union cs_sockaddr as;
  socklen_t length;
};

// The sixteen bytes of an IPv6 address as two numbers in host byte order.
struct cs_ipv6 {
  uint64_t high;
  uint64_t low;
};

// Bytes before a Unix name, and how many a Unix name may have (108 on Linux, 104 on the BSDs).
enum {
  CS_UNIX_OFFSET = offsetof(struct sockaddr_un, sun_path),
  CS_UNIX_CAPACITY = sizeof(((struct sockaddr_un *)0)->sun_path)
};

#ifdef __linux__
static const int CS_AF_VSOCK = AF_VSOCK;
#else
static const int CS_AF_VSOCK = -1;
#endif

// An address of this family and length, all else 0. (The BSDs' addresses carry their length inside as well.)
CS_INLINE struct cs_address cs_address_of_family(int family, size_t length) {
  struct cs_address address;
  memset(&address, 0, sizeof address);
  address.as.sa.sa_family = (sa_family_t)family;
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
  address.as.sa.sa_len = (uint8_t)length;
#endif
  address.length = (socklen_t)length;
  return address;
}

// An IPv4 address: host and port in host byte order. See ip(7).
CS_SWIFT_NAME(cs_address.init(ipv4:port:))
CS_INLINE struct cs_address cs_address_ipv4(uint32_t host, uint16_t port) {
  struct cs_address address = cs_address_of_family(AF_INET, sizeof address.as.in);
  address.as.in.sin_port = htons(port);
  address.as.in.sin_addr.s_addr = htonl(host);
  return address;
}

// An IPv6 address, everything in host byte order. See ipv6(7).
CS_SWIFT_NAME(cs_address.init(ipv6:port:scope:flow:))
CS_INLINE struct cs_address cs_address_ipv6(struct cs_ipv6 host, uint16_t port, uint32_t scope, uint32_t flow) {
  struct cs_address address = cs_address_of_family(AF_INET6, sizeof address.as.in6);
  uint8_t bytes[16];
  for (int i = 0; i < 8; i++) {
    bytes[i] = (uint8_t)(host.high >> (56 - 8 * i));
    bytes[8 + i] = (uint8_t)(host.low >> (56 - 8 * i));
  }
  memcpy(&address.as.in6.sin6_addr, bytes, sizeof bytes);
  address.as.in6.sin6_port = htons(port);
  address.as.in6.sin6_scope_id = scope;
  address.as.in6.sin6_flowinfo = htonl(flow);
  return address;
}

// A Unix name, its bytes exactly as given: none at all is the unnamed address, a first byte of 0 an abstract name,
// anything else a path. More than CS_UNIX_CAPACITY bytes are not taken: the caller has refused them. See unix(7).
CS_INLINE struct cs_address cs_address_unix(const uint8_t *_Nullable __counted_by(count) name __noescape,
                                            size_t count) {
  if (count > (size_t)CS_UNIX_CAPACITY) count = CS_UNIX_CAPACITY;
  // A path gets its terminating NUL where there is room for one; an abstract name must not, it would be part of it.
  size_t terminator = count > 0 && name && name[0] != 0 && count < (size_t)CS_UNIX_CAPACITY;
  struct cs_address address = cs_address_of_family(AF_UNIX, CS_UNIX_OFFSET + count + terminator);
  if (count > 0 && name) memcpy(address.as.un.sun_path, name, count);
  return address;
}

// A vsock address; a system without vsock gets one that every call refuses with EAFNOSUPPORT. See vsock(7).
CS_SWIFT_NAME(cs_address.init(vsock:port:))
CS_INLINE struct cs_address cs_address_vsock(uint32_t cid, uint32_t port) {
#ifdef __linux__
  struct cs_address address = cs_address_of_family(AF_VSOCK, sizeof address.as.vm);
  address.as.vm.svm_cid = cid;
  address.as.vm.svm_port = port;
  return address;
#else
  (void)cid;
  (void)port;
  return cs_address_of_family(255, sizeof(struct sockaddr));
#endif
}

// An address of a family this library has no type for: `bytes` are what follows the family. No more than fit are taken.
CS_INLINE struct cs_address cs_address_other(int family, const uint8_t *_Nullable __counted_by(count) bytes __noescape,
                                             size_t count) {
  size_t offset = offsetof(struct sockaddr, sa_data);
  if (count > sizeof(union cs_sockaddr) - offset) count = sizeof(union cs_sockaddr) - offset;
  struct cs_address address = cs_address_of_family(family, offset + count);
  if (count > 0 && bytes) memcpy((char *)&address.as + offset, bytes, count);
  return address;
}

// The address that dissolves an association when connected to. See connect(2).
CS_INLINE struct cs_address cs_address_unspecified(void) {
  return cs_address_of_family(AF_UNSPEC, sizeof(struct sockaddr));
}

// The family, or AF_UNSPEC where the kernel stored no address.
CS_SWIFT_NAME(getter:cs_address.family(self:))
CS_INLINE int cs_address_family(const struct cs_address *address) {
  return address->length >= offsetof(struct sockaddr, sa_data) ? address->as.sa.sa_family : AF_UNSPEC;
}

// The host of an AF_INET address, in host byte order.
CS_SWIFT_NAME(getter:cs_address.ipv4Host(self:))
CS_INLINE uint32_t cs_address_ipv4_host(const struct cs_address *address) {
  return ntohl(address->as.in.sin_addr.s_addr);
}

// The port of an AF_INET address, in host byte order.
CS_SWIFT_NAME(getter:cs_address.ipv4Port(self:))
CS_INLINE uint16_t cs_address_ipv4_port(const struct cs_address *address) { return ntohs(address->as.in.sin_port); }

// The host of an AF_INET6 address, in host byte order.
CS_SWIFT_NAME(getter:cs_address.ipv6Host(self:))
CS_INLINE struct cs_ipv6 cs_address_ipv6_host(const struct cs_address *address) {
  uint8_t bytes[16];
  memcpy(bytes, &address->as.in6.sin6_addr, sizeof bytes);
  struct cs_ipv6 host = {0, 0};
  for (int i = 0; i < 8; i++) {
    host.high = host.high << 8 | bytes[i];
    host.low = host.low << 8 | bytes[8 + i];
  }
  return host;
}

// The port of an AF_INET6 address, in host byte order.
CS_SWIFT_NAME(getter:cs_address.ipv6Port(self:))
CS_INLINE uint16_t cs_address_ipv6_port(const struct cs_address *address) { return ntohs(address->as.in6.sin6_port); }

// The scope id (an interface index) of an AF_INET6 address.
CS_SWIFT_NAME(getter:cs_address.ipv6Scope(self:))
CS_INLINE uint32_t cs_address_ipv6_scope(const struct cs_address *address) { return address->as.in6.sin6_scope_id; }

// The flow information of an AF_INET6 address, in host byte order.
CS_SWIFT_NAME(getter:cs_address.ipv6Flow(self:))
CS_INLINE uint32_t cs_address_ipv6_flow(const struct cs_address *address) {
  return ntohl(address->as.in6.sin6_flowinfo);
}

// The port of an AF_INET or AF_INET6 address, in host byte order; 0 of another family.
CS_SWIFT_NAME(getter:cs_address.port(self:))
CS_INLINE uint16_t cs_address_port(const struct cs_address *address) {
  switch (cs_address_family(address)) {
  case AF_INET:
    return cs_address_ipv4_port(address);
  case AF_INET6:
    return cs_address_ipv6_port(address);
  default:
    return 0;
  }
}

// How many bytes the name of an AF_UNIX address has: 0 for the unnamed one; a path without its NUL; an abstract name
// with its leading NUL. The kernel reports a length of 111 for a path of 108 bytes, which has no room for a NUL.
CS_SWIFT_NAME(getter:cs_address.unixCount(self:))
CS_INLINE size_t cs_address_unix_count(const struct cs_address *address) {
  if (address->length <= (socklen_t)CS_UNIX_OFFSET) return 0;
  size_t count = address->length - CS_UNIX_OFFSET;
  if (count > (size_t)CS_UNIX_CAPACITY) count = CS_UNIX_CAPACITY;
  if (address->as.un.sun_path[0] == 0) {
#ifdef __linux__
    return count;
#else
    return 0;  // No abstract names here: an empty path is the unnamed address.
#endif
  }
  const void *end = memchr(address->as.un.sun_path, 0, count);
  return end ? (size_t)((const char *)end - address->as.un.sun_path) : count;
}

// Copies the first bytes of the name of an AF_UNIX address, `count` at most.
CS_INLINE void cs_address_copy_unix(struct cs_address address, uint8_t *__counted_by(count) name __noescape,
                                    size_t count) {
  size_t available = cs_address_unix_count(&address);
  memcpy(name, address.as.un.sun_path, count < available ? count : available);
}

// The context id of a vsock address.
CS_SWIFT_NAME(getter:cs_address.vsockCID(self:))
CS_INLINE uint32_t cs_address_vsock_cid(const struct cs_address *address) {
#ifdef __linux__
  return address->as.vm.svm_cid;
#else
  (void)address;
  return 0;
#endif
}

// The port of a vsock address.
CS_SWIFT_NAME(getter:cs_address.vsockPort(self:))
CS_INLINE uint32_t cs_address_vsock_port(const struct cs_address *address) {
#ifdef __linux__
  return address->as.vm.svm_port;
#else
  (void)address;
  return 0;
#endif
}

// How many bytes follow the family.
CS_SWIFT_NAME(getter:cs_address.otherCount(self:))
CS_INLINE size_t cs_address_other_count(const struct cs_address *address) {
  size_t offset = offsetof(struct sockaddr, sa_data);
  size_t length = address->length > sizeof(union cs_sockaddr) ? sizeof(union cs_sockaddr) : address->length;
  return length <= offset ? 0 : length - offset;
}

// Copies the first bytes that follow the family, `count` at most.
CS_INLINE void cs_address_copy_other(struct cs_address address, uint8_t *__counted_by(count) bytes __noescape,
                                     size_t count) {
  size_t available = cs_address_other_count(&address);
  memcpy(bytes, (const char *)&address.as + offsetof(struct sockaddr, sa_data), count < available ? count : available);
}

CS_END
#endif
