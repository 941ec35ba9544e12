/*
 * First include of every .c file: configuration of the build, attributes, and
 * banned functions.
 *
 * Low layer: base includes nothing of the other layers.
 */
#ifndef CF_BASE_BASE_H
#define CF_BASE_BASE_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
/* A file that passes times to a library keeps the time_t for which the library
 * was built: it defines CF_TIME_OF_LIBRARIES first. */
#if defined(CF_TIME_BITS) && !defined(CF_TIME_OF_LIBRARIES)
#define _TIME_BITS CF_TIME_BITS
#endif

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The caller must use the result. */
#define CF_MUST_CHECK	   __attribute__((warn_unused_result))
/* Format string is argument `f`, its values begin at argument `a`. */
#define CF_PRINTF(f, a)	   __attribute__((format(printf, f, a)))

#define CF_ARRAY_LEN(a)	   (sizeof(a) / sizeof((a)[0]))

/*
 * Banned: each of these has no bound, hidden state or a shell behind it. The
 * replacement is named so that the compiler's message is the advice.
 */
#define CF_BANNED(name, use) cf_banned_##name##_use_##use
#undef strcpy
#define strcpy(d, s)	   CF_BANNED(strcpy, snprintf_or_buf)
#undef strcat
#define strcat(d, s)	   CF_BANNED(strcat, buf_add)
#undef strncpy
#define strncpy(d, s, n)   CF_BANNED(strncpy, snprintf)
#undef strncat
#define strncat(d, s, n)   CF_BANNED(strncat, buf_add)
#undef sprintf
#define sprintf(...)	   CF_BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...)	   CF_BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(s, d)	   CF_BANNED(strtok, str_split)
#undef atoi
#define atoi(s)		   CF_BANNED(atoi, strtoll)
#undef atol
#define atol(s)		   CF_BANNED(atol, strtoll)
#undef gets
#define gets(s)		   CF_BANNED(gets, fgets)
#undef rand
#define rand()		   CF_BANNED(rand, rng_or_crypt_random)
#undef random
#define random()	   CF_BANNED(random, rng_or_crypt_random)
#undef localtime
#define localtime(t)	   CF_BANNED(localtime, gmtime_r)
#undef gmtime
#define gmtime(t)	   CF_BANNED(gmtime, gmtime_r)
#undef system
#define system(c)	   CF_BANNED(system, posix_spawn)
#undef popen
#define popen(c, m)	   CF_BANNED(popen, posix_spawn)
#undef tmpnam
#define tmpnam(s)	   CF_BANNED(tmpnam, file_publish)
#undef mktemp
#define mktemp(s)	   CF_BANNED(mktemp, file_publish)

#endif
