// Layouts and addresses: what the helpers build against what the system's own functions and the kernel make of it.
#include "check.h"

static void test_layouts(void) {
  EQUAL(sizeof(union cs_sockaddr), sizeof(struct sockaddr_storage));
  EQUAL(offsetof(struct cs_address, as), 0);
  EQUAL(offsetof(struct cs_address, length), sizeof(struct sockaddr_storage));
  EQUAL(offsetof(struct sockaddr_in, sin_family), offsetof(struct sockaddr, sa_family));
  EQUAL(offsetof(struct sockaddr_in6, sin6_family), offsetof(struct sockaddr, sa_family));
  EQUAL(offsetof(struct sockaddr_un, sun_family), offsetof(struct sockaddr, sa_family));
  EQUAL(offsetof(struct sockaddr_vm, svm_family), offsetof(struct sockaddr, sa_family));
  EQUAL(offsetof(struct sockaddr_storage, ss_family), offsetof(struct sockaddr, sa_family));
  EQUAL(CS_UNIX_OFFSET, 2);
  EQUAL(CS_UNIX_CAPACITY, 108);
  EQUAL(sizeof(struct cs_ipv6), 16);
  EQUAL(CS_AF_VSOCK, AF_VSOCK);

  EQUAL(cs_address_ipv4(0, 0).length, sizeof(struct sockaddr_in));
  EQUAL(cs_address_ipv6((struct cs_ipv6){0, 0}, 0, 0, 0).length, sizeof(struct sockaddr_in6));
  EQUAL(cs_address_vsock(0, 0).length, sizeof(struct sockaddr_vm));
  EQUAL(cs_address_unspecified().length, sizeof(struct sockaddr));
}

static void test_ipv4(void) {
  struct cs_address address = cs_address_ipv4(0x7f010203, 0x1234);
  struct sockaddr_in expected;
  memset(&expected, 0, sizeof expected);
  expected.sin_family = AF_INET;
  expected.sin_port = htons(0x1234);
  EQUAL(inet_pton(AF_INET, "127.1.2.3", &expected.sin_addr), 1);
  EQUAL(memcmp(&address.as, &expected, sizeof expected), 0);
  EQUAL(cs_address_family(&address), AF_INET);
  EQUAL(cs_address_ipv4_host(&address), 0x7f010203);
  EQUAL(cs_address_ipv4_port(&address), 0x1234);
  EQUAL(cs_address_port(&address), 0x1234);

  int fd = cs_socket(AF_INET, SOCK_STREAM, 0);
  EQUAL(cs_bind(fd, cs_address_ipv4(0x7f010203, 0)), 0);
  struct cs_address bound = name_of(fd);
  EQUAL(bound.length, sizeof(struct sockaddr_in));
  EQUAL(cs_address_family(&bound), AF_INET);
  EQUAL(cs_address_ipv4_host(&bound), 0x7f010203);
  CHECK(cs_address_ipv4_port(&bound) != 0);

  // The port that the kernel was given is the one it chose before.
  struct cs_address again = cs_address_ipv4(0x7f010203, cs_address_ipv4_port(&bound));
  EQUAL(memcmp(&again.as, &bound.as, bound.length), 0);
  EQUAL(cs_close(fd), 0);
}

static void test_ipv6(void) {
  struct cs_ipv6 host = {0xfe80000000000102, 0x0304050607080910};
  struct cs_address address = cs_address_ipv6(host, 0x1234, 0x01020304, 0x0abcde);
  struct sockaddr_in6 expected;
  memset(&expected, 0, sizeof expected);
  expected.sin6_family = AF_INET6;
  expected.sin6_port = htons(0x1234);
  expected.sin6_flowinfo = htonl(0x0abcde);
  expected.sin6_scope_id = 0x01020304;
  EQUAL(inet_pton(AF_INET6, "fe80::102:304:506:708:910", &expected.sin6_addr), 1);
  EQUAL(memcmp(&address.as, &expected, sizeof expected), 0);
  EQUAL(cs_address_family(&address), AF_INET6);
  EQUAL(cs_address_ipv6_host(&address).high, host.high);
  EQUAL(cs_address_ipv6_host(&address).low, host.low);
  EQUAL(cs_address_ipv6_port(&address), 0x1234);
  EQUAL(cs_address_port(&address), 0x1234);
  EQUAL(cs_address_ipv6_scope(&address), 0x01020304);
  EQUAL(cs_address_ipv6_flow(&address), 0x0abcde);
}

// The kernel keeps the scope of a multicast address, and the traffic class, which is the part of the flow that needs no
// lease, where it is asked to send it.
static void test_ipv6_in_kernel(void) {
  enum { FLOWINFO_SEND = 33 };  // IPV6_FLOWINFO_SEND, of a header that cannot stand beside netinet/in.h.
  struct cs_ipv6 loopback = {0, 1};
  struct cs_ipv6 all_nodes = {0xff02000000000000, 1};
  uint32_t lo = cs_interface_index("lo");
  int fd = cs_socket(AF_INET6, SOCK_DGRAM, 0);
  int bound = fd < 0 ? fd : cs_bind(fd, cs_address_ipv6(loopback, 0, 0, 0));
  if (bound == -EAFNOSUPPORT || bound == -EADDRNOTAVAIL) {
    printf("skipped: IPv6 through the kernel, which has none here\n");
    cs_close(fd);
    return;
  }
  EQUAL(bound, 0);
  struct cs_address name = name_of(fd);
  EQUAL(name.length, sizeof(struct sockaddr_in6));
  EQUAL(cs_address_family(&name), AF_INET6);
  EQUAL(cs_address_ipv6_host(&name).high, 0);
  EQUAL(cs_address_ipv6_host(&name).low, 1);
  CHECK(cs_address_ipv6_port(&name) != 0);

  EQUAL(cs_set_int(fd, IPPROTO_IPV6, FLOWINFO_SEND, 1), 0);
  EQUAL(cs_connect(fd, cs_address_ipv6(loopback, cs_address_ipv6_port(&name), 0, 0x02300000)), 0);
  struct cs_named peer = cs_getpeername(fd);
  EQUAL(peer.result, 0);
  EQUAL(cs_address_ipv6_flow(&peer.address), 0x02300000);
  EQUAL(cs_address_ipv6_port(&peer.address), cs_address_ipv6_port(&name));
  EQUAL(cs_close(fd), 0);

  fd = cs_socket(AF_INET6, SOCK_DGRAM, 0);
  EQUAL(cs_bind(fd, cs_address_ipv6(all_nodes, 0, lo, 0)), 0);
  name = name_of(fd);
  EQUAL(cs_address_ipv6_host(&name).high, all_nodes.high);
  EQUAL(cs_address_ipv6_host(&name).low, all_nodes.low);
  EQUAL(cs_address_ipv6_scope(&name), lo);
  EQUAL(cs_close(fd), 0);
}

// Binds a socket to a name and reads it back: nothing of the name may change on the way through the kernel, which
// reports `length`.
static void check_unix_name(const uint8_t *bytes, size_t count, socklen_t length) {
  int fd = cs_socket(AF_UNIX, SOCK_STREAM, 0);
  EQUAL(cs_bind(fd, cs_address_unix(bytes, count)), 0);
  struct cs_address bound = name_of(fd);
  EQUAL(bound.length, length);
  EQUAL(cs_address_family(&bound), AF_UNIX);
  EQUAL(cs_address_unix_count(&bound), count);
  uint8_t copy[CS_UNIX_CAPACITY];
  cs_address_copy_unix(bound, copy, sizeof copy);
  EQUAL(memcmp(copy, bytes, count), 0);

  // Who was reached by that name says so.
  EQUAL(cs_listen(fd, 1), 0);
  int client = cs_socket(AF_UNIX, SOCK_STREAM, 0);
  EQUAL(cs_connect(client, cs_address_unix(bytes, count)), 0);
  struct cs_named peer = cs_getpeername(client);
  EQUAL(peer.result, 0);
  EQUAL(peer.address.length, length);
  EQUAL(cs_address_unix_count(&peer.address), count);
  EQUAL(cs_close(client), 0);
  EQUAL(cs_close(fd), 0);

  if (bytes[0] == 0) return;
  char path[CS_UNIX_CAPACITY + 1] = {0};
  memcpy(path, bytes, count);
  EQUAL(cs_file_at(path).is_socket, 1);
  EQUAL(cs_remove_file(path), 0);
}

static void test_unix(void) {
  uint8_t name[200];
  memset(name, 'n', sizeof name);
  EQUAL(cs_address_unix(name, 1).length, CS_UNIX_OFFSET + 2);
  EQUAL(cs_address_unix(name, 107).length, CS_UNIX_OFFSET + 108);
  EQUAL(cs_address_unix(name, 108).length, CS_UNIX_OFFSET + 108);
  EQUAL(cs_address_unix(name, sizeof name).length, CS_UNIX_OFFSET + 108);
  check_unix_name(name, 1, CS_UNIX_OFFSET + 2);
  check_unix_name(name, 107, CS_UNIX_OFFSET + 108);
  check_unix_name(name, 108, 111);  // The kernel counts a NUL that has no room.

  // Abstract names with NULs inside and at the end, one of them as long as can be.
  snprintf((char *)name, sizeof name, "%ccsockets%c%ld", 0, 0, (long)getpid());
  size_t count = 10 + strlen((char *)name + 10);
  check_unix_name(name, count, (socklen_t)(CS_UNIX_OFFSET + count));
  check_unix_name(name, count + 1, (socklen_t)(CS_UNIX_OFFSET + count + 1));
  check_unix_name(name, 108, CS_UNIX_OFFSET + 108);

  // A length of more than an address has is no more bytes of name.
  struct cs_address longest = cs_address_unix((const uint8_t *)"", 1);
  longest.length = sizeof longest.as;
  EQUAL(cs_address_unix_count(&longest), 108);

  // Only as many bytes are copied as there is room for.
  struct cs_address address = cs_address_unix((const uint8_t *)"path", 4);
  uint8_t copy[4] = {1, 2, 3, 4};
  cs_address_copy_unix(address, copy, 3);
  EQUAL(memcmp(copy, "pat\4", 4), 0);
  cs_address_copy_unix(address, copy, 0);
  EQUAL(memcmp(copy, "pat\4", 4), 0);
}

static void test_unnamed_unix(void) {
  struct cs_address unnamed = cs_address_unix(NULL, 0);
  EQUAL(unnamed.length, CS_UNIX_OFFSET);
  EQUAL(cs_address_family(&unnamed), AF_UNIX);
  EQUAL(cs_address_unix_count(&unnamed), 0);

  int fd = cs_socket(AF_UNIX, SOCK_DGRAM, 0);
  struct cs_address name = name_of(fd);
  EQUAL(name.length, CS_UNIX_OFFSET);
  EQUAL(cs_address_family(&name), AF_UNIX);
  EQUAL(cs_address_unix_count(&name), 0);

  // Bound to no name, a socket gets an abstract one of five digits.
  EQUAL(cs_bind(fd, unnamed), 0);
  name = name_of(fd);
  EQUAL(cs_address_unix_count(&name), 6);
  EQUAL(name.as.un.sun_path[0], 0);
  EQUAL(cs_close(fd), 0);
}

static void test_vsock(void) {
  struct cs_address address = cs_address_vsock(0x01020304, 0x05060708);
  struct sockaddr_vm expected;
  memset(&expected, 0, sizeof expected);
  expected.svm_family = AF_VSOCK;
  expected.svm_cid = 0x01020304;
  expected.svm_port = 0x05060708;
  EQUAL(memcmp(&address.as, &expected, sizeof expected), 0);
  EQUAL(cs_address_family(&address), AF_VSOCK);
  EQUAL(cs_address_vsock_cid(&address), 0x01020304);
  EQUAL(cs_address_vsock_port(&address), 0x05060708);
  EQUAL(cs_address_port(&address), 0);
}

// A netlink address, as one of a family that the library does not know: two bytes of padding, the port, the groups.
static void test_other(void) {
  uint8_t bytes[200] = {0};
  uint32_t port = (uint32_t)getpid();
  memcpy(bytes + 2, &port, sizeof port);
  struct cs_address address = cs_address_other(AF_NETLINK, bytes, 10);
  EQUAL(address.length, 12);
  EQUAL(cs_address_family(&address), AF_NETLINK);
  EQUAL(cs_address_other_count(&address), 10);

  int fd = cs_socket(AF_NETLINK, SOCK_RAW, 0);
  EQUAL(cs_bind(fd, address), 0);
  struct cs_address bound = name_of(fd);
  EQUAL(cs_address_family(&bound), AF_NETLINK);
  EQUAL(cs_address_other_count(&bound), 10);
  uint8_t copy[11];
  memset(copy, 0xff, sizeof copy);
  cs_address_copy_other(bound, copy, sizeof copy);
  EQUAL(memcmp(copy, bytes, 10), 0);
  EQUAL(copy[10], 0xff);
  EQUAL(cs_close(fd), 0);

  // No more than fits, in either direction.
  memset(bytes, 7, sizeof bytes);
  address = cs_address_other(AF_NETLINK, bytes, sizeof bytes);
  EQUAL(address.length, sizeof(struct sockaddr_storage));
  address.length = 1000;
  EQUAL(cs_address_other_count(&address), sizeof(struct sockaddr_storage) - 2);
  cs_address_copy_other(address, copy, 1);
  EQUAL(copy[0], 7);
  EQUAL(copy[1], 0);
}

static void test_family(void) {
  struct cs_address address = cs_address_ipv4(1, 2);
  address.length = 2;
  EQUAL(cs_address_family(&address), AF_INET);
  address.length = 1;
  EQUAL(cs_address_family(&address), AF_UNSPEC);
  address.length = 0;
  EQUAL(cs_address_family(&address), AF_UNSPEC);
  EQUAL(cs_address_other_count(&address), 0);
  EQUAL(cs_address_unix_count(&address), 0);
  address = cs_address_unspecified();
  EQUAL(cs_address_family(&address), AF_UNSPEC);
}

void test_address(void) {
  test_layouts();
  test_family();
  test_ipv4();
  test_ipv6();
  test_ipv6_in_kernel();
  test_unix();
  test_unnamed_unix();
  test_vsock();
  test_other();
}
