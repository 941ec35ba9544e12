/*
 * Heap snapshots: every live block of the process in a file that Chrome's
 * DevTools open (Memory, Load) and that `captchactl heapdiff` compares. It has
 * the class, size, number and pointers of each block, and none of its contents:
 * it may be sent to a stranger.
 *
 * The root has a node for each class of mem.h, which has an edge to each block
 * of the class that no other block owns. A block has an edge to each block it
 * points at, named by the offset of the pointer. The edge is weak if the block
 * cannot be the owner: so a block retains what would be freed with it.
 * Each word of a block that is an address in another block counts as a pointer,
 * as for a conservative collector. So a number may give an edge too many.
 *
 * source: V8, HeapSnapshotJSONSerializer, for the format
 */
#ifndef CF_HEAP_SNAPSHOT_H
#define CF_HEAP_SNAPSHOT_H

#include "base/mem.h"
#include "base/status.h"

/* captcha-<pid>-<YYYYMMDDTHHMMSS.mmmZ>.heapsnapshot */
enum { SNAPSHOT_NAME_BYTES = 64 };

/*
 * Write a snapshot into a directory: the whole file or nothing. Allocates
 * nothing from the heap, which does not change meanwhile.
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
