// What the tests of the C layer share. A check counts and, where it fails, says what and where; the test goes on.
#ifndef CHECK_H
#define CHECK_H

// First, because it chooses what the system's headers show.
#include "csockets.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)
#define EQUAL(actual, expected) check_equal((actual), (expected), #actual " == " #expected, __FILE__, __LINE__)

void check(int passed, const char *what, const char *file, int line);
void check_equal(long long actual, long long expected, const char *what, const char *file, int line);

void test_address(void);
void test_batch(void);
void test_descriptor(void);
void test_error(void);
void test_file(void);
void test_interface(void);
void test_io(void);
void test_loop(void);
void test_message(void);
void test_name(void);
void test_option(void);
void test_process(void);
void test_queue(void);
void test_readiness(void);
void test_service(void);
void test_transfer(void);

// A socket of a type with a name of its own on the loopback interface, its port chosen by the kernel.
int loopback_socket(int type);

// The address that a socket has, checked.
struct cs_address name_of(int fd);

// How often SIGPIPE has come.
extern volatile sig_atomic_t broken_pipes;

#endif
