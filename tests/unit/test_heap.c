/*
 * snapshot.c and heap/heap.c: a heap is written, read back and compared.
 */
#include "base/base.h"
#include "heap/snapshot.h"
#include "heap/heap.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/file.h"

static char dir[TEMP_PATH_BYTES];
static int dir_fd;

static int set_up(void **state)
{
	temp_dir_make(dir);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0;
}

static int tear_down(void **state)
{
	(void)close(dir_fd);
	temp_dir_remove(dir);
	return 0;
}

/* Write a snapshot at so many ms past 2026-11-24T07:00Z; its path. */
static const char *write_snapshot(int ms)
{
	static char path[TEMP_PATH_BYTES + SNAPSHOT_NAME_BYTES];
	struct cf_error err = CF_ERROR_INIT;
	char name[SNAPSHOT_NAME_BYTES];

	assert_ok(snapshot_write(dir_fd, INT64_C(1795503600000) + ms, name,
				 &err),
		  &err);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static struct heap *load(const char *path)
{
	struct cf_error err = CF_ERROR_INIT;
	struct heap *heap;

	assert_ok(heap_load(path, &heap, &err), &err);
	return heap;
}

/* A list that leaks: each node owns a block of another class. */
struct node {
	struct node *next;
	void *fonts;
};

static struct node *push(struct node *list)
{
	struct node *node = mem_alloc(MEM_GENERATOR, 1, sizeof(*node));

	assert_non_null(node);
	node->next = list;
	node->fonts = mem_alloc(MEM_FONT, 1, 1000);
	assert_non_null(node->fonts);
	return node;
}

static struct node *pop(struct node *list)
{
	struct node *next = list->next;

	mem_free(list->fonts);
	mem_free(list);
	return next;
}

static void diff_snapshots(const struct heap *before, const struct heap *after,
			   struct heap_diff *diff)
{
	struct cf_error err = CF_ERROR_INIT;

	assert_ok(heap_compare(before, after, diff, &err), &err);
}

/* The change of a class; without a class if the comparison has none. */
static struct heap_change change_of(const struct heap_diff *diff,
				    const char *class)
{
	for (size_t i = 0; i < diff->n; i++)
		if (!strcmp(diff->changes[i].class, class))
			return diff->changes[i];
	return (struct heap_change){.class = NULL};
}

static void check_change(const struct heap_diff *diff, const char *class,
			 int64_t n_new, int64_t n_deleted, int64_t n_own,
			 int64_t n_bytes)
{
	struct heap_change change = change_of(diff, class);

	assert_non_null(change.class);
	assert_int_equal(change.n_new, n_new);
	assert_int_equal(change.n_deleted, n_deleted);
	assert_int_equal(change.n_own, n_own);
	assert_int_equal(change.n_bytes, n_bytes);
}

static void a_comparison_shows_new_deleted_and_grown_blocks(void **state)
{
	struct heap *before, *after;
	struct node *list = NULL;
	void *leaves = mem_alloc(MEM_POOL, 1, 77), *grows;
	struct heap_diff diff;

	grows = mem_alloc(MEM_STORE, 1, 100);
	list = push(push(list));
	before = load(write_snapshot(1));
	for (int i = 0; i < 10; i++)
		list = push(list);
	mem_free(leaves);
	grows = mem_realloc(MEM_STORE, grows, 1, 300);
	assert_non_null(grows);
	after = load(write_snapshot(2));
	diff_snapshots(before, after, &diff);
	check_change(&diff, "generator", 10, 0, 10,
		     10 * (int64_t)sizeof(struct node));
	/* the generators own these */
	check_change(&diff, "font", 10, 0, 0, 10000);
	check_change(&diff, "pool", 0, 1, -1, -77);
	check_change(&diff, "store", 0, 0, 0, 200);
	assert_null(change_of(&diff, "request").class);
	for (size_t i = 1; i < diff.n; i++)
		assert_true(diff.changes[i - 1].n_bytes >=
			    diff.changes[i].n_bytes);
	heap_diff_release(&diff);
	/* the same in the other order */
	diff_snapshots(after, before, &diff);
	check_change(&diff, "generator", 0, 10, -10,
		     -10 * (int64_t)sizeof(struct node));
	heap_diff_release(&diff);
	heap_free(before);
	heap_free(after);
	while (list)
		list = pop(list);
	mem_free(grows);
}

static void blocks_that_own_each_other_are_written(void **state)
{
	struct node *a = push(NULL), *b = push(a);
	struct heap *before, *after;
	struct heap_diff diff;

	before = load(write_snapshot(3));
	a->next = b; /* no other block points at them */
	after = load(write_snapshot(4));
	diff_snapshots(before, after, &diff);
	check_change(&diff, "generator", 0, 0, 0, 0);
	heap_diff_release(&diff);
	heap_free(before);
	heap_free(after);
	(void)pop(a);
	(void)pop(b);
}

static void the_name_has_process_and_time(void **state)
{
	char wanted[SNAPSHOT_NAME_BYTES];

	(void)snprintf(wanted, sizeof(wanted),
		       "captcha-%ld-20261124T070000.005Z.heapsnapshot",
		       (long)getpid());
	assert_string_equal(strrchr(write_snapshot(5), '/') + 1, wanted);
}

static void a_snapshot_without_room_leaves_no_file(void **state)
{
	struct rlimit limit, small;
	struct cf_error err = CF_ERROR_INIT;
	char name[SNAPSHOT_NAME_BYTES];
	int n = temp_count(dir);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 1000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_not_equal(snapshot_write(dir_fd, 6, name, &err), CF_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_has(err.text, "heap snapshot");
	assert_int_equal(temp_count(dir), n);
}

/* A snapshot with these arrays. */
#define SNAPSHOT(nodes, edges)                                       \
	"{\"snapshot\":{\"meta\":{\"node_fields\":[\"name\",\"id\"," \
	"\"self_size\",\"edge_count\"],\"edge_fields\":[\"type\","   \
	"\"to_node\"],\"edge_types\":[[\"element\",\"weak\"]]}},"    \
	"\"strings\":[\"\"],\"nodes\":[" nodes "],\"edges\":[" edges "]}"

static void a_file_that_is_no_snapshot_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "no heap snapshot"},
		{"no JSON", "no heap snapshot"},
		{"{}", "no heap snapshot"},
		{"[]", "no heap snapshot"},
		{"{\"strings\":[\"\"]}", "no heap snapshot"},
		{SNAPSHOT("1,1,1,0", ""), "a node has no name"},
		{SNAPSHOT("0,1,1,1", ""), "edges that are missing"},
		{SNAPSHOT("0,1,1,1", "0,9"), "an edge leads nowhere"},
		{SNAPSHOT("0,1,1", ""), "nodes are not as its head says"},
		{SNAPSHOT("0,1,1,1", "0"), "edges are not as its head says"},
	};
	struct heap *heap;

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		const char *path = temp_path(dir, "bad");
		struct cf_error err = CF_ERROR_INIT;

		temp_write(path, cases[i].text);
		assert_status(heap_load(path, &heap, &err), CF_BAD_INPUT, &err);
		assert_null(heap);
		assert_has(err.text, path);
		assert_has(err.text, cases[i].why);
	}
	assert_int_equal(heap_load(temp_path(dir, "none"), &heap, NULL),
			 CF_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_comparison_shows_new_deleted_and_grown_blocks),
		cmocka_unit_test(blocks_that_own_each_other_are_written),
		cmocka_unit_test(the_name_has_process_and_time),
		cmocka_unit_test(a_snapshot_without_room_leaves_no_file),
		cmocka_unit_test(a_file_that_is_no_snapshot_is_refused),
	};

	return cmocka_run_group_tests_name("heap", tests, set_up, tear_down);
}
