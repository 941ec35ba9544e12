/*
 * Read heap snapshots and compare them: files of heap/snapshot.h, and any other
 * in V8's format.
 *
 * heap_load two of them, heap_compare, heap_diff_release, heap_free both.
 *
 * Layer: heap uses base; heap.c alone knows jansson here.
 */
#ifndef CF_HEAP_HEAP_H
#define CF_HEAP_HEAP_H

#include "base/status.h"

struct heap;

/* CF_NOT_FOUND or CF_IO when it cannot be read, CF_BAD_INPUT when it is no
 * heap snapshot, CF_NOMEM; *out is then NULL. */
CF_MUST_CHECK
enum cf_status heap_load(const char *path, struct heap **out,
			 struct cf_error *err);
void heap_free(struct heap *heap); /* accepts NULL */

/* How the objects of a class differ. An object of both snapshots has the same
 * number in both. */
struct heap_change {
	const char *class; /* borrowed from the snapshots */
	int64_t n_new;
	int64_t n_deleted;
	/* growth in objects that no object of another class owns, directly or
	 * through other objects: for the rest the class of the owner answers */
	int64_t n_own;
	int64_t n_bytes; /* growth, also of objects in both snapshots */
};

static inline int64_t heap_delta(const struct heap_change *change)
{
	return change->n_new - change->n_deleted;
}

/* Classes with objects in either snapshot, by growth: in bytes, then in
 * objects. The largest growth is first. */
struct heap_diff {
	struct heap_change *changes;
	size_t n;
};

/* CF_NOMEM, out empty. */
CF_MUST_CHECK
enum cf_status heap_compare(const struct heap *before, const struct heap *after,
			    struct heap_diff *out, struct cf_error *err);
void heap_diff_release(struct heap_diff *diff);

/* {"classes":[{"class":...,"new":...,"deleted":...,"delta":...,"bytes":...}]}
 * and a line's end to standard output; false when out of memory. */
CF_MUST_CHECK
bool heap_diff_print_json(const struct heap_diff *diff);

#endif
