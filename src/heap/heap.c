/*
 * Heap snapshots: see heap.h. jansson reads the document; what is kept of it is
 * number, class and size of each node, as DevTools' comparison has it.
 */
#include "base/base.h"
#include "heap/heap.h"

#include <jansson.h>

#include "base/mem.h"

/* Fields that are looked at. */
enum node_field { NODE_NAME, NODE_ID, NODE_SIZE, NODE_EDGES, NODE_FIELDS };
enum edge_field { EDGE_TYPE, EDGE_TO, EDGE_FIELDS };

struct node {
	int64_t id;
	int64_t n_bytes;
	size_t string;	  /* its class, in strings */
	size_t first_own; /* of what it owns, in a struct owned */
	size_t n_own;
	bool is_anothers; /* something of another class owns it, or its owner */
};

/* For each node in turn, which nodes it owns. */
struct owned {
	size_t *nodes;
	size_t *stack; /* of nodes that are still to be looked at */
	size_t n_stacked;
};

/* Invariant: nodes are sorted by id; strings is an array. */
struct heap {
	json_t *document;
	const json_t *strings;
	struct node *nodes;
	size_t n_nodes;
};

/* An array of the document that stands for rows of so many numbers. */
struct rows {
	const json_t *numbers;
	size_t n, per_row;
};

static enum cf_status bad(const char *path, const char *why,
			  struct cf_error *err)
{
	return cf_fail(err, CF_BAD_INPUT, "%s is no heap snapshot: %s", path,
		       why);
}

/* The rows of a snapshot, and where in one the wanted fields are. */
static bool find_rows(const struct heap *heap, const char *name,
		      const char *fields_name, const char *const *wanted,
		      size_t n_wanted, size_t *places, struct rows *rows)
{
	const json_t *meta = json_object_get(
		json_object_get(heap->document, "snapshot"), "meta");
	const json_t *names = json_object_get(meta, fields_name);

	rows->numbers = json_object_get(heap->document, name);
	rows->per_row = json_array_size(names);
	for (size_t field = 0; field < n_wanted; field++) {
		size_t i = 0;

		while (i < rows->per_row) {
			const char *text =
				json_string_value(json_array_get(names, i));

			if (text && !strcmp(text, wanted[field]))
				break;
			i++;
		}
		if (i == rows->per_row)
			return false;
		places[field] = i;
	}
	rows->n = json_array_size(rows->numbers) / rows->per_row;
	return rows->n * rows->per_row == json_array_size(rows->numbers);
}

static json_int_t number_at(const struct rows *rows, size_t row, size_t place)
{
	return json_integer_value(json_array_get(
		rows->numbers, row * rows->per_row + place));
}

static int compare_nodes(const void *a, const void *b)
{
	int64_t x = ((const struct node *)a)->id;
	int64_t y = ((const struct node *)b)->id;

	return (x > y) - (x < y);
}

/* The number of a weak edge's type; -1 when there is none. */
static json_int_t weak_type(const struct heap *heap)
{
	const json_t *types = json_array_get(
		json_object_get(
			json_object_get(json_object_get(heap->document,
							"snapshot"),
					"meta"),
			"edge_types"),
		0);

	for (size_t i = 0; i < json_array_size(types); i++) {
		const char *text = json_string_value(json_array_get(types, i));

		if (text && !strcmp(text, "weak"))
			return (json_int_t)i;
	}
	return -1;
}

/* Nodes in the order of the file, their classes checked. */
static enum cf_status take_nodes(struct heap *heap, const char *path,
				 const struct rows *rows,
				 const size_t places[NODE_FIELDS],
				 struct cf_error *err)
{
	heap->nodes = mem_alloc(MEM_OTHER, rows->n, sizeof(*heap->nodes));
	if (!heap->nodes)
		return cf_fail(err, CF_NOMEM, "no memory for %zu nodes",
			       rows->n);
	heap->n_nodes = rows->n;
	for (size_t i = 0; i < rows->n; i++) {
		json_int_t name = number_at(rows, i, places[NODE_NAME]);

		if (name < 0 || (size_t)name >= json_array_size(heap->strings))
			return bad(path, "a node has no name", err);
		heap->nodes[i] = (struct node){
			.id = number_at(rows, i, places[NODE_ID]),
			.n_bytes = number_at(rows, i, places[NODE_SIZE]),
			.string = (size_t)name,
		};
	}
	return CF_OK;
}

/* Edges have no node they start from: they stand in the order of the nodes,
 * each of which says how many are its own. */
static enum cf_status take_edges(struct heap *heap, const char *path,
				 const struct rows *node_rows,
				 const size_t node_places[NODE_FIELDS],
				 const struct rows *rows,
				 const size_t places[EDGE_FIELDS],
				 struct owned *owned, struct cf_error *err)
{
	json_int_t weak = weak_type(heap);
	size_t edge = 0, n_owned = 0;

	for (size_t i = 0; i < heap->n_nodes; i++) {
		struct node *node = &heap->nodes[i];
		json_int_t n = number_at(node_rows, i,
					 node_places[NODE_EDGES]);

		node->first_own = n_owned;
		for (; n > 0; n--, edge++) {
			json_int_t to = number_at(rows, edge, places[EDGE_TO]);
			size_t at = (size_t)to / node_rows->per_row;

			if (edge >= rows->n || to < 0 || at >= heap->n_nodes)
				return bad(path, "an edge leads nowhere", err);
			if (number_at(rows, edge, places[EDGE_TYPE]) != weak)
				owned->nodes[n_owned++] = at;
		}
		node->n_own = n_owned - node->first_own;
	}
	return CF_OK;
}

static void mark(struct heap *heap, struct owned *owned, size_t node)
{
	if (heap->nodes[node].is_anothers)
		return;
	heap->nodes[node].is_anothers = true;
	owned->stack[owned->n_stacked++] = node;
}

/* What belongs to another class, with all that it owns. */
static void find_anothers(struct heap *heap, struct owned *owned)
{
	for (size_t i = 0; i < heap->n_nodes; i++) {
		const struct node *node = &heap->nodes[i];

		for (size_t k = 0; node->n_bytes && k < node->n_own; k++) {
			size_t to = owned->nodes[node->first_own + k];

			if (heap->nodes[to].string != node->string)
				mark(heap, owned, to);
		}
	}
	while (owned->n_stacked) {
		const struct node *node =
			&heap->nodes[owned->stack[--owned->n_stacked]];

		for (size_t k = 0; k < node->n_own; k++)
			mark(heap, owned, owned->nodes[node->first_own + k]);
	}
}

static enum cf_status find_owners(struct heap *heap, const char *path,
				  const struct rows *node_rows,
				  const size_t node_places[NODE_FIELDS],
				  struct cf_error *err)
{
	static const char *const wanted[EDGE_FIELDS] = {"type", "to_node"};
	size_t places[EDGE_FIELDS];
	struct owned owned = {0};
	enum cf_status rc;
	struct rows rows;

	if (!find_rows(heap, "edges", "edge_fields", wanted, EDGE_FIELDS,
		       places, &rows))
		return bad(path, "its edges are not as its head says", err);
	owned.nodes = mem_alloc(MEM_OTHER, rows.n, sizeof(*owned.nodes));
	owned.stack = mem_alloc(MEM_OTHER, heap->n_nodes,
				sizeof(*owned.stack));
	if (owned.nodes && owned.stack)
		rc = take_edges(heap, path, node_rows, node_places, &rows,
				places, &owned, err);
	else
		rc = cf_fail(err, CF_NOMEM, "no memory for %zu edges", rows.n);
	if (!rc)
		find_anothers(heap, &owned);
	mem_free(owned.nodes);
	mem_free(owned.stack);
	return rc;
}

/* Without those that have no size: they are the joints of the graph. */
static void sort_nodes(struct heap *heap)
{
	size_t n = 0;

	for (size_t i = 0; i < heap->n_nodes; i++)
		if (heap->nodes[i].n_bytes > 0)
			heap->nodes[n++] = heap->nodes[i];
	heap->n_nodes = n;
	qsort(heap->nodes, n, sizeof(*heap->nodes), compare_nodes);
}

static enum cf_status load(struct heap *heap, const char *path,
			   struct cf_error *err)
{
	static const char *const wanted[NODE_FIELDS] = {
		"name", "id", "self_size", "edge_count"};
	FILE *file = fopen(path, "re");
	size_t places[NODE_FIELDS];
	json_error_t error;
	enum cf_status rc;
	struct rows rows;

	if (!file)
		return cf_fail(err, errno == ENOENT ? CF_NOT_FOUND : CF_IO,
			       "%s: %s", path, strerror(errno));
	heap->document = json_loadf(file, 0, &error);
	(void)fclose(file);
	if (!heap->document)
		return bad(path, error.text, err);
	heap->strings = json_object_get(heap->document, "strings");
	if (!find_rows(heap, "nodes", "node_fields", wanted, NODE_FIELDS,
		       places, &rows))
		return bad(path, "its nodes are not as its head says", err);
	rc = take_nodes(heap, path, &rows, places, err);
	if (!rc)
		rc = find_owners(heap, path, &rows, places, err);
	if (!rc)
		sort_nodes(heap);
	return rc;
}

enum cf_status heap_load(const char *path, struct heap **out,
			 struct cf_error *err)
{
	struct heap *heap = mem_alloc(MEM_OTHER, 1, sizeof(*heap));
	enum cf_status rc;

	*out = NULL;
	if (!heap)
		return cf_fail(err, CF_NOMEM, "no memory for a heap snapshot");
	rc = load(heap, path, err);
	if (rc) {
		heap_free(heap);
		return rc;
	}
	*out = heap;
	return CF_OK;
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

/* Which change each string of a snapshot is the class of; 0 is not known yet,
 * else one more than its place. */
struct classes {
	const json_t *strings;
	size_t *places;
};

static bool classes_init(struct classes *classes, const struct heap *heap)
{
	classes->strings = heap->strings;
	classes->places = mem_alloc(MEM_OTHER, json_array_size(heap->strings),
				    sizeof(*classes->places));
	return classes->places != NULL;
}

/* The change of a string's class, which has room. */
static struct heap_change *change_of(struct heap_diff *diff,
				     struct classes *classes, size_t string)
{
	const char *name =
		json_string_value(json_array_get(classes->strings, string));
	size_t *place = &classes->places[string];

	if (*place)
		return &diff->changes[*place - 1];
	if (!name)
		name = "";
	for (*place = 1; *place <= diff->n; (*place)++)
		if (!strcmp(diff->changes[*place - 1].class, name))
			return &diff->changes[*place - 1];
	diff->changes[diff->n] = (struct heap_change){.class = name};
	return &diff->changes[diff->n++];
}

static void compare(struct heap_diff *diff, const struct heap *before,
		    struct classes *classes_before, const struct heap *after,
		    struct classes *classes_after)
{
	size_t a = 0, b = 0;

	while (a < before->n_nodes || b < after->n_nodes) {
		const struct node *old = &before->nodes[a];
		const struct node *new = &after->nodes[b];
		bool has_old = a < before->n_nodes &&
			       (b == after->n_nodes || old->id <= new->id);
		bool has_new = b < after->n_nodes &&
			       (a == before->n_nodes || new->id <= old->id);
		struct heap_change *change;

		if (has_old) {
			change = change_of(diff, classes_before, old->string);
			change->n_deleted += !has_new;
			change->n_own -= !has_new && !old->is_anothers;
			change->n_bytes -= old->n_bytes;
			a++;
		}
		if (has_new) {
			change = change_of(diff, classes_after, new->string);
			change->n_new += !has_old;
			change->n_own += !has_old && !new->is_anothers;
			change->n_bytes += new->n_bytes;
			b++;
		}
	}
}

static int compare_changes(const void *a, const void *b)
{
	const struct heap_change *x = a, *y = b;

	if (x->n_bytes != y->n_bytes)
		return x->n_bytes < y->n_bytes ? 1 : -1;
	if (heap_delta(x) != heap_delta(y))
		return heap_delta(x) < heap_delta(y) ? 1 : -1;
	return strcmp(x->class, y->class);
}

enum cf_status heap_compare(const struct heap *before, const struct heap *after,
			    struct heap_diff *out, struct cf_error *err)
{
	size_t n_max = json_array_size(before->strings) +
		       json_array_size(after->strings);
	struct classes classes_before = {0}, classes_after = {0};
	enum cf_status rc = CF_OK;

	out->n = 0;
	out->changes = mem_alloc(MEM_OTHER, n_max, sizeof(*out->changes));
	if (out->changes && classes_init(&classes_before, before) &&
	    classes_init(&classes_after, after)) {
		compare(out, before, &classes_before, after, &classes_after);
		qsort(out->changes, out->n, sizeof(*out->changes),
		      compare_changes);
	} else {
		heap_diff_release(out);
		rc = cf_fail(err, CF_NOMEM, "no memory for a comparison");
	}
	mem_free(classes_before.places);
	mem_free(classes_after.places);
	return rc;
}

void heap_diff_release(struct heap_diff *diff)
{
	mem_free(diff->changes);
	diff->changes = NULL;
	diff->n = 0;
}

const struct heap_change *heap_diff_of(const struct heap_diff *diff,
				       const char *class)
{
	for (size_t i = 0; i < diff->n; i++)
		if (!strcmp(diff->changes[i].class, class))
			return &diff->changes[i];
	return NULL;
}

static json_t *change_to_json(const struct heap_change *c)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I}", "class", c->class, "new",
			 (json_int_t)c->n_new, "deleted",
			 (json_int_t)c->n_deleted, "delta",
			 (json_int_t)heap_delta(c), "bytes",
			 (json_int_t)c->n_bytes);
}

bool heap_diff_print_json(const struct heap_diff *diff)
{
	json_t *classes = json_array();
	json_t *document = json_pack("{s:o}", "classes", classes);
	bool is_whole = document;

	/* a NULL is refused by either */
	for (size_t i = 0; i < diff->n && is_whole; i++)
		is_whole = !json_array_append_new(
			classes, change_to_json(&diff->changes[i]));
	if (is_whole)
		is_whole = !json_dumpf(document, stdout, JSON_COMPACT);
	json_decref(document);
	if (is_whole)
		(void)putchar('\n');
	return is_whole;
}
