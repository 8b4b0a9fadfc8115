#include "extra.h"

int usual(void) { return 1; }

#ifdef EXTRA
int extra(void) { return 2; }
#endif

int always_declared(void) {
#ifdef EXTRA
  return 2;
#else
  return -1;
#endif
}
