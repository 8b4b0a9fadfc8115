#include "thread.h"

#include <pthread.h>
#include <stdlib.h>

struct thread {
  pthread_t id;
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct thread *thread = argument;
  thread->body(thread->context);
  return NULL;
}

void *thread_start(void (*body)(void *), void *context) {
  struct thread *thread = malloc(sizeof *thread);
  if (!thread) abort();
  thread->body = body;
  thread->context = context;
  if (pthread_create(&thread->id, NULL, run, thread) != 0) abort();
  return thread;
}

void thread_join(void *thread) {
  pthread_join(((struct thread *)thread)->id, NULL);
  free(thread);
}

void *thread_start_sendable(void (*body)(void *), void *context) { return thread_start(body, context); }
