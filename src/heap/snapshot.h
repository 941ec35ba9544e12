/*
 * Heap snapshots: every live block of the process in a file that Chrome's
 * DevTools open (Memory, Load), that memlab reads and that `captchactl
 * heapdiff` compares. It has classes, sizes, numbers and who points at whom,
 * and nothing of what is in the blocks: it may be sent to others.
 *
 * What the graph says. The root has a node for each class of mem.h, and that
 * one the blocks of the class that no other block owns. A block has an edge to
 * each block it points at, by where in it the pointer stands, weak if it
 * cannot be the owner; so what a block retains is what would be freed with it.
 * Pointers are found as a conservative collector finds them, by looking at each
 * word: a number that looks like one gives an edge too many.
 *
 * source: V8, HeapSnapshotJSONSerializer, for the format
 */
#ifndef CF_HEAP_SNAPSHOT_H
#define CF_HEAP_SNAPSHOT_H

#include "base/mem.h"
#include "base/status.h"

/* Nodes for what no class has: what is before each block and behind it, and
 * what libc has given to others. */
#define SNAPSHOT_HEADS	"heads of blocks, and rounding"
#define SNAPSHOT_UNSEEN "not counted by class"

/* captcha-<pid>-<YYYYMMDDTHHMMSS.mmmZ>.heapsnapshot */
enum { SNAPSHOT_NAME_BYTES = 64 };

/*
 * Write a snapshot into a directory. It is there whole or not at all. Takes
 * nothing from the heap, so that it is the heap of a moment.
 *
 * dir_fd   of the directory
 * unix_ms  the wall clock, for the name
 * name     of the file, on CF_OK
 * returns  CF_OK; CF_FULL or CF_IO, nothing left behind; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status snapshot_write(int dir_fd, int64_t unix_ms,
			      char name[SNAPSHOT_NAME_BYTES],
			      struct cf_error *err);

#endif
