// Which loop a thread runs, processors, and timers that can be waited for.
#include "check.h"

static void test_current_loop(void) {
  int first, second;
  CHECK(cs_current_loop() == NULL);
  CHECK(cs_set_current_loop(&first) == NULL);
  CHECK(cs_current_loop() == &first);
  CHECK(cs_set_current_loop(&second) == &first);
  CHECK(cs_set_current_loop(NULL) == &second);
  CHECK(cs_current_loop() == NULL);
  // Nothing of Swift is in this program.
  CHECK(cs_current_task() == NULL);
}

static void test_timer(void) {
  int timer = cs_timer_create();
  CHECK(timer >= 0);
  EQUAL(cs_get_descriptor_flags(timer), FD_CLOEXEC);
  EQUAL(cs_poll_one(timer, CS_POLLIN, 0), 0);
  int64_t start = cs_monotonic_nanoseconds();
  EQUAL(cs_timer_set(timer, start + 20000000), 0);
  EQUAL(cs_poll_one(timer, CS_POLLIN, 5000000000), CS_POLLIN);
  CHECK(cs_monotonic_nanoseconds() - start >= 20000000);
  // A moment that has passed makes it readable, and none makes it silent again.
  EQUAL(cs_timer_set(timer, 1), 0);
  EQUAL(cs_poll_one(timer, CS_POLLIN, 0), CS_POLLIN);
  EQUAL(cs_timer_set(timer, 0), 0);
  EQUAL(cs_poll_one(timer, CS_POLLIN, 0), 0);
  EQUAL(cs_close(timer), 0);
  EQUAL(cs_timer_set(timer, 1), -EBADF);
}

void test_loop(void) {
  test_current_loop();
  test_timer();
  CHECK(cs_processor_count() >= 1);
  CHECK(cs_processor_count() <= sysconf(_SC_NPROCESSORS_CONF));
}
