/*
 * A store in memory, for tests of what stands above the store: it keeps the
 * contract of store.h, counts its calls, and fails when it is told to.
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
	MEM_STORE_PUT_PICTURE,
	MEM_STORE_LOAD_PICTURE,
	MEM_STORE_SWEEP,
	MEM_STORE_COUNT,
	MEM_STORE_SECRET,
	MEM_STORE_PROBE,
	MEM_STORE_TIDY,
	MEM_STORE_CALL_COUNT
};

/* The world outside a store: what stays when one is closed and another
 * opened. Fields may be read and the switches set at any time. */
struct mem_store {
	struct store_entry entry[MEM_STORE_MAX];
	size_t n;
	/* the last pictures that were put; there as long as their challenge */
	struct mem_store_picture {
		struct pid pid;
		char bytes[8192];
		size_t len;
		int64_t expires_unix_ms;
	} pictures[MEM_STORE_PICTURES];
	size_t n_pictures; /* ever */
	uint8_t secret[CRYPT_KEY_BYTES];
	bool has_secret;
	/* a status other than CF_OK: such calls fail and change nothing */
	enum cf_status fail[MEM_STORE_CALL_COUNT];
	/* somebody else who drops the challenge after it was taken */
	bool is_dropped_by_another;
	/* a count takes so long by this clock; NULL: no time */
	struct fake_clk *count_clk;
	int64_t count_ms;
	/* what was asked */
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

/* Borrowed until the next change; NULL when it is not there. */
const struct store_entry *mem_store_find(const struct mem_store *mem,
					 const struct pid *pid);

#endif
