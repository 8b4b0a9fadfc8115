// The names and texts of errnos.
#include "check.h"

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
extern const char *strerrorname_np(int error);  // Shown only with _GNU_SOURCE.
#endif

static void test_names(void) {
  CHECK(strcmp(cs_errno_name(ECONNREFUSED), "ECONNREFUSED") == 0);
  CHECK(strcmp(cs_errno_name(EAGAIN), "EAGAIN") == 0);
  CHECK(strcmp(cs_errno_name(ENOTSUP), "EOPNOTSUPP") == 0);
  CHECK(cs_errno_name(0) == NULL);
  CHECK(cs_errno_name(-EBADF) == NULL);
  CHECK(cs_errno_name(1000000) == NULL);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  for (int error = 1; error < 200; error++) {
    const char *name = cs_errno_name(error);
    const char *expected = strerrorname_np(error);
    if (name) CHECK(expected && strcmp(name, expected) == 0);
  }
#endif
}

static void test_texts(void) {
  char text[64];
  EQUAL(cs_errno_text(ECONNREFUSED, text, sizeof text), strlen("Connection refused"));
  CHECK(strcmp(text, "Connection refused") == 0);
  CHECK(cs_errno_text(1000000, text, sizeof text) > 0);
  CHECK(strstr(text, "1000000") != NULL);

  // Cut to what there is room for, its NUL included.
  memset(text, 'x', sizeof text);
  EQUAL(cs_errno_text(ECONNREFUSED, text, 11), 10);
  CHECK(strcmp(text, "Connection") == 0);
  EQUAL(text[11], 'x');
  EQUAL(cs_errno_text(ECONNREFUSED, text, 1), 0);
  EQUAL(text[0], 0);
  text[0] = 'x';
  EQUAL(cs_errno_text(ECONNREFUSED, text, 0), 0);
  EQUAL(text[0], 'x');
}

void test_error(void) {
  test_names();
  test_texts();
}
