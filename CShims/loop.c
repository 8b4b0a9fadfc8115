#include "csockets/loop.h"

__thread void *cs_loop_of_thread;
