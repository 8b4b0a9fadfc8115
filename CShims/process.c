#include "csockets/process.h"

#include <fcntl.h>
#include <stdlib.h>

int cs_fill_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number that is free is this one: those below it are open.
    if (open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) < 0) return -errno;
  }
  return 0;
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

static sigset_t termination_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int cs_block_termination_signals(void) {
  sigset_t set = termination_signals();
  return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int cs_wait_for_termination_signal(void) {
  sigset_t set = termination_signals();
  int number = 0;
  int error = sigwait(&set, &number);
  return error != 0 ? -error : number;
}

void cs_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }
