#include <stdint.h>

#define PORT 8000
#define NAME "echo"
#define READ 1u
#define WRITE 2u
#define BOTH (READ | WRITE)
#define BYTE ((uint8_t)255)

#define SIZE sizeof(long)
#define IS_BIG(number) ((number) > 100)
