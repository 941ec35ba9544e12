/*
 * Heap snapshots: see snapshot.h. Each block is noted in an array outside of
 * the heap, sorted by address. The array is walked once to find the owners and
 * once to write the edges.
 *
 * In the file, nodes and edges are flat arrays of numbers. Edges stand in the
 * order of the nodes that they start from. Each node says how many it has.
 */
#include "base/base.h"
#include "heap/snapshot.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/file.h"

enum {
	NODE_FIELDS = 7, /* of meta */
	ROOT_ID = 1,
	CLASS_ID = 3,	/* of the first class; all are odd, as V8's */
	BLOCK_ID = 101, /* of a block before the first */
	/* nodes between the root, which is the first, and the blocks */
	NODE_CLASSES = 1,
	NODE_HEADS = NODE_CLASSES + MEM_CLASS_COUNT,
	NODE_UNSEEN,
	NODE_BLOCKS,
};

/* Indices into the meta information's types. */
enum {
	TYPE_OBJECT = 3,
	TYPE_NATIVE = 8,
	TYPE_SYNTHETIC = 9,
	EDGE_ELEMENT = 1, /* of an owner */
	EDGE_WEAK = 6,
};

/* Strings: 0 is empty, then the classes, then their nodes' names. */
enum {
	STRING_CLASSES = 1,
	STRING_SUBSYSTEMS = STRING_CLASSES + MEM_CLASS_COUNT,
	STRING_HEADS = STRING_SUBSYSTEMS + MEM_CLASS_COUNT,
	STRING_UNSEEN,
};

static const char meta[] =
	"{\"snapshot\":{\"meta\":{"
	"\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\","
	"\"edge_count\",\"trace_node_id\",\"detachedness\"],"
	"\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\","
	"\"closure\",\"regexp\",\"number\",\"native\",\"synthetic\","
	"\"concatenated string\",\"sliced string\",\"symbol\",\"bigint\","
	"\"object shape\"],"
	"\"string\",\"number\",\"number\",\"number\",\"number\",\"number\"],"
	"\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],"
	"\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\","
	"\"hidden\",\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],"
	"\"trace_function_info_fields\":[\"function_id\",\"name\","
	"\"script_name\",\"script_id\",\"line\",\"column\"],"
	"\"trace_node_fields\":[\"id\",\"function_info_index\",\"count\","
	"\"size\",\"children\"],"
	"\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],"
	"\"location_fields\":[\"object_index\",\"script_id\",\"line\","
	"\"column\"]},";

#define OWNER(class) (1u << (class))

/* The classes that may own a block of a class, beside the class itself. A
 * pointer from any other class is borrowed. */
static const unsigned owners[MEM_CLASS_COUNT] = {
	[MEM_GENERATOR] = OWNER(MEM_CHALLENGE),
	[MEM_FONT] = OWNER(MEM_GENERATOR),
	[MEM_FREETYPE] = OWNER(MEM_GENERATOR) | OWNER(MEM_FONT),
	[MEM_SQLITE] = OWNER(MEM_STORE),
	[MEM_BUFFER] = ~0u,
	[MEM_JSON] = OWNER(MEM_REQUEST),
};

struct entry {
	uintptr_t at;
	size_t n_bytes;
	uint64_t id;
	uint32_t n_edges;
	uint8_t class;
	bool is_owned;
	bool is_reached;
};

/* Invariant: entries are sorted by address and do not overlap. */
struct graph {
	struct entry *entries;
	struct entry **stack; /* reached, but not followed yet */
	size_t n, max, n_stacked;
	size_t n_edges;
	size_t n_of_class[MEM_CLASS_COUNT]; /* that no block owns */
	int64_t n_bytes, heads_bytes;	    /* of all blocks, and beside them */
};

/* Memory of the kernel: the heap must not change. */
static void *map(size_t n, size_t size)
{
	void *ptr = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return ptr == MAP_FAILED ? NULL : ptr;
}

static void note_block(void *ctx, const struct mem_block *block)
{
	struct graph *g = ctx;

	assert(g->n < g->max);
	g->n_bytes += (int64_t)block->n_bytes;
	g->heads_bytes += block->n_extra_bytes;
	g->entries[g->n++] = (struct entry){
		.at = (uintptr_t)block->ptr,
		.n_bytes = block->n_bytes,
		.id = block->id,
		.class = (uint8_t)block->class,
	};
}

static int compare_entries(const void *a, const void *b)
{
	uintptr_t x = ((const struct entry *)a)->at;
	uintptr_t y = ((const struct entry *)b)->at;

	return (x > y) - (x < y);
}

static int compare_address(const void *address, const void *entry)
{
	uintptr_t at = *(const uintptr_t *)address;
	const struct entry *e = entry;

	if (at < e->at)
		return -1;
	return at - e->at >= e->n_bytes;
}

/* Find the next pointer from a block into another block, from *offset on;
 * *offset becomes its place. NULL when there is none. */
static struct entry *next_edge(const struct graph *g, const struct entry *from,
			       size_t *offset)
{
	const struct entry *last = &g->entries[g->n - 1];
	uintptr_t least = g->entries[0].at;
	uintptr_t range = last->at + last->n_bytes - least;

	for (; *offset + sizeof(uintptr_t) <= from->n_bytes;
	     *offset += sizeof(uintptr_t)) {
		struct entry *to;
		uintptr_t word;

		memcpy(&word, (const char *)from->at + *offset, sizeof(word));
		if (word - least >= range)
			continue;
		to = bsearch(&word, g->entries, g->n, sizeof(*g->entries),
			     compare_address);
		if (to && to != from)
			return to;
	}
	return NULL;
}

static bool may_own(const struct entry *owner, const struct entry *entry)
{
	return owner->class == entry->class ||
	       owners[entry->class] & OWNER(owner->class);
}

static void count_edges(struct graph *g, struct entry *from)
{
	struct entry *to;

	for (size_t at = 0; (to = next_edge(g, from, &at)); at += sizeof(to)) {
		from->n_edges++;
		g->n_edges++;
		if (may_own(from, to))
			to->is_owned = true;
	}
}

static void reach(struct graph *g, struct entry *entry)
{
	if (entry->is_reached)
		return;
	entry->is_reached = true;
	g->stack[g->n_stacked++] = entry;
}

/* Reach a block, and all blocks that it owns. */
static void reach_all(struct graph *g, struct entry *entry)
{
	reach(g, entry);
	while (g->n_stacked) {
		struct entry *from = g->stack[--g->n_stacked], *to;

		for (size_t at = 0; (to = next_edge(g, from, &at));
		     at += sizeof(to))
			if (may_own(from, to))
				reach(g, to);
	}
}

/* Of blocks that own each other in a ring, the first counts as not owned. */
static void find_owners(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		count_edges(g, &g->entries[i]);
	for (size_t i = 0; i < g->n; i++)
		if (!g->entries[i].is_owned)
			reach_all(g, &g->entries[i]);
	for (size_t i = 0; i < g->n; i++) {
		struct entry *entry = &g->entries[i];

		if (!entry->is_reached) {
			entry->is_owned = false;
			reach_all(g, entry);
		}
		if (!entry->is_owned)
			g->n_of_class[entry->class]++;
	}
}

static void release(struct graph *g)
{
	if (g->entries)
		(void)munmap(g->entries, g->max * sizeof(*g->entries));
	if (g->stack)
		(void)munmap(g->stack, g->max * sizeof(*g->stack));
}

/* Read the heap; false without memory. */
static bool read_heap(struct graph *g)
{
	g->max = 1; /* never empty */
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		g->max += (size_t)mem_use((enum mem_class)i).n_blocks;
	g->entries = map(g->max, sizeof(*g->entries));
	g->stack = map(g->max, sizeof(*g->stack));
	if (!g->entries || !g->stack)
		return false;
	mem_each(note_block, g);
	qsort(g->entries, g->n, sizeof(*g->entries), compare_entries);
	find_owners(g);
	return true;
}

/* --- the file ------------------------------------------------------------- */

struct out {
	int fd;
	int sys_errno;	   /* of the first write that failed */
	const char *comma; /* before the next element of an array */
	size_t len;
	char bytes[16384];
};

static void flush(struct out *out)
{
	if (!out->sys_errno && !file_write(out->fd, out->bytes, out->len))
		out->sys_errno = errno;
	out->len = 0;
}

/* Write a text, at most as long as half of out->bytes. */
CF_PRINTF(2, 3)
static void put(struct out *out, const char *fmt, ...)
{
	va_list args;
	int n;

	if (out->len > sizeof(out->bytes) / 2)
		flush(out);
	va_start(args, fmt);
	n = vsnprintf(out->bytes + out->len, sizeof(out->bytes) - out->len, fmt,
		      args);
	va_end(args);
	assert(n >= 0 && (size_t)n < sizeof(out->bytes) - out->len);
	out->len += (size_t)n;
}

static void put_node(struct out *out, int type, int name, uint64_t id,
		     size_t n_bytes, size_t n_edges)
{
	put(out, "%s%d,%d,%u,%zu,%zu,0,0", out->comma, type, name, (unsigned)id,
	    n_bytes, n_edges);
	out->comma = ",";
}

static void put_nodes(struct out *out, const struct graph *g)
{
	int64_t unseen_bytes = mem_libc_bytes() - g->n_bytes - g->heads_bytes;
	uint64_t id = CLASS_ID;

	out->comma = "";
	put_node(out, TYPE_SYNTHETIC, 0, ROOT_ID, 0, NODE_BLOCKS - 1);
	for (int i = 0; i < MEM_CLASS_COUNT; i++, id += 2)
		put_node(out, TYPE_OBJECT, STRING_SUBSYSTEMS + i, id, 0,
			 g->n_of_class[i]);
	put_node(out, TYPE_NATIVE, STRING_HEADS, id, (size_t)g->heads_bytes, 0);
	put_node(out, TYPE_NATIVE, STRING_UNSEEN, id + 2,
		 unseen_bytes > 0 ? (size_t)unseen_bytes : 0, 0);
	for (size_t i = 0; i < g->n; i++) {
		const struct entry *e = &g->entries[i];

		put_node(out, TYPE_OBJECT, STRING_CLASSES + e->class,
			 BLOCK_ID + 2 * e->id, e->n_bytes, e->n_edges);
	}
}

static void put_edge(struct out *out, int type, size_t index, size_t node)
{
	put(out, "%s%d,%zu,%zu", out->comma, type, index, node * NODE_FIELDS);
	out->comma = ",";
}

static void put_edges(struct out *out, const struct graph *g)
{
	out->comma = "";
	for (size_t i = 1; i < NODE_BLOCKS; i++)
		put_edge(out, EDGE_ELEMENT, i, i);
	for (int class = 0; class < MEM_CLASS_COUNT; class ++)
		for (size_t i = 0; i < g->n; i++)
			if (g->entries[i].class == class &&
			    !g->entries[i].is_owned)
				put_edge(out, EDGE_ELEMENT, i, NODE_BLOCKS + i);
	for (size_t i = 0; i < g->n; i++) {
		const struct entry *from = &g->entries[i];
		struct entry *to;

		for (size_t at = 0; (to = next_edge(g, from, &at));
		     at += sizeof(to))
			put_edge(out,
				 may_own(from, to) ? EDGE_ELEMENT : EDGE_WEAK,
				 at, NODE_BLOCKS + (size_t)(to - g->entries));
	}
}

static void put_all(struct out *out, const struct graph *g)
{
	size_t n_edges = g->n_edges + NODE_BLOCKS - 1;

	for (size_t i = 0; i < MEM_CLASS_COUNT; i++)
		n_edges += g->n_of_class[i];
	put(out,
	    "%s\"node_count\":%zu,\"edge_count\":%zu,"
	    "\"trace_function_count\":0},\n\"nodes\":[",
	    meta, NODE_BLOCKS + g->n, n_edges);
	put_nodes(out, g);
	put(out, "],\n\"edges\":[");
	put_edges(out, g);
	put(out, "],\n\"trace_function_infos\":[],\"trace_tree\":[],"
		 "\"samples\":[],\"locations\":[],\n\"strings\":[\"\"");
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		put(out, ",\"%s\"", mem_class_name((enum mem_class)i));
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		put(out, ",\"all of %s\"", mem_class_name((enum mem_class)i));
	put(out, ",\"heads of blocks, and rounding\","
		 "\"not counted by class\"]}\n");
	flush(out);
}

static enum cf_status write_file(int dir_fd, const char *name,
				 const struct graph *g, struct cf_error *err)
{
	char temp_name[SNAPSHOT_NAME_BYTES + 4];
	struct out out = {.len = 0};

	(void)snprintf(temp_name, sizeof(temp_name), "%s.tmp", name);
	out.fd = openat(dir_fd, temp_name,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	if (out.fd < 0)
		return cf_fail(err, file_status(errno), "heap snapshot %s: %s",
			       name, strerror(errno));
	put_all(&out, g);
	if (close(out.fd) && !out.sys_errno)
		out.sys_errno = errno;
	if (!out.sys_errno && renameat(dir_fd, temp_name, dir_fd, name))
		out.sys_errno = errno;
	if (!out.sys_errno)
		return CF_OK;
	(void)unlinkat(dir_fd, temp_name, 0);
	errno = out.sys_errno;
	return cf_fail(err, file_status(errno), "heap snapshot %s: %s", name,
		       strerror(errno));
}

static void make_name(int64_t unix_ms, char name[SNAPSHOT_NAME_BYTES])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;
	char utc[32];

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(utc, sizeof(utc), "%Y%m%dT%H%M%S", &tm))
		utc[0] = '\0';
	(void)snprintf(name, SNAPSHOT_NAME_BYTES,
		       "captcha-%ld-%s.%03dZ.heapsnapshot", (long)getpid(), utc,
		       (int)(unix_ms % 1000));
}

enum cf_status snapshot_write(int dir_fd, int64_t unix_ms,
			      char name[SNAPSHOT_NAME_BYTES],
			      struct cf_error *err)
{
	struct graph graph = {0};
	enum cf_status rc;

	make_name(unix_ms, name);
	if (read_heap(&graph))
		rc = write_file(dir_fd, name, &graph, err);
	else
		rc = cf_fail(err, CF_NOMEM, "no memory for a heap snapshot");
	release(&graph);
	return rc;
}
