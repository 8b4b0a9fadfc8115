// Network interfaces: their names, indices, addresses and sizes.
#include "check.h"

static void test_names(void) {
  char name[CS_INTERFACE_NAME_CAPACITY];
  uint32_t index = cs_interface_index("lo");
  CHECK(index > 0);
  EQUAL(cs_interface_name(index, name), 2);
  CHECK(strcmp(name, "lo") == 0);
  EQUAL(cs_interface_index("no such one"), 0);
  EQUAL(cs_interface_index(""), 0);
  EQUAL(cs_interface_name(0, name), 0);
  EQUAL(cs_interface_name(0x7fffffff, name), 0);
}

static void test_list(void) {
  struct cs_interfaces interfaces = cs_interfaces();
  EQUAL(interfaces.result, 0);
  int loopbacks = 0;
  for (const struct ifaddrs *entry = interfaces.first; entry; entry = entry->ifa_next) {
    struct cs_interface_entry told = cs_interface_entry(entry);
    if (!(told.flags & CS_IFF_LOOPBACK) || cs_address_family(&told.address) != AF_INET) continue;
    loopbacks++;
    EQUAL(cs_address_ipv4_host(&told.address), INADDR_LOOPBACK);
    EQUAL(cs_address_ipv4_host(&told.mask), 0xff000000);
    EQUAL(told.hardware_length, 0);
    CHECK(told.flags & CS_IFF_UP);
    CHECK(cs_interface_mtu(entry->ifa_name) >= 1280);
  }
  EQUAL(loopbacks, 1);
  cs_interfaces_free(interfaces.first);
  cs_interfaces_free(NULL);
  EQUAL(cs_interface_mtu("no such one"), -ENODEV);
  EQUAL(cs_interface_mtu("a name that no interface can have"), -ENODEV);
}

void test_interface(void) {
  test_names();
  test_list();
}
