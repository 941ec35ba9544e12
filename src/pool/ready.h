/*
 * Names of ready pictures: read a block at a time, and shuffled, so that a
 * request seldom reads a directory and processes seldom reach for the same
 * picture. Private to the pool layer.
 *
 * ready_init, ready_next until NULL, then later again; ready_release.
 */
#ifndef CF_POOL_READY_H
#define CF_POOL_READY_H

#include "base/rng.h"
#include "pool/days.h"

enum {
	READY_NONCE_CHARS = 16,
	/* "<nonce>-<code in hex>.png" and a NUL */
	READY_NAME_BYTES = READY_NONCE_CHARS + 1 + 2 * POOL_CODE_MAX_BYTES + 5,
	/* one block of a directory: more would keep a CGI process, which
	 * needs one name, waiting */
	READY_BLOCK_BYTES = 4096,
	READY_MAX = READY_BLOCK_BYTES / 32,
};

/* Invariant: next <= n <= READY_MAX; all n names are of `day`. */
struct ready {
	/* directory entries from the kernel */
	_Alignas(8) char block[READY_BLOCK_BYTES];
	const char *name[READY_MAX];		   /* into block, shuffled */
	size_t n;
	size_t next;
	const char *part; /* the shelf's name */
	char day[DAY_BYTES];
	int dir_fd; /* of that day, at the next block; -1 for none */
	/* reading began in the middle, and starts over at its end */
	bool is_midway;
	struct days days;
	size_t next_day;
	struct rng rng;
};

/* part is borrowed until ready_release. */
void ready_init(struct ready *ready, const char *part);
void ready_release(struct ready *ready);

/* Whether a name has the form of a ready picture. */
CF_MUST_CHECK
bool ready_is_name(const char *name);

/* The code in such a name, NUL-terminated, POOL_CODE_MAX_BYTES + 1 bytes;
 * false when the name is not of the form. */
CF_MUST_CHECK
bool ready_parse(const char *name, char *code);

/* A new name for a picture with this code. */
void ready_make(const char *code, char name[READY_NAME_BYTES]);

/*
 * The next name, and its day; both borrowed until the next call. NULL at the
 * end of all directories: the next call then begins anew, oldest day first.
 * Another process may have taken the file: only a rename tells.
 *
 * from_day   earlier days are passed over
 */
CF_MUST_CHECK
const char *ready_next(struct ready *ready, int root_fd, const char *from_day,
		       const char **day);

#endif
