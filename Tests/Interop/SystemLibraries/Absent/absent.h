#if !__has_include(<absent/absent.h>)
#error "libabsent is missing: install it with 'apt-get install libabsent-dev'"
#endif
#include <absent/absent.h>
