/*
 * The n-th call of a kind fails, as it would with no memory, no descriptor,
 * no room or a broken disk. Calls of this process alone; the linker brings
 * them here (--wrap, see tests/tests.mk), and those of SQLite to its files
 * come through a VFS around its own. Where libraries are linked statically,
 * the calls that they make themselves are among them.
 *
 * fault_arm, what is to be tried, fault_disarm.
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
	FAULT_SYNC,	   /* of SQLite's files: EIO */
	FAULT_SQLITE_IO,   /* anything else that SQLite does to them: EIO */
	FAULT_SQLITE_FULL, /* what makes them longer: ENOSPC */
	FAULT_SQLITE_BUSY, /* another process holds the lock */
	FAULT_COUNT
};

const char *fault_name(enum fault kind);

/* From now on the nth call of the kind (from 1) fails, and with stays all
 * after it. */
void fault_arm(enum fault kind, int64_t nth, bool stays);

/* How many calls have failed. */
int64_t fault_disarm(void);

/* Without a fault for a moment, which counts nothing. */
void fault_hold(bool is_held);

/* Whether this call of the kind is to fail; for those that stand in. */
bool fault_hits(enum fault kind);

/* The VFS of SQLite with these faults, registered; its name. NULL when SQLite
 * cannot be set up. */
const char *fault_vfs(void);

#endif
