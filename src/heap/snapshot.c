/*
 * Heap snapshots: see snapshot.h. The blocks are noted in an array outside of
 * the heap, sorted by address, and looked through once to tell who is owned
 * and once more to write the edges; meanwhile nothing changes, since a process
 * has one thread.
 *
 * In the file, nodes and edges are flat arrays of numbers. Edges have no node
 * they start from: they stand in the order of the nodes, each of which says how
 * many are its own.
 */
#include "base/base.h"
#include "heap/snapshot.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/file.h"

enum {
	NODE_FIELDS = 7, /* as META says */
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

static const char META[] =
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

/* Who may own a block of a class, beside another of the same. Who else points
 * at it has borrowed it. */
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
	uint32_t *stack; /* of entries that were reached */
	size_t n, max;
	size_t n_edges;
	size_t n_of_class[MEM_CLASS_COUNT]; /* that no block owns */
	int64_t n_bytes, heads_bytes; /* of all blocks, and beside them */
};

/* Its memory is that of the kernel, since the heap is what is looked at. */
static void *map(size_t n_bytes)
{
	void *ptr = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
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

/* The block an address lies in; NULL when it is none's. */
static struct entry *entry_at(const struct graph *g, uintptr_t at)
{
	size_t lo = 0, hi = g->n;

	if (at < g->entries[0].at)
		return NULL;
	while (hi - lo > 1) {
		size_t middle = lo + (hi - lo) / 2;

		if (g->entries[middle].at <= at)
			lo = middle;
		else
			hi = middle;
	}
	return at - g->entries[lo].at < g->entries[lo].n_bytes
		       ? &g->entries[lo] : NULL;
}

typedef void edge_fn(void *ctx, struct entry *from, size_t offset,
		     struct entry *to);

/* Each pointer of a block to another one. */
static void each_edge(struct graph *g, struct entry *from, edge_fn *visit,
		      void *ctx)
{
	const struct entry *last = &g->entries[g->n - 1];
	uintptr_t least = g->entries[0].at;
	uintptr_t range = last->at + last->n_bytes - least;

	for (size_t i = 0; i + sizeof(uintptr_t) <= from->n_bytes;
	     i += sizeof(uintptr_t)) {
		uintptr_t word;
		struct entry *to;

		memcpy(&word, (const char *)from->at + i, sizeof(word));
		if (word - least >= range)
			continue;
		to = entry_at(g, word);
		if (to && to != from)
			visit(ctx, from, i, to);
	}
}

static bool may_own(const struct entry *owner, const struct entry *entry)
{
	return owner->class == entry->class ||
	       owners[entry->class] & OWNER(owner->class);
}

static void note_edge(void *ctx, struct entry *from, size_t offset,
		      struct entry *to)
{
	struct graph *g = ctx;

	(void)offset;
	from->n_edges++;
	g->n_edges++;
	if (may_own(from, to))
		to->is_owned = true;
}

/* How many entries of the stack are still to be looked at. */
struct walk {
	struct graph *graph;
	size_t n;
};

static void reach(void *ctx, struct entry *from, size_t offset,
		  struct entry *to)
{
	struct walk *walk = ctx;

	(void)offset;
	if (to->is_reached || (from && !may_own(from, to)))
		return;
	to->is_reached = true;
	walk->graph->stack[walk->n++] = (uint32_t)(to - walk->graph->entries);
}

static void reach_from(struct graph *g, struct entry *entry)
{
	struct walk walk = {g, 0};

	reach(&walk, NULL, 0, entry);
	while (walk.n)
		each_edge(g, &g->entries[g->stack[--walk.n]], reach, &walk);
}

/* Of blocks that own each other in a ring, one is taken to be its class's. */
static void find_owners(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		each_edge(g, &g->entries[i], note_edge, g);
	for (size_t i = 0; i < g->n; i++)
		if (!g->entries[i].is_owned)
			reach_from(g, &g->entries[i]);
	for (size_t i = 0; i < g->n; i++) {
		if (!g->entries[i].is_reached) {
			g->entries[i].is_owned = false;
			reach_from(g, &g->entries[i]);
		}
		if (!g->entries[i].is_owned)
			g->n_of_class[g->entries[i].class]++;
	}
}

static void release(struct graph *g)
{
	if (g->entries)
		(void)munmap(g->entries, g->max * sizeof(*g->entries));
	if (g->stack)
		(void)munmap(g->stack, g->max * sizeof(*g->stack));
}

static bool take(struct graph *g)
{
	g->max = 1; /* never empty */
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		g->max += (size_t)mem_use((enum mem_class)i).n_blocks;
	g->entries = map(g->max * sizeof(*g->entries));
	g->stack = map(g->max * sizeof(*g->stack));
	if (!g->entries || !g->stack)
		return false;
	mem_each(note_block, g);
	if (!g->n)
		return true;
	qsort(g->entries, g->n, sizeof(*g->entries), compare_entries);
	find_owners(g);
	return true;
}

/* --- the file ------------------------------------------------------------- */

struct out {
	int fd;
	int sys_errno; /* of the first write that failed */
	bool is_first; /* of an array */
	size_t len;
	char bytes[16384];
};

static void flush(struct out *out)
{
	if (!out->sys_errno && !file_write(out->fd, out->bytes, out->len))
		out->sys_errno = errno;
	out->len = 0;
}

static void put(struct out *out, const char *text)
{
	for (; *text; text++) {
		if (out->len == sizeof(out->bytes))
			flush(out);
		out->bytes[out->len++] = *text;
	}
}

static void begin(struct out *out, const char *text)
{
	put(out, text);
	out->is_first = true;
}

static void put_number(struct out *out, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%s%llu", out->is_first ? "" : ",",
		       (unsigned long long)n);
	out->is_first = false;
	put(out, text);
}

static void put_string(struct out *out, const char *prefix, const char *text)
{
	put(out, out->is_first ? "\"" : ",\"");
	out->is_first = false;
	put(out, prefix);
	put(out, text);
	put(out, "\"");
}

static void put_node(struct out *out, int type, int name, uint64_t id,
		     uint64_t size, size_t n_edges)
{
	put_number(out, (uint64_t)type);
	put_number(out, (uint64_t)name);
	put_number(out, (uint32_t)id);
	put_number(out, size);
	put_number(out, n_edges);
	put_number(out, 0);
	put_number(out, 0);
}

static void put_nodes(struct out *out, const struct graph *g)
{
	int64_t unseen_bytes = mem_libc_bytes() - g->n_bytes - g->heads_bytes;

	put_node(out, TYPE_SYNTHETIC, 0, ROOT_ID, 0, NODE_BLOCKS - 1);
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		put_node(out, TYPE_OBJECT, STRING_SUBSYSTEMS + i,
			 CLASS_ID + 2 * (uint64_t)i, 0, g->n_of_class[i]);
	put_node(out, TYPE_NATIVE, STRING_HEADS,
		 CLASS_ID + 2 * (uint64_t)MEM_CLASS_COUNT,
		 (uint64_t)g->heads_bytes, 0);
	put_node(out, TYPE_NATIVE, STRING_UNSEEN,
		 CLASS_ID + 2 * (uint64_t)MEM_CLASS_COUNT + 2,
		 unseen_bytes > 0 ? (uint64_t)unseen_bytes : 0, 0);
	for (size_t i = 0; i < g->n; i++) {
		const struct entry *e = &g->entries[i];

		put_node(out, TYPE_OBJECT, STRING_CLASSES + e->class,
			 BLOCK_ID + 2 * e->id, e->n_bytes, e->n_edges);
	}
}

static void put_edge(struct out *out, int type, size_t index, size_t node)
{
	put_number(out, (uint64_t)type);
	put_number(out, index);
	put_number(out, (uint64_t)node * NODE_FIELDS);
}

/* Where edges are written, and what their ends are counted from. */
struct edges_out {
	struct out *out;
	const struct entry *entries;
};

static void put_block_edge(void *ctx, struct entry *from, size_t offset,
			   struct entry *to)
{
	struct edges_out *edges = ctx;

	put_edge(edges->out, may_own(from, to) ? EDGE_ELEMENT : EDGE_WEAK,
		 offset, NODE_BLOCKS + (size_t)(to - edges->entries));
}

static void put_edges(struct out *out, struct graph *g)
{
	struct edges_out edges = {out, g->entries};

	for (size_t i = 1; i < NODE_BLOCKS; i++)
		put_edge(out, EDGE_ELEMENT, i, i);
	for (int class = 0; class < MEM_CLASS_COUNT; class++)
		for (size_t i = 0; i < g->n; i++)
			if (g->entries[i].class == class &&
			    !g->entries[i].is_owned)
				put_edge(out, EDGE_ELEMENT, i,
					 NODE_BLOCKS + i);
	for (size_t i = 0; i < g->n; i++)
		each_edge(g, &g->entries[i], put_block_edge, &edges);
}

static void put_strings(struct out *out)
{
	put_string(out, "", "");
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		put_string(out, "", mem_class_name((enum mem_class)i));
	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		put_string(out, "all of ", mem_class_name((enum mem_class)i));
	put_string(out, "", SNAPSHOT_HEADS);
	put_string(out, "", SNAPSHOT_UNSEEN);
}

static void put_all(struct out *out, struct graph *g)
{
	size_t n_edges = g->n_edges + NODE_BLOCKS - 1;

	for (size_t i = 0; i < MEM_CLASS_COUNT; i++)
		n_edges += g->n_of_class[i];
	begin(out, META);
	put(out, "\"node_count\":");
	put_number(out, NODE_BLOCKS + g->n);
	begin(out, ",\"edge_count\":");
	put_number(out, n_edges);
	begin(out, ",\"trace_function_count\":0},\n\"nodes\":[");
	put_nodes(out, g);
	begin(out, "],\n\"edges\":[");
	put_edges(out, g);
	begin(out, "],\n\"trace_function_infos\":[],\"trace_tree\":[],"
		   "\"samples\":[],\"locations\":[],\n\"strings\":[");
	put_strings(out);
	put(out, "]}\n");
	flush(out);
}

static enum cf_status write_file(int dir_fd, const char *name,
				 const char *temp_name, struct graph *g,
				 struct cf_error *err)
{
	struct out out = {.fd = openat(dir_fd, temp_name,
				       O_WRONLY | O_CREAT | O_EXCL |
				       O_NOFOLLOW | O_CLOEXEC, 0600)};

	if (out.fd < 0) {
		out.sys_errno = errno;
	} else {
		put_all(&out, g);
		if (close(out.fd) && !out.sys_errno)
			out.sys_errno = errno;
		if (!out.sys_errno &&
		    renameat(dir_fd, temp_name, dir_fd, name))
			out.sys_errno = errno;
		if (out.sys_errno)
			(void)unlinkat(dir_fd, temp_name, 0);
	}
	if (!out.sys_errno)
		return CF_OK;
	errno = out.sys_errno;
	return cf_fail(err, file_status(errno), "heap snapshot %s: %s", name,
		       strerror(errno));
}

static void make_name(int64_t unix_ms, const char *suffix,
		      char name[SNAPSHOT_NAME_BYTES])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;
	char utc[32];

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(utc, sizeof(utc), "%Y%m%dT%H%M%S", &tm))
		utc[0] = '\0';
	(void)snprintf(name, SNAPSHOT_NAME_BYTES,
		       "captcha-%ld-%s.%03dZ.heapsnapshot%s", (long)getpid(),
		       utc, (int)(unix_ms % 1000), suffix);
}

enum cf_status snapshot_write(int dir_fd, int64_t unix_ms,
			      char name[SNAPSHOT_NAME_BYTES],
			      struct cf_error *err)
{
	struct graph graph = {0};
	char temp_name[SNAPSHOT_NAME_BYTES];
	enum cf_status rc;

	make_name(unix_ms, "", name);
	make_name(unix_ms, ".tmp", temp_name);
	if (take(&graph))
		rc = write_file(dir_fd, name, temp_name, &graph, err);
	else
		rc = cf_fail(err, CF_NOMEM, "no memory for a heap snapshot");
	release(&graph);
	return rc;
}
