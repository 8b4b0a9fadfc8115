// Which event loop a thread runs.
#ifndef CSOCKETS_LOOP_H
#define CSOCKETS_LOOP_H

#include "base.h"

CS_BEGIN

// The loop that the calling thread runs, or NULL. Behind cs_current_loop and cs_set_current_loop.
extern __thread void *_Nullable cs_loop_of_thread;

// The loop that the calling thread runs, or NULL.
CS_INLINE void *_Nullable cs_current_loop(void) { return cs_loop_of_thread; }

// Says which loop the calling thread runs. Returns the one that it was running, or NULL.
CS_INLINE void *_Nullable cs_set_current_loop(void *_Nullable loop) {
  void *before = cs_loop_of_thread;
  cs_loop_of_thread = loop;
  return before;
}

CS_END
#endif
