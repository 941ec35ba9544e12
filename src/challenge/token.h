/*
 * Public identifiers of challenges: 16 characters of 0-9A-Za-z, which is
 * ASCII order. Five count the seconds from 2026-01-01T00:00:00Z in base 62,
 * eleven are random (65 bits): in order of time, and never guessable.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_TOKEN_H
#define CF_CHALLENGE_TOKEN_H

#include "challenge/challenge.h"

/* A new pid of this moment, NUL-terminated. */
void token_make(int64_t now_unix_ms, char pid[CHALLENGE_PID_CHARS + 1]);

/* The first pid of that second, in order: all earlier ones sort before it. */
void token_bound(int64_t unix_ms, char pid[CHALLENGE_PID_CHARS + 1]);

/* Whether the bytes have the shape of a pid; if so, pid is their copy. */
CF_MUST_CHECK
bool token_parse(struct str text, char pid[CHALLENGE_PID_CHARS + 1]);

/* When a pid was made, to the second. */
int64_t token_unix_ms(const char *pid);

#endif
