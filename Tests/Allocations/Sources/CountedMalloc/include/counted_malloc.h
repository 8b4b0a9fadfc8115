// How often this thread has asked for memory.
#ifndef COUNTED_MALLOC_H
#define COUNTED_MALLOC_H

unsigned long counted_mallocs(void);

#endif
