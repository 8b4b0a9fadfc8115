#include "csockets/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

int cs_fill_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number that is free is this one: those below it are open.
    if (open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) < 0) return -errno;
  }
  return 0;
}

int cs_create_file(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return CS_RESULT(fd);
}

int64_t cs_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  return limit.rlim_cur > (rlim_t)INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

int64_t cs_process_time_nanoseconds(pid_t process) {
#ifdef __APPLE__
  (void)process;
  return -ENOSYS;
#else
  // A clock's number has the process's in it, and three bits of its own: what does not fit is no process.
  if (process < 0 || process > INT_MAX >> 3) return -ESRCH;
  clockid_t clock;
  int error = clock_getcpuclockid(process, &clock);
  if (error != 0) return -error;
  struct timespec time;
  if (clock_gettime(clock, &time) < 0) return -errno;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
#endif
}

// pthread_create wants a function that returns a pointer; ours return nothing.
struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int cs_thread_start(size_t stack_bytes, void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (!start) return -ENOMEM;
  start->body = body;
  start->context = context;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error == 0) {
    error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (error == 0) error = pthread_attr_setstacksize(&attributes, stack_bytes);
    pthread_t thread;
    if (error == 0) error = pthread_create(&thread, &attributes, run, start);
    pthread_attr_destroy(&attributes);
  }
  if (error != 0) free(start);
  return -error;
}

// Whom to tell of a signal. Set before the handler is.
static volatile sig_atomic_t told = -1;

static void tell(int number) {
  // What it interrupts may be about to look at its own.
  int before = errno;
  unsigned char byte = (unsigned char)number;
  // Where there is no room, that many have been told already.
  ssize_t written = write((int)told, &byte, 1);
  (void)written;
  errno = before;
}

int cs_tell_termination_signals(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  told = fd;
  struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  if (sigaction(SIGINT, &action, NULL) < 0 || sigaction(SIGTERM, &action, NULL) < 0) return -errno;
  // Whoever has started this process may have blocked them.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void cs_ignore_broken_pipes(void) { (void)signal(SIGPIPE, SIG_IGN); }
