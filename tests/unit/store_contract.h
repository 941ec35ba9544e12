/*
 * The contract of store.h, as tests for each back end.
 *
 * A program defines store_contract_backend and puts STORE_CONTRACT_TESTS
 * into its list.
 */
#ifndef CF_TESTS_STORE_CONTRACT_H
#define CF_TESTS_STORE_CONTRACT_H

#include "store/store.h"

struct store_contract_backend {
	void (*begin)(void); /* before each test: nothing is recorded */
	struct store *(*open)(void); /* may be called again */
	void (*end)(void); /* after each test; NULL for nothing */
	/* Redis: ends challenges when they expire, and gives no times */
	bool ends_expired;
	/* keeps pictures for other machines */
	bool has_pictures;
};

extern const struct store_contract_backend store_contract_backend;

/* An entry that lives for 300 s. Pids sort as numbers do. */
struct store_entry store_contract_entry(unsigned number,
					int64_t created_unix_ms);

/* One call of each kind, about the entry of number 1. */
enum store_call {
	STORE_CALL_PUT,
	STORE_CALL_PEEK,
	STORE_CALL_TAKE,
	STORE_CALL_DROP,
	STORE_CALL_SWAP,
	STORE_CALL_PUT_PICTURE,
	STORE_CALL_LOAD_PICTURE,
	STORE_CALL_SWEEP,
	STORE_CALL_COUNT,
	STORE_CALL_SECRET,
	STORE_CALL_PROBE,
	STORE_CALL_TIDY,
	STORE_CALLS
};
CF_MUST_CHECK
enum cf_status store_contract_call(struct store *store, enum store_call call,
				   struct cf_error *err);

int store_contract_set_up(void **state);
int store_contract_tear_down(void **state);

#define STORE_CONTRACT_EACH(X)                                \
	X(put_then_peek_gives_every_field)                    \
	X(put_is_all_or_none)                                 \
	X(put_takes_the_largest_batch)                        \
	X(an_unknown_pid_is_not_found)                        \
	X(take_counts_attempts_down_and_then_it_is_gone)      \
	X(take_leaves_expiry_to_the_caller)                   \
	X(drop_ends_a_challenge_once)                         \
	X(swap_needs_the_code_of_now)                         \
	X(of_two_swaps_of_one_code_one_succeeds)              \
	X(a_picture_is_kept_until_its_challenge_ends)         \
	X(sweep_stops_before_the_bound)                       \
	X(sweep_leaves_challenges_that_live)                  \
	X(sweep_comes_to_an_end_in_steps)                     \
	X(sweep_removes_challenges_of_a_clock_that_was_ahead) \
	X(count_is_exact_or_a_bound_below_enough)             \
	X(the_secret_is_the_same_for_all_stores)              \
	X(probe_leaves_nothing)                               \
	X(two_stores_share_one_record)                        \
	X(tidy_loses_nothing)

#define STORE_CONTRACT_DECLARE(name) void name(void **state);
STORE_CONTRACT_EACH(STORE_CONTRACT_DECLARE)

#define STORE_CONTRACT_ROW(name)                                               \
	cmocka_unit_test_setup_teardown(name, store_contract_set_up,           \
					store_contract_tear_down),
#define STORE_CONTRACT_TESTS STORE_CONTRACT_EACH(STORE_CONTRACT_ROW)

#endif
