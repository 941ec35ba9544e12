/*
 * The n-th call of a kind fails, as without memory, descriptors or room, or on
 * a broken disk. The linker replaces the calls of this process (--wrap, see
 * tests/tests.mk), with static libraries also those of the libraries. SQLite
 * calls its files through a VFS around its own.
 *
 * fault_arm, the calls to try, fault_disarm.
 */
#ifndef CF_TESTS_FAULT_H
#define CF_TESTS_FAULT_H

#include "base/base.h"

enum fault {
	FAULT_MEMORY,	   /* malloc, calloc, realloc: ENOMEM */
	FAULT_OPEN,	   /* files and directories: EMFILE */
	FAULT_MAKE,	   /* directories: ENOSPC */
	FAULT_WRITE,	   /* ENOSPC */
	FAULT_RENAME,	   /* EIO */
	FAULT_SYNC,	   /* fsync of SQLite's files: EIO */
	FAULT_SQLITE_IO,   /* any other call for SQLite's files: EIO */
	FAULT_SQLITE_FULL, /* writes that make the files longer: ENOSPC */
	FAULT_SQLITE_BUSY, /* another process holds the lock */
	FAULT_COUNT
};

const char *fault_name(enum fault kind);

/* From now on the nth call of the kind (from 1) fails, and with stays all calls
 * after it. */
void fault_arm(enum fault kind, int64_t nth, bool stays);

/* Returns how many calls have failed. */
int64_t fault_disarm(void);

/* While held no call fails or counts. */
void fault_hold(bool is_held);

/* Whether this call of the kind has to fail. */
bool fault_hits(enum fault kind);

/* The name of a VFS of SQLite with these faults, registered. NULL when SQLite
 * cannot be set up. */
const char *fault_vfs(void);

#endif
