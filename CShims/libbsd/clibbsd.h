// What this package takes from the system's libbsd, as typed helpers. See libbsd(7).
#ifndef CLIBBSD_H
#define CLIBBSD_H

#if !__has_include(<bsd/unistd.h>)
#error "libbsd is missing: install it with 'apt-get install libbsd-dev', or build without the trait LibBSD"
#endif

// The header asks which of two forms of strnvis is meant; none is used here.
#if !defined(LIBBSD_OPENBSD_VIS) && !defined(LIBBSD_NETBSD_VIS)
#define LIBBSD_OPENBSD_VIS
#endif
#include <bsd/libutil.h>
#include <bsd/unistd.h>
#include <bsd/vis.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

extern char *_Nullable *_Nonnull environ;

// Who is at the other end of a Unix socket; `result` is 0, or -errno.
struct cs_credentials {
  int result;
  uid_t uid;
  gid_t gid;
};

// The user and group of the peer of a connected Unix socket. Wraps getpeereid(3).
static inline struct cs_credentials cs_getpeereid(int fd) {
  struct cs_credentials credentials = {0, 0, 0};
  if (getpeereid(fd, &credentials.uid, &credentials.gid) != 0) credentials.result = -errno;
  return credentials;
}

// Makes room for a title. Wraps setproctitle_init(3); `argv` must be what main was given.
static inline void cs_setproctitle_init(int argc, char *_Nullable *_Nonnull argv) {
  setproctitle_init(argc, argv, environ);
}

// Sets the title that ps(1) shows, the program's name before it. Wraps setproctitle(3), which is variadic, so Swift
// cannot call it.
static inline void cs_setproctitle(const char *title) { setproctitle("%s", title); }

// A pid file that is open and locked, or why it is not: `result` is 0, or -errno; with -EEXIST `other` is the process
// that holds it, or -1 where it has not written its number yet.
struct cs_pidfile {
  int result;
  pid_t other;
  struct pidfh *_Nullable handle;
};

// Opens and locks a pid file. Wraps pidfile_open(3).
static inline struct cs_pidfile cs_pidfile_open(const char *path) {
  struct cs_pidfile file = {0, -1, NULL};
  file.handle = pidfile_open(path, 0644, &file.other);
  if (!file.handle) file.result = -errno;
  return file;
}

// Writes this process's number. Wraps pidfile_write(3); returns 0, or -errno.
static inline int cs_pidfile_write(struct pidfh *handle) { return pidfile_write(handle) == 0 ? 0 : -errno; }

// Closes and removes the pid file. Wraps pidfile_remove(3); returns 0, or -errno.
static inline int cs_pidfile_remove(struct pidfh *handle) { return pidfile_remove(handle) == 0 ? 0 : -errno; }

// The most bytes that one byte becomes, its NUL included.
enum { CS_VISIBLE_CAPACITY = 5 };

// Writes one byte as vis(3) with VIS_OCTAL shows it: `\033` for an escape, `\134` for a backslash. Returns how many
// bytes that is, without the NUL.
static inline size_t cs_visible(uint8_t byte, char text[_Nonnull CS_VISIBLE_CAPACITY]) {
  return (size_t)(vis(text, byte, VIS_OCTAL | VIS_NL | VIS_TAB, 0) - text);
}

#pragma clang assume_nonnull end
#endif
