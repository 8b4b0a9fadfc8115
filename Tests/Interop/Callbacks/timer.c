#include "timer.h"

static void (*body)(void *);
static void *context;

void timer_set(void (*new_body)(void *), void *new_context) {
  body = new_body;
  context = new_context;
}

void timer_fire(void) { body(context); }
