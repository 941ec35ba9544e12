/*
 * The heap: see mem.h. libc allocates; a head before each block links it to
 * the list. doc/performance.md has the cost.
 */
#include "base/base.h"
#include "base/mem.h"

#include <malloc.h>

enum {
	CLASS_BITS = 8,
	CLASS_MASK = (1 << CLASS_BITS) - 1,
};

/*
 * Aligned for any type, and so is the block behind it. Links are inverted
 * addresses: a leak detector that follows pointers would find all blocks
 * through the list.
 * Invariant: next of prev and prev of next are this head.
 */
struct head {
	_Alignas(max_align_t) uintptr_t prev;
	uintptr_t next;
	uint64_t id_class; /* the class in the lowest bits */
	size_t n_bytes;
};

_Static_assert((int)MEM_CLASS_COUNT <= (int)CLASS_MASK, "a class fits");

/* A process has one heap. The newest block is next of first. A link of 0 stands
 * for first: its inverted address is no constant. */
static struct head first;
static uint64_t n_made;
static uint64_t n_refused;
static struct mem_use uses[MEM_CLASS_COUNT];

static const char *const names[MEM_CLASS_COUNT] = {
	[MEM_GENERATOR] = "generator",
	[MEM_FONT] = "font",
	[MEM_CHALLENGE] = "challenge",
	[MEM_POOL] = "pool",
	[MEM_SOUND] = "sound",
	[MEM_STORE] = "store",
	[MEM_REQUEST] = "request",
	[MEM_BUFFER] = "buffer",
	[MEM_CONFIG] = "config",
	[MEM_SQLITE] = "sqlite",
	[MEM_FREETYPE] = "freetype",
	[MEM_JSON] = "json",
	[MEM_OTHER] = "other",
};

const char *mem_class_name(enum mem_class class)
{
	assert(class < MEM_CLASS_COUNT);
	return names[class];
}

static enum mem_class class_of(const struct head *head)
{
	return (enum mem_class)(head->id_class & CLASS_MASK);
}

static struct head *head_of(const void *ptr)
{
	return (struct head *)(uintptr_t)ptr - 1;
}

static struct head *linked(uintptr_t link)
{
	return link ? (struct head *)~link : &first;
}

static uintptr_t link_to(const struct head *head)
{
	return head == &first ? 0 : ~(uintptr_t)head;
}

static void count(const struct head *head, int sign)
{
	struct mem_use *use = &uses[class_of(head)];

	use->n_blocks += sign;
	use->n_bytes += sign * (int64_t)head->n_bytes;
}

/* The sizes without and with the head; false on overflow. */
static bool total_bytes(size_t n, size_t size, size_t *n_bytes, size_t *total)
{
	return !__builtin_mul_overflow(n, size, n_bytes) &&
	       !__builtin_add_overflow(*n_bytes, sizeof(struct head), total) &&
	       *total <= PTRDIFF_MAX;
}

static void *refuse(void)
{
	n_refused++;
	return NULL;
}

static void *begin(struct head *head, enum mem_class class, size_t n_bytes)
{
	if (!head)
		return refuse();
	head->id_class = ++n_made << CLASS_BITS | class;
	head->n_bytes = n_bytes;
	head->prev = link_to(&first);
	head->next = first.next;
	linked(first.next)->prev = link_to(head);
	first.next = link_to(head);
	count(head, 1);
	return head + 1;
}

void *mem_alloc(enum mem_class class, size_t n, size_t size)
{
	size_t n_bytes, total;

	if (!total_bytes(n, size, &n_bytes, &total))
		return refuse();
	return begin(calloc(1, total), class, n_bytes);
}

void *mem_realloc(enum mem_class class, void *ptr, size_t n, size_t size)
{
	struct head *head;
	size_t n_bytes, total;

	if (!total_bytes(n, size, &n_bytes, &total))
		return refuse();
	if (!ptr)
		return begin(malloc(total), class, n_bytes);
	head = realloc(head_of(ptr), total);
	if (!head)
		return refuse();
	/* realloc may have moved it */
	linked(head->prev)->next = link_to(head);
	linked(head->next)->prev = link_to(head);
	count(head, -1);
	head->n_bytes = n_bytes;
	count(head, 1);
	return head + 1;
}

char *mem_strdup(enum mem_class class, const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = mem_alloc(class, len, 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

void mem_free(void *ptr)
{
	struct head *head;

	if (!ptr)
		return;
	head = head_of(ptr);
	linked(head->prev)->next = head->next;
	linked(head->next)->prev = head->prev;
	count(head, -1);
	free(head);
}

size_t mem_size_bytes(const void *ptr)
{
	return head_of(ptr)->n_bytes;
}

uint64_t mem_n_refused(void)
{
	return n_refused;
}

struct mem_use mem_use(enum mem_class class)
{
	assert(class < MEM_CLASS_COUNT);
	return uses[class];
}

/* The bytes that libc uses for a block, with its own size_t before it. */
static int64_t taken_bytes(struct head *head)
{
	return (int64_t)(malloc_usable_size(head) + sizeof(size_t));
}

int64_t mem_libc_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return (int64_t)(info.uordblks + info.hblkhd);
}

void mem_each(mem_visit_fn *visit, void *ctx)
{
	for (struct head *head = linked(first.next); head != &first;
	     head = linked(head->next)) {
		struct mem_block block = {
			.ptr = head + 1,
			.n_bytes = head->n_bytes,
			.n_extra_bytes =
				taken_bytes(head) - (int64_t)head->n_bytes,
			.id = head->id_class >> CLASS_BITS,
			.class = class_of(head),
		};

		visit(ctx, &block);
	}
}
