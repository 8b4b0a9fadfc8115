// The tests of the C layer, run by run.sh. They work in a directory of their own, on ports that the kernel chooses.
#include "check.h"

static int checks;
static int failures;
volatile sig_atomic_t broken_pipes;

void check(int passed, const char *what, const char *file, int line) {
  checks++;
  if (passed) return;
  failures++;
  printf("%s:%d: failed: %s\n", file, line, what);
}

void check_equal(long long actual, long long expected, const char *what, const char *file, int line) {
  check(actual == expected, what, file, line);
  if (actual != expected) printf("  %lld is not %lld\n", actual, expected);
}

int loopback_socket(int type) {
  int fd = cs_socket(AF_INET, type, 0);
  CHECK(fd >= 0);
  EQUAL(cs_bind(fd, cs_address_ipv4(INADDR_LOOPBACK, 0)), 0);
  return fd;
}

struct cs_address name_of(int fd) {
  struct cs_named named = cs_getsockname(fd);
  EQUAL(named.result, 0);
  return named.address;
}

static void broken_pipe(int number) {
  (void)number;
  broken_pipes++;
}

static int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 1024; fd++)
    count += cs_get_descriptor_flags(fd) >= 0;
  return count;
}

static void run(const char *name, void (*test)(void)) {
  int failed = failures;
  int open = open_descriptors();
  test();
  EQUAL(open_descriptors(), open);
  if (failures != failed) printf("%s: %d checks failed\n", name, failures - failed);
}

int main(void) {
  const char *temporary = getenv("TMPDIR");
  char directory[4096];
  snprintf(directory, sizeof directory, "%s/csockets.XXXXXX", temporary ? temporary : "/tmp");
  setvbuf(stdout, NULL, _IOLBF, 0);  // What was said is not lost when a signal ends the process.
  signal(SIGPIPE, broken_pipe);
  alarm(30);  // No wait below may be longer than this.
  if (!mkdtemp(directory) || chdir(directory) != 0) {
    perror(directory);
    return 2;
  }
  run("address", test_address);
  run("batch", test_batch);
  run("descriptor", test_descriptor);
  run("error", test_error);
  run("file", test_file);
  run("interface", test_interface);
  run("io", test_io);
  run("loop", test_loop);
  run("message", test_message);
  run("name", test_name);
  run("option", test_option);
  run("queue", test_queue);
  run("readiness", test_readiness);
  run("service", test_service);
  run("transfer", test_transfer);
  run("process", test_process);  // Last: it changes what signals do.
  EQUAL(rmdir(directory), 0);    // Every test has removed its files.
  printf("%d checks, %d of them failed\n", checks, failures);
  return failures != 0;
}
