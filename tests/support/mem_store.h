/*
 * A store in memory, for tests of the layers above: it keeps the contract of
 * store.h, counts calls, and fails when it is told to.
 */
#ifndef CF_TESTS_MEM_STORE_H
#define CF_TESTS_MEM_STORE_H

#include "store/store.h"
#include "tests/support/fake_clk.h"

enum { MEM_STORE_MAX = 20000, MEM_STORE_PICTURES = 4 };

enum mem_store_call {
	MEM_STORE_PUT,
	MEM_STORE_PEEK,
	MEM_STORE_TAKE,
	MEM_STORE_DROP,
	MEM_STORE_SWAP,
	MEM_STORE_PUT_PICTURE,
	MEM_STORE_LOAD_PICTURE,
	MEM_STORE_SWEEP,
	MEM_STORE_COUNT,
	MEM_STORE_SECRET,
	MEM_STORE_PROBE,
	MEM_STORE_TIDY,
	MEM_STORE_CALL_COUNT
};

/* Stays when a store on it is closed and another is opened. A test may read all
 * fields, and set the switches. */
struct mem_store {
	struct store_entry entry[MEM_STORE_MAX];
	size_t n;
	/* the last pictures; each is there as long as its challenge */
	struct mem_store_picture {
		struct pid pid;
		char bytes[8192];
		size_t len;
		int64_t expires_unix_ms;
	} pictures[MEM_STORE_PICTURES];
	size_t n_pictures; /* ever */
	uint8_t secret[CRYPT_KEY_BYTES];
	bool has_secret;
	/* switch: such calls fail with this status and change nothing */
	enum cf_status fail[MEM_STORE_CALL_COUNT];
	/* switch: another process drops each challenge that was taken */
	bool is_dropped_by_another;
	/* switch: a count takes so long by this clock; NULL: no time */
	struct fake_clk *count_clk;
	int64_t count_ms;
	int n_calls[MEM_STORE_CALL_COUNT];
	size_t n_last_put;
};

void mem_store_init(struct mem_store *mem);

/* A store on it; mem is borrowed until store_close. */
struct store *mem_store_open(struct mem_store *mem);

/* Every call fails with this status; CF_OK ends that. */
void mem_store_fail_all(struct mem_store *mem, enum cf_status status);

/* How many calls there were, of all kinds. */
int mem_store_n_calls(const struct mem_store *mem);

/* The challenge of a pid, borrowed until the next change; NULL: none. */
const struct store_entry *mem_store_find(const struct mem_store *mem,
					 const struct pid *pid);

#endif
