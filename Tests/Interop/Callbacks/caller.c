#include "caller.h"

#include "exported.h"

int call_twice(int number) { return twice(number); }
