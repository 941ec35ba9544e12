/*
 * What store.h promises, as tests that run unchanged against every back end.
 *
 * A program defines store_contract_backend and puts STORE_CONTRACT_TESTS
 * into its list.
 */
#ifndef CF_TESTS_STORE_CONTRACT_H
#define CF_TESTS_STORE_CONTRACT_H

#include "store/store.h"

struct store_contract_backend {
	void (*begin)(void); /* an empty world; before each test */
	struct store *(*open)(void); /* a store of it; more than once */
	void (*end)(void); /* after each test; NULL for nothing */
	/* it ends challenges itself when they expire, and tells no times */
	bool ends_expired;
	/* it keeps pictures for other machines */
	bool has_pictures;
};

extern const struct store_contract_backend store_contract_backend;

/* An entry of that number: pids sort as numbers do; 300 s to live from
 * created. */
struct store_entry store_contract_entry(unsigned number,
					int64_t created_unix_ms);

int store_contract_set_up(void **state);
int store_contract_tear_down(void **state);

#define STORE_CONTRACT_EACH(X)                                  \
	X(put_then_peek_gives_every_field)                      \
	X(put_is_all_or_none_when_a_pid_is_there_already)       \
	X(put_is_all_or_none_when_a_pid_stands_twice_in_it)     \
	X(put_refuses_what_breaks_the_rules)                    \
	X(put_takes_the_largest_batch_and_no_larger)            \
	X(the_longest_code_is_kept_whole)                       \
	X(peek_changes_nothing)                                 \
	X(an_unknown_pid_is_not_found_by_anybody)               \
	X(take_gives_a_challenge_once)                          \
	X(take_counts_attempts_down_and_then_it_is_gone)        \
	X(take_leaves_expiry_to_the_caller)                     \
	X(drop_has_one_winner)                                  \
	X(drop_ends_a_challenge_with_attempts_left)             \
	X(a_picture_is_kept_until_its_challenge_ends)           \
	X(a_picture_stays_while_attempts_are_left)              \
	X(sweep_stops_before_the_bound)                         \
	X(sweep_leaves_what_has_not_expired)                    \
	X(sweep_comes_to_an_end_in_steps)                       \
	X(sweep_removes_what_a_clock_that_was_ahead_has_issued) \
	X(count_is_exact_or_a_bound_below_enough)               \
	X(the_secret_is_one_for_all)                            \
	X(probe_leaves_nothing)                                 \
	X(sweep_refuses_a_number_out_of_range)                  \
	X(two_stores_share_one_record)                          \
	X(tidy_loses_nothing)

#define STORE_CONTRACT_DECLARE(name) void name(void **state);
STORE_CONTRACT_EACH(STORE_CONTRACT_DECLARE)

#define STORE_CONTRACT_ROW(name)                                               \
	cmocka_unit_test_setup_teardown(name, store_contract_set_up,           \
					store_contract_tear_down),
#define STORE_CONTRACT_TESTS STORE_CONTRACT_EACH(STORE_CONTRACT_ROW)

#endif
