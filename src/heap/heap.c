/*
 * Heap snapshots: see heap.h. jansson reads the file. Of each node its number,
 * class and size are kept, and whether it is inherited.
 */
#include "base/base.h"
#include "heap/heap.h"

#include <jansson.h>

#include "base/buf.h"

/* The fields of a row that are read, and their names in the file. */
enum node_field { NODE_NAME, NODE_ID, NODE_SIZE, NODE_EDGES, NODE_FIELDS };
enum edge_field { EDGE_TYPE, EDGE_TO, EDGE_FIELDS };
static const char *const node_fields[NODE_FIELDS] = {"name", "id", "self_size",
						     "edge_count"};
static const char *const edge_fields[EDGE_FIELDS] = {"type", "to_node"};

struct node {
	int64_t id;
	int64_t n_bytes;
	const char *class; /* one string of the file has one address */
	size_t first_edge, n_edges;
	/* an object of another class owns it, or owns its owner */
	bool is_inherited;
};

/* Invariant: nodes are sorted by id, and have a size. */
struct heap {
	json_t *document; /* classes are strings of it */
	struct node *nodes;
	size_t n_nodes;
};

/* An array of the file that holds rows of numbers, per_row in each. */
struct rows {
	const json_t *numbers;
	size_t n, per_row;
	size_t places[NODE_FIELDS]; /* of the fields in a row */
};

/* The file while it is read. */
struct graph {
	const char *path;
	struct rows nodes, edges;
	const json_t *strings;
	json_int_t weak;     /* the type of an edge that does not own */
	struct node **stack; /* inherited nodes: their edges are to follow */
	size_t n_stacked;
};

static enum cf_status bad(const struct graph *g, const char *why,
			  struct cf_error *err)
{
	return cf_fail(err, CF_BAD_INPUT, "%s is no heap snapshot: %s", g->path,
		       why);
}

/* The index of a text in an array; the array's size when it has none. */
static size_t index_of(const json_t *texts, const char *wanted)
{
	size_t i = 0;

	for (; i < json_array_size(texts); i++) {
		const char *text = json_string_value(json_array_get(texts, i));

		if (text && !strcmp(text, wanted))
			break;
	}
	return i;
}

/* Find these fields in rows->numbers; false: a field is missing. */
static bool find_fields(struct rows *rows, const json_t *names,
			const char *const *fields, size_t n_fields)
{
	size_t n = json_array_size(rows->numbers);

	rows->per_row = json_array_size(names);
	for (size_t i = 0; i < n_fields; i++) {
		rows->places[i] = index_of(names, fields[i]);
		if (rows->places[i] == rows->per_row)
			return false;
	}
	rows->n = n / rows->per_row;
	return rows->n * rows->per_row == n;
}

static json_int_t number_at(const struct rows *rows, size_t row, size_t field)
{
	return json_integer_value(
		json_array_get(rows->numbers,
			       row * rows->per_row + rows->places[field]));
}

static enum cf_status find_arrays(struct graph *g, json_t *document,
				  struct cf_error *err)
{
	json_t *nodes, *edges, *strings, *of_nodes, *of_edges, *edge_types;
	json_error_t error;

	if (json_unpack_ex(document, &error, 0,
			   "{s:{s:{s:o, s:o, s:[o]}}, s:o, s:o, s:o}",
			   "snapshot", "meta", "node_fields", &of_nodes,
			   "edge_fields", &of_edges, "edge_types", &edge_types,
			   "nodes", &nodes, "edges", &edges, "strings",
			   &strings))
		return bad(g, error.text, err);
	g->nodes.numbers = nodes;
	g->edges.numbers = edges;
	g->strings = strings;
	g->weak = (json_int_t)index_of(edge_types, "weak");
	if (!find_fields(&g->nodes, of_nodes, node_fields, NODE_FIELDS))
		return bad(g, "its nodes are not as its head says", err);
	if (!find_fields(&g->edges, of_edges, edge_fields, EDGE_FIELDS))
		return bad(g, "its edges are not as its head says", err);
	return CF_OK;
}

/* Read the nodes in the order of the file. The edges stand in the same order,
 * and each node says how many start from it. */
static enum cf_status read_nodes(struct heap *heap, const struct graph *g,
				 struct cf_error *err)
{
	size_t n_edges = 0;

	for (size_t i = 0; i < g->nodes.n; i++) {
		json_int_t name = number_at(&g->nodes, i, NODE_NAME);
		json_int_t n = number_at(&g->nodes, i, NODE_EDGES);
		struct node *node = &heap->nodes[i];

		*node = (struct node){
			.id = number_at(&g->nodes, i, NODE_ID),
			.n_bytes = number_at(&g->nodes, i, NODE_SIZE),
			.class = json_string_value(
				json_array_get(g->strings, (size_t)name)),
			.first_edge = n_edges,
			.n_edges = (size_t)n,
		};
		if (!node->class)
			return bad(g, "a node has no name", err);
		if (node->n_edges > g->edges.n - n_edges)
			return bad(g, "a node has edges that are missing", err);
		n_edges += node->n_edges;
	}
	heap->n_nodes = g->nodes.n;
	for (size_t i = 0; i < g->edges.n; i++) {
		size_t to = (size_t)number_at(&g->edges, i, EDGE_TO);

		if (to / g->nodes.per_row >= g->nodes.n)
			return bad(g, "an edge leads nowhere", err);
	}
	return CF_OK;
}

/* Mark the nodes that a node owns. Nodes of its own class are marked only if
 * the node itself is marked. */
static void mark_owned(struct heap *heap, struct graph *g,
		       const struct node *node)
{
	for (size_t i = 0; i < node->n_edges; i++) {
		size_t edge = node->first_edge + i;
		size_t to = (size_t)number_at(&g->edges, edge, EDGE_TO);
		struct node *owned = &heap->nodes[to / g->nodes.per_row];

		if (number_at(&g->edges, edge, EDGE_TYPE) == g->weak ||
		    owned->is_inherited ||
		    (owned->class == node->class && !node->is_inherited))
			continue;
		owned->is_inherited = true;
		g->stack[g->n_stacked++] = owned;
	}
}

/* Nodes without a size only hold the graph together: they own nothing. */
static void find_inherited(struct heap *heap, struct graph *g)
{
	for (size_t i = 0; i < heap->n_nodes; i++)
		if (heap->nodes[i].n_bytes)
			mark_owned(heap, g, &heap->nodes[i]);
	while (g->n_stacked)
		mark_owned(heap, g, g->stack[--g->n_stacked]);
}

static int compare_nodes(const void *a, const void *b)
{
	int64_t x = ((const struct node *)a)->id;
	int64_t y = ((const struct node *)b)->id;

	return (x > y) - (x < y);
}

static void sort_nodes(struct heap *heap)
{
	size_t n = 0;

	for (size_t i = 0; i < heap->n_nodes; i++)
		if (heap->nodes[i].n_bytes > 0)
			heap->nodes[n++] = heap->nodes[i];
	heap->n_nodes = n;
	qsort(heap->nodes, n, sizeof(*heap->nodes), compare_nodes);
}

static enum cf_status read_document(struct heap *heap, struct graph *g,
				    struct cf_error *err)
{
	enum cf_status rc = find_arrays(g, heap->document, err);

	if (rc)
		return rc;
	heap->nodes = mem_alloc(MEM_OTHER, g->nodes.n, sizeof(*heap->nodes));
	g->stack = mem_alloc(MEM_OTHER, g->nodes.n, sizeof(*g->stack));
	if (!heap->nodes || !g->stack)
		return cf_fail(err, CF_NOMEM, "no memory for %zu nodes",
			       g->nodes.n);
	rc = read_nodes(heap, g, err);
	if (rc)
		return rc;
	find_inherited(heap, g);
	sort_nodes(heap);
	return CF_OK;
}

enum cf_status heap_load(const char *path, struct heap **out,
			 struct cf_error *err)
{
	struct heap *heap = mem_alloc(MEM_OTHER, 1, sizeof(*heap));
	FILE *file = fopen(path, "re");
	struct graph g = {.path = path};
	enum cf_status rc = CF_OK;
	json_error_t error;

	*out = NULL;
	if (!file)
		rc = cf_fail(err, errno == ENOENT ? CF_NOT_FOUND : CF_IO,
			     "%s: %s", path, strerror(errno));
	else if (!heap)
		rc = cf_fail(err, CF_NOMEM, "no memory for a heap snapshot");
	if (!rc) {
		heap->document = json_loadf(file, 0, &error);
		rc = heap->document ? read_document(heap, &g, err)
				    : bad(&g, error.text, err);
	}
	if (file)
		(void)fclose(file);
	mem_free(g.stack);
	if (rc)
		heap_free(heap);
	else
		*out = heap;
	return rc;
}

void heap_free(struct heap *heap)
{
	if (!heap)
		return;
	json_decref(heap->document);
	mem_free(heap->nodes);
	mem_free(heap);
}

/* --- comparing ------------------------------------------------------------ */

/* Add the change that one object makes: sign is -1 for an object of the
 * earlier snapshot, 1 for one of the later. */
static void add_change(struct heap_diff *diff, const struct node *node,
		       int sign, bool is_in_both)
{
	bool is_only = !is_in_both;

	diff->changes[diff->n++] = (struct heap_change){
		.class = node->class,
		.n_new = sign > 0 && is_only,
		.n_deleted = sign < 0 && is_only,
		.n_own = is_only && !node->is_inherited ? sign : 0,
		.n_bytes = sign * node->n_bytes,
	};
}

/* Add a change for each object of either snapshot. */
static void add_changes(struct heap_diff *diff, const struct heap *before,
			const struct heap *after)
{
	size_t a = 0, b = 0;

	while (a < before->n_nodes || b < after->n_nodes) {
		const struct node *old = &before->nodes[a];
		const struct node *new = &after->nodes[b];
		bool has_old = a < before->n_nodes &&
			       (b == after->n_nodes || old->id <= new->id);
		bool has_new = b < after->n_nodes &&
			       (a == before->n_nodes || new->id <= old->id);

		if (has_old)
			add_change(diff, old, -1, has_new);
		if (has_new)
			add_change(diff, new, 1, has_old);
		a += has_old;
		b += has_new;
	}
}

static int compare_classes(const void *a, const void *b)
{
	return strcmp(((const struct heap_change *)a)->class,
		      ((const struct heap_change *)b)->class);
}

static int compare_growth(const void *a, const void *b)
{
	const struct heap_change *x = a, *y = b;

	if (x->n_bytes != y->n_bytes)
		return x->n_bytes < y->n_bytes ? 1 : -1;
	if (heap_delta(x) != heap_delta(y))
		return heap_delta(x) < heap_delta(y) ? 1 : -1;
	return compare_classes(a, b);
}

/* Sum up the changes of each class. */
static void sum_up(struct heap_diff *diff)
{
	size_t n = 0;

	qsort(diff->changes, diff->n, sizeof(*diff->changes), compare_classes);
	for (size_t i = 0; i < diff->n; i++) {
		const struct heap_change *change = &diff->changes[i];
		struct heap_change *sum = &diff->changes[n ? n - 1 : 0];

		if (!n || strcmp(sum->class, change->class)) {
			diff->changes[n++] = *change;
			continue;
		}
		sum->n_new += change->n_new;
		sum->n_deleted += change->n_deleted;
		sum->n_own += change->n_own;
		sum->n_bytes += change->n_bytes;
	}
	diff->n = n;
}

enum cf_status heap_compare(const struct heap *before, const struct heap *after,
			    struct heap_diff *out, struct cf_error *err)
{
	out->n = 0;
	out->changes = mem_alloc(MEM_OTHER, before->n_nodes + after->n_nodes,
				 sizeof(*out->changes));
	if (!out->changes)
		return cf_fail(err, CF_NOMEM, "no memory for a comparison");
	add_changes(out, before, after);
	sum_up(out);
	qsort(out->changes, out->n, sizeof(*out->changes), compare_growth);
	return CF_OK;
}

void heap_diff_release(struct heap_diff *diff)
{
	mem_free(diff->changes);
	*diff = (struct heap_diff){.n = 0};
}

bool heap_diff_print_json(const struct heap_diff *diff)
{
	struct buf out;
	bool is_ok;

	buf_init(&out, SIZE_MAX / 2);
	buf_open_json(&out, NULL, '{');
	buf_open_json(&out, "classes", '[');
	for (size_t i = 0; i < diff->n; i++) {
		const struct heap_change *change = &diff->changes[i];

		buf_open_json(&out, NULL, '{');
		buf_add_json(&out, "class", str_from(change->class));
		buf_add_json_number(&out, "new", change->n_new);
		buf_add_json_number(&out, "deleted", change->n_deleted);
		buf_add_json_number(&out, "delta", heap_delta(change));
		buf_add_json_number(&out, "bytes", change->n_bytes);
		buf_close_json(&out, '}');
	}
	buf_close_json(&out, ']');
	buf_close_json(&out, '}');
	is_ok = !buf_status(&out, NULL) && puts(out.ptr) >= 0;
	buf_release(&out);
	return is_ok;
}
