// The calls as a C program makes them, `count` times each, on a UDP socket that is connected with itself.
#ifndef C_CALLS_H
#define C_CALLS_H

#include <stdint.h>

// Sends 64 bytes: what a receive needs before it. Never inlined, so that it costs every caller the same.
void c_feed(int fd);
// Connects to a listener and closes, likewise.
void c_visit(uint16_t port);

void c_feed_many(int fd, long count);
void c_send(int fd, long count);
void c_cs_send(int fd, long count);
void c_send_now(int fd, long count);
void c_sendto(int fd, long count);
void c_recv(int fd, long count);
void c_cs_recv(int fd, long count);
void c_recvfrom(int fd, long count);
void c_recvmsg(int fd, long count);
void c_sendmmsg(int fd, long count);
void c_recvmmsg(int fd, long count);
void c_epoll_wait(int fd, long count);
void c_accept(int listener, uint16_t port, long count);

#endif
