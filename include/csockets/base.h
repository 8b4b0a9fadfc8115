// The result convention and the annotations that every other header uses.
//
// A helper that wraps a system call makes that one call and returns its value, or `-errno`. errno is read in the
// same expression as the call, so nothing in between can overwrite it, and a caller never has to look at errno.
#ifndef CSOCKETS_BASE_H
#define CSOCKETS_BASE_H

// `-std=c11` hides everything but ISO C. _GNU_SOURCE would show it again but must not be defined here: it changes
// types (fd_set among them) that other modules have already seen.
#if defined(__STRICT_ANSI__) && !defined(_DEFAULT_SOURCE) && !defined(_GNU_SOURCE)
#define _DEFAULT_SOURCE 1
#endif

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

// Bounds and lifetimes let Swift see a Span instead of a pointer; a compiler without them sees nothing.
#if defined(__has_include)
#if __has_include(<ptrcheck.h>) && __has_include(<lifetimebound.h>)
#include <lifetimebound.h>
#include <ptrcheck.h>
#endif
#endif
#ifndef __counted_by
#define __counted_by(count)
#endif
#ifndef __noescape
#define __noescape
#endif

#ifdef __clang__
#define CS_SWIFT_NAME(name) __attribute__((swift_name(#name)))
#define CS_NONNULL_BEGIN _Pragma("clang assume_nonnull begin")
#define CS_NONNULL_END _Pragma("clang assume_nonnull end")
#else
#define CS_SWIFT_NAME(name)
#define CS_NONNULL_BEGIN
#define CS_NONNULL_END
#ifndef _Nullable
#define _Nullable
#endif
#ifndef _Nonnull
#define _Nonnull
#endif
#endif

#ifdef __cplusplus
#define CS_EXTERN_C_BEGIN extern "C" {
#define CS_EXTERN_C_END }
#else
#define CS_EXTERN_C_BEGIN
#define CS_EXTERN_C_END
#endif

#define CS_BEGIN CS_EXTERN_C_BEGIN CS_NONNULL_BEGIN
#define CS_END CS_NONNULL_END CS_EXTERN_C_END

// CShims/symbols.c defines this as nothing, which makes one real symbol of each helper for languages that cannot
// read a C header.
#ifndef CS_INLINE
#define CS_INLINE static inline __attribute__((always_inline, unused))
#endif

// The value of a call that was just made, or -errno. The latter is said to be rare, so that no caller keeps registers
// free for it.
#define CS_RESULT(value) (__builtin_expect((value) < 0, 0) ? -errno : (value))

#endif
