// Host names and service names; nothing here leaves the machine.
#include "check.h"

static void test_numeric_host(void) {
  struct cs_lookup lookup = cs_lookup("127.0.0.1", "7", AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICHOST | AI_NUMERICSERV);
  EQUAL(lookup.code, 0);
  EQUAL(lookup.error, 0);
  CHECK(lookup.first != NULL);
  if (!lookup.first) return;
  CHECK(lookup.first->ai_next == NULL);
  EQUAL(lookup.first->ai_socktype, SOCK_STREAM);
  struct cs_address address = cs_lookup_address(lookup.first);
  struct cs_address expected = cs_address_ipv4(INADDR_LOOPBACK, 7);
  EQUAL(address.length, expected.length);
  EQUAL(memcmp(&address.as, &expected.as, expected.length), 0);
  cs_lookup_free(lookup.first);

  lookup = cs_lookup("fe80::1%lo", NULL, AF_INET6, SOCK_DGRAM, 0, AI_NUMERICHOST);
  EQUAL(lookup.code, 0);
  if (!lookup.first) return;
  address = cs_lookup_address(lookup.first);
  EQUAL(cs_address_family(&address), AF_INET6);
  EQUAL(cs_address_ipv6_host(&address).high, 0xfe80000000000000);
  EQUAL(cs_address_ipv6_host(&address).low, 1);
  EQUAL(cs_address_ipv6_scope(&address), cs_interface_index("lo"));
  cs_lookup_free(lookup.first);

  lookup = cs_lookup(NULL, "9", AF_INET, SOCK_STREAM, 0, AI_PASSIVE | AI_NUMERICSERV);
  EQUAL(lookup.code, 0);
  if (!lookup.first) return;
  address = cs_lookup_address(lookup.first);
  EQUAL(cs_address_ipv4_host(&address), INADDR_ANY);
  EQUAL(cs_address_ipv4_port(&address), 9);
  cs_lookup_free(lookup.first);
  cs_lookup_free(NULL);
}

static void check_failure(struct cs_lookup lookup, int code, const char *name) {
  EQUAL(lookup.code, code);
  EQUAL(lookup.error, 0);
  CHECK(lookup.first == NULL);
  CHECK(strcmp(cs_lookup_error_name(lookup.code), name) == 0);
  CHECK(strlen(cs_lookup_error_text(lookup.code)) > 0);
}

static void test_failure(void) {
  check_failure(cs_lookup("no address", NULL, AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICHOST), EAI_NONAME, "EAI_NONAME");
  check_failure(cs_lookup(NULL, NULL, AF_UNSPEC, SOCK_STREAM, 0, 0), EAI_NONAME, "EAI_NONAME");
  check_failure(cs_lookup("127.0.0.1", "7", 12345, SOCK_STREAM, 0, AI_NUMERICHOST), EAI_FAMILY, "EAI_FAMILY");
  check_failure(cs_lookup("127.0.0.1", "7", AF_INET, SOCK_STREAM, 0, -1), EAI_BADFLAGS, "EAI_BADFLAGS");
  CHECK(cs_lookup_error_name(0) == NULL);
  CHECK(cs_lookup_error_name(12345) == NULL);
}

// A result longer than an address is cut, never copied past its end.
static void test_long_result(void) {
  static uint8_t bytes[200];
  struct addrinfo result;
  memset(&result, 0, sizeof result);
  memset(bytes, 5, sizeof bytes);
  void *start = bytes;
  result.ai_addr = start;
  result.ai_addrlen = sizeof bytes;
  struct cs_address address = cs_lookup_address(&result);
  EQUAL(address.length, sizeof(struct sockaddr_storage));
  EQUAL(memcmp(&address.as, bytes, address.length), 0);
}

static void test_reverse(void) {
  char host[CS_HOST_CAPACITY];
  char service[CS_SERVICE_CAPACITY];
  struct cs_address address = cs_address_ipv4(INADDR_LOOPBACK, 7);
  struct cs_reverse_lookup lookup = cs_reverse_lookup(address, host, service, NI_NUMERICHOST | NI_NUMERICSERV);
  EQUAL(lookup.code, 0);
  CHECK(strcmp(host, "127.0.0.1") == 0);
  CHECK(strcmp(service, "7") == 0);
  address = cs_address_unspecified();
  EQUAL(cs_reverse_lookup(address, host, service, 0).code, EAI_FAMILY);
}

void test_name(void) {
  test_numeric_host();
  test_failure();
  test_long_result();
  test_reverse();
}
