// strerror_r has two forms under one name; without _GNU_SOURCE glibc gives the one that POSIX describes.
#undef _GNU_SOURCE
#include "csockets/error.h"

#include <stdio.h>
#include <string.h>

const char *cs_errno_name(int error) {
#define NAME(constant) \
  case constant:       \
    return #constant;
  switch (error) {
  NAME(E2BIG)
  NAME(EACCES)
  NAME(EADDRINUSE)
  NAME(EADDRNOTAVAIL)
  NAME(EAFNOSUPPORT)
  NAME(EAGAIN)
  NAME(EALREADY)
  NAME(EBADF)
  NAME(EBADMSG)
  NAME(EBUSY)
  NAME(ECANCELED)
  NAME(ECHILD)
  NAME(ECONNABORTED)
  NAME(ECONNREFUSED)
  NAME(ECONNRESET)
  NAME(EDEADLK)
  NAME(EDESTADDRREQ)
  NAME(EDOM)
  NAME(EDQUOT)
  NAME(EEXIST)
  NAME(EFAULT)
  NAME(EFBIG)
  NAME(EHOSTDOWN)
  NAME(EHOSTUNREACH)
  NAME(EIDRM)
  NAME(EILSEQ)
  NAME(EINPROGRESS)
  NAME(EINTR)
  NAME(EINVAL)
  NAME(EIO)
  NAME(EISCONN)
  NAME(EISDIR)
  NAME(ELOOP)
  NAME(EMFILE)
  NAME(EMLINK)
  NAME(EMSGSIZE)
  NAME(EMULTIHOP)
  NAME(ENAMETOOLONG)
  NAME(ENETDOWN)
  NAME(ENETRESET)
  NAME(ENETUNREACH)
  NAME(ENFILE)
  NAME(ENOBUFS)
  NAME(ENODEV)
  NAME(ENOENT)
  NAME(ENOEXEC)
  NAME(ENOLCK)
  NAME(ENOLINK)
  NAME(ENOMEM)
  NAME(ENOMSG)
  NAME(ENOPROTOOPT)
  NAME(ENOSPC)
  NAME(ENOSYS)
  NAME(ENOTBLK)
  NAME(ENOTCONN)
  NAME(ENOTDIR)
  NAME(ENOTEMPTY)
  NAME(ENOTRECOVERABLE)
  NAME(ENOTSOCK)
  NAME(EOPNOTSUPP)
  NAME(ENOTTY)
  NAME(ENXIO)
  NAME(EOVERFLOW)
  NAME(EOWNERDEAD)
  NAME(EPERM)
  NAME(EPFNOSUPPORT)
  NAME(EPIPE)
  NAME(EPROTO)
  NAME(EPROTONOSUPPORT)
  NAME(EPROTOTYPE)
  NAME(ERANGE)
  NAME(EROFS)
  NAME(ESHUTDOWN)
  NAME(ESOCKTNOSUPPORT)
  NAME(ESPIPE)
  NAME(ESRCH)
  NAME(ESTALE)
  NAME(ETIMEDOUT)
  NAME(ETOOMANYREFS)
  NAME(ETXTBSY)
  NAME(EUSERS)
  NAME(EXDEV)
#if EWOULDBLOCK != EAGAIN
  NAME(EWOULDBLOCK)
#endif
#if ENOTSUP != EOPNOTSUPP
  NAME(ENOTSUP)
#endif
#ifdef ENOKEY
  NAME(ENOKEY)
#endif
#ifdef EKEYEXPIRED
  NAME(EKEYEXPIRED)
#endif
#ifdef EKEYREJECTED
  NAME(EKEYREJECTED)
#endif
#ifdef ENONET
  NAME(ENONET)
#endif
#ifdef ENOPKG
  NAME(ENOPKG)
#endif
#ifdef ENOSTR
  NAME(ENOSTR)
#endif
#ifdef ENOTUNIQ
  NAME(ENOTUNIQ)
#endif
#ifdef EREMOTEIO
  NAME(EREMOTEIO)
#endif
#ifdef ECOMM
  NAME(ECOMM)
#endif
#ifdef ENODATA
  NAME(ENODATA)
#endif
#ifdef ETIME
  NAME(ETIME)
#endif
  default:
    return NULL;
  }
#undef NAME
}

size_t cs_errno_text(int error, char *text, size_t capacity) {
  if (capacity == 0) return 0;
  text[0] = 0;
  int failed = strerror_r(error, text, capacity);
  if (failed != 0 && text[0] == 0) (void)snprintf(text, capacity, "error %d", error);
  return strlen(text);
}
