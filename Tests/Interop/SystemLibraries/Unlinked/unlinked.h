#include <bsd/unistd.h>
