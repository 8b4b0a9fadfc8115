// The environment, and the process's numbers.
#include "check.h"

void test_service(void) {
  EQUAL(setenv("CS_TEST", "value", 1), 0);
  const char *value = cs_getenv("CS_TEST");
  CHECK(value && strcmp(value, "value") == 0);
  EQUAL(cs_unsetenv("CS_TEST"), 0);
  CHECK(!cs_getenv("CS_TEST"));
  EQUAL(cs_unsetenv("CS_TEST"), 0);
  EQUAL(cs_unsetenv("CS=TEST"), -EINVAL);

  EQUAL(cs_process_number(), getpid());
  uint64_t first = 0;
  uint64_t second = 0;
  int result = cs_process_identity(&first);
  // Kernels before 6.9 have none, and some sandboxes no pidfd.
  CHECK(result == 0 || result == -EOPNOTSUPP || result == -ENOSYS || result == -EPERM);
  EQUAL(cs_process_identity(&second), result);
  EQUAL(first, second);
  CHECK((result == 0) == (first != 0));
}
