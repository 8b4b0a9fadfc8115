// Echoes over a pair of sockets from C; returns how many bytes came back, or -errno.
int consumer_echo(void);
