/*
 * See store_contract.h. Nothing here knows what stands behind the store.
 */
#include "base/base.h"
#include "store_contract.h"
#include "tests/support/check.h"

#define NOW INT64_C(1795435200000)

static const struct pid last_pid = {"zzzzzzzzzzzzzzzz"};
static struct store *store;
static struct cf_error err;

int store_contract_set_up(void **state)
{
	(void)state;
	err = (struct cf_error)CF_ERROR_INIT;
	assert_ok(crypt_open(&err), &err);
	store_contract_backend.begin();
	store = store_contract_backend.open();
	assert_non_null(store);
	return 0;
}

int store_contract_tear_down(void **state)
{
	(void)state;
	store_close(store);
	if (store_contract_backend.end)
		store_contract_backend.end();
	return 0;
}

struct store_entry store_contract_entry(unsigned number,
					int64_t created_unix_ms)
{
	struct store_entry entry = {
		.attempts_left = 1,
		.created_unix_ms = created_unix_ms,
		.expires_unix_ms = created_unix_ms + 300000,
	};

	(void)snprintf(entry.pid.text, sizeof(entry.pid.text), "%010uAbCdEf",
		       number);
	(void)snprintf(entry.code, sizeof(entry.code), "code%u", number);
	return entry;
}

static struct store_entry put(unsigned number, int64_t created_unix_ms)
{
	struct store_entry entry = store_contract_entry(number,
							created_unix_ms);

	assert_ok(store_put(store, &entry, 1, &err), &err);
	return entry;
}

static int64_t count(void)
{
	int64_t n = -1;

	assert_ok(store_count(store, 0, &n, &err), &err);
	return n;
}

static bool is_there(const struct pid *pid)
{
	struct store_entry out;
	enum cf_status rc = store_peek(store, pid, &out, &err);

	assert_true(rc == CF_OK || rc == CF_NOT_FOUND);
	return rc == CF_OK;
}

/* What the store gave is what was put into it. */
static void assert_same(const struct store_entry *out,
			const struct store_entry *entry)
{
	bool has_times = !store_contract_backend.ends_expired;

	assert_string_equal(out->pid.text, entry->pid.text);
	assert_string_equal(out->code, entry->code);
	assert_int_equal(out->attempts_left, entry->attempts_left);
	assert_int_equal(out->created_unix_ms,
			 has_times ? entry->created_unix_ms : 0);
	assert_int_equal(out->expires_unix_ms,
			 has_times ? entry->expires_unix_ms : INT64_MAX);
	assert_string_equal(out->profile, entry->profile);
}

void put_then_peek_gives_every_field(void **state)
{
	struct store_entry entries[2] = {store_contract_entry(1, NOW),
					 store_contract_entry(2, NOW + 1)};
	struct store_entry out;

	(void)state;
	entries[1].attempts_left = 5;
	memset(entries[1].profile, 'p', STORE_PROFILE_MAX_BYTES);
	assert_ok(store_put(store, entries, 2, &err), &err);
	for (size_t i = 0; i < 2; i++) {
		memset(&out, 0x5a, sizeof(out));
		assert_ok(store_peek(store, &entries[i].pid, &out, &err), &err);
		assert_same(&out, &entries[i]);
	}
}

void put_is_all_or_none_when_a_pid_is_there_already(void **state)
{
	struct store_entry old = put(5, NOW);
	struct store_entry entries[3] = {store_contract_entry(4, NOW),
					 store_contract_entry(5, NOW),
					 store_contract_entry(6, NOW)};
	struct store_entry out;

	(void)state;
	memcpy(entries[1].code, "other", 6);
	assert_status(store_put(store, entries, 3, &err), CF_BUG, &err);
	assert_true(err.text[0]);
	assert_int_equal(count(), 1);
	assert_false(is_there(&entries[0].pid));
	assert_false(is_there(&entries[2].pid));
	assert_ok(store_peek(store, &old.pid, &out, &err), &err);
	assert_same(&out, &old);
	/* alone as well, and the store goes on */
	assert_status(store_put(store, &entries[1], 1, &err), CF_BUG, &err);
	assert_ok(store_put(store, &entries[2], 1, &err), &err);
	assert_int_equal(count(), 2);
}

void put_is_all_or_none_when_a_pid_stands_twice_in_it(void **state)
{
	struct store_entry entries[3] = {store_contract_entry(1, NOW),
					 store_contract_entry(2, NOW),
					 store_contract_entry(1, NOW)};

	(void)state;
	assert_status(store_put(store, entries, 3, &err), CF_BUG, &err);
	assert_int_equal(count(), 0);
	assert_ok(store_put(store, entries, 2, &err), &err);
	assert_int_equal(count(), 2);
}

void put_refuses_what_breaks_the_rules(void **state)
{
	enum {
		N_BAD = 3
	};
	struct store_entry entries[2] = {store_contract_entry(1, NOW),
					 store_contract_entry(2, NOW)};
	struct store_entry bad[N_BAD];

	(void)state;
	for (size_t i = 0; i < N_BAD; i++)
		bad[i] = entries[1];
	bad[0].code[0] = '\0';
	bad[1].attempts_left = 0;
	bad[2].expires_unix_ms = bad[2].created_unix_ms - 1;
	for (size_t i = 0; i < N_BAD; i++) {
		entries[1] = bad[i];
		assert_status(store_put(store, entries, 2, &err), CF_BUG, &err);
		assert_int_equal(count(), 0);
	}
	assert_status(store_put(store, entries, 0, &err), CF_BUG, &err);
}

void put_takes_the_largest_batch_and_no_larger(void **state)
{
	struct store_entry entries[STORE_PUT_MAX + 1];

	(void)state;
	for (unsigned i = 0; i <= STORE_PUT_MAX; i++)
		entries[i] = store_contract_entry(i, NOW);
	assert_status(store_put(store, entries, STORE_PUT_MAX + 1, &err),
		      CF_BUG, &err);
	assert_int_equal(count(), 0);
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &err), &err);
	assert_int_equal(count(), STORE_PUT_MAX);
}

void the_longest_code_is_kept_whole(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW), out;

	(void)state;
	memset(entry.code, 'q', STORE_CODE_MAX_BYTES);
	entry.code[STORE_CODE_MAX_BYTES] = '\0';
	assert_ok(store_put(store, &entry, 1, &err), &err);
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_string_equal(out.code, entry.code);
}

void peek_changes_nothing(void **state)
{
	struct store_entry entry = put(1, NOW), out;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_ok(store_peek(store, &entry.pid, &out, &err), &err);
		assert_same(&out, &entry);
	}
	assert_int_equal(count(), 1);
}

void an_unknown_pid_is_not_found_by_anybody(void **state)
{
	struct store_entry out;
	const struct pid pid = {"0000000001AbCdEg"},
			 other_case = {"0000000001abcdef"};

	(void)state;
	(void)put(1, NOW);
	assert_status(store_peek(store, &pid, &out, &err), CF_NOT_FOUND, &err);
	assert_status(store_take(store, &pid, &out, &err), CF_NOT_FOUND, &err);
	assert_status(store_drop(store, &pid, &err), CF_NOT_FOUND, &err);
	/* letters' case counts */
	assert_false(is_there(&other_case));
	assert_int_equal(count(), 1);
	assert_int_equal(err.status, CF_OK);
}

void take_gives_a_challenge_once(void **state)
{
	struct store_entry entry = put(1, NOW), out;
	struct store_entry other = put(2, NOW);

	(void)state;
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	entry.attempts_left = 0;
	assert_same(&out, &entry);
	assert_false(is_there(&entry.pid));
	assert_status(store_take(store, &entry.pid, &out, &err), CF_NOT_FOUND,
		      &err);
	assert_true(is_there(&other.pid));
}

void take_counts_attempts_down_and_then_it_is_gone(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW), out;

	(void)state;
	entry.attempts_left = 3;
	assert_ok(store_put(store, &entry, 1, &err), &err);
	for (int left = 2; left >= 0; left--) {
		assert_ok(store_take(store, &entry.pid, &out, &err), &err);
		assert_int_equal(out.attempts_left, left);
		assert_string_equal(out.code, entry.code);
		assert_int_equal(is_there(&entry.pid), left > 0);
	}
	assert_status(store_take(store, &entry.pid, &out, &err), CF_NOT_FOUND,
		      &err);
}

void take_leaves_expiry_to_the_caller(void **state)
{
	struct store_entry entry = put(1, NOW - 86400000), out;

	(void)state;
	if (store_contract_backend.ends_expired) {
		assert_status(store_take(store, &entry.pid, &out, &err),
			      CF_NOT_FOUND, &err);
		return;
	}
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_int_equal(out.expires_unix_ms, entry.expires_unix_ms);
}

void drop_has_one_winner(void **state)
{
	struct store_entry entry = put(1, NOW), other = put(2, NOW), out;

	(void)state;
	assert_ok(store_drop(store, &entry.pid, &err), &err);
	assert_status(store_drop(store, &entry.pid, &err), CF_NOT_FOUND, &err);
	assert_status(store_take(store, &entry.pid, &out, &err), CF_NOT_FOUND,
		      &err);
	assert_true(is_there(&other.pid));
}

void drop_ends_a_challenge_with_attempts_left(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW), out;

	(void)state;
	entry.attempts_left = 4;
	assert_ok(store_put(store, &entry, 1, &err), &err);
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_ok(store_drop(store, &entry.pid, &err), &err);
	assert_status(store_take(store, &entry.pid, &out, &err), CF_NOT_FOUND,
		      &err);
}

/* What is kept as the picture of pid; CF_OK only if it is whole. */
static enum cf_status load(const struct pid *pid, const void *png, size_t len)
{
	struct buf out;
	enum cf_status rc;

	buf_init(&out, STORE_PICTURE_MAX_BYTES);
	rc = store_load_picture(store, pid, &out, &err);
	if (!rc) {
		assert_int_equal(out.len, len);
		assert_memory_equal(out.ptr, png, len);
	}
	buf_release(&out);
	return rc;
}

static enum cf_status put_picture(const struct store_entry *entry,
				  const void *png, size_t len)
{
	return store_put_picture(store, &entry->pid, (struct str){png, len},
				 entry->expires_unix_ms, &err);
}

/* Whether there are none, as there should be. */
static bool has_no_pictures(const struct store_entry *entry)
{
	if (store_contract_backend.has_pictures)
		return false;
	assert_status(put_picture(entry, "x", 1), CF_BUG, &err);
	assert_status(load(&entry->pid, "x", 1), CF_BUG, &err);
	return true;
}

void a_picture_is_kept_until_its_challenge_ends(void **state)
{
	static const char one[] = "\211PNG\r\n\0 \n", other[] = "other";
	struct store_entry a = put(1, NOW), b = put(2, NOW), out;

	(void)state;
	if (has_no_pictures(&a))
		return;
	assert_status(load(&a.pid, "", 0), CF_NOT_FOUND, &err);
	assert_ok(put_picture(&a, one, sizeof(one)), &err);
	assert_status(load(&b.pid, "", 0), CF_NOT_FOUND, &err);
	assert_ok(put_picture(&b, other, sizeof(other)), &err);
	assert_ok(load(&a.pid, one, sizeof(one)), &err);
	assert_ok(load(&a.pid, one, sizeof(one)), &err);
	assert_ok(load(&b.pid, other, sizeof(other)), &err);
	assert_ok(store_take(store, &a.pid, &out, &err), &err);
	assert_status(load(&a.pid, "", 0), CF_NOT_FOUND, &err);
	assert_ok(load(&b.pid, other, sizeof(other)), &err);
	assert_ok(store_drop(store, &b.pid, &err), &err);
	assert_status(load(&b.pid, "", 0), CF_NOT_FOUND, &err);
	assert_int_equal(count(), 0);
	/* one that is none, and one that is too large */
	assert_status(put_picture(&a, "", 0), CF_BUG, &err);
	assert_status(put_picture(&a, one, STORE_PICTURE_MAX_BYTES + 1),
		      CF_BUG, &err);
}

void a_picture_stays_while_attempts_are_left(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW), out;

	(void)state;
	entry.attempts_left = 2;
	assert_ok(store_put(store, &entry, 1, &err), &err);
	if (has_no_pictures(&entry))
		return;
	assert_ok(put_picture(&entry, "png", 3), &err);
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_ok(load(&entry.pid, "png", 3), &err);
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_status(load(&entry.pid, "", 0), CF_NOT_FOUND, &err);
	assert_int_equal(count(), 0);
}

void sweep_stops_before_the_bound(void **state)
{
	bool is_left = !store_contract_backend.ends_expired;
	struct store_entry entry[3];
	size_t n = 99;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		entry[i] = put(i, NOW - 86400000);
	assert_ok(store_sweep(store, &entry[1].pid, &last_pid, NOW, 100, &n,
			      &err),
		  &err);
	assert_int_equal(n, is_left ? 1 : 0);
	assert_false(is_there(&entry[0].pid));
	/* the bound itself stays */
	assert_int_equal(is_there(&entry[1].pid), is_left);
	assert_int_equal(is_there(&entry[2].pid), is_left);
}

void sweep_leaves_what_has_not_expired(void **state)
{
	/* one that ends them itself has a clock that goes on */
	int64_t left_ms = store_contract_backend.ends_expired ? 60000 : 1;
	struct store_entry before = put(1, NOW - 300001);
	struct store_entry exactly = put(2, NOW - 300000);
	struct store_entry after = put(3, NOW - 300000 + left_ms);
	size_t n = 99;

	(void)state;
	assert_ok(store_sweep(store, &last_pid, &last_pid, NOW, 100, &n, &err),
		  &err);
	assert_int_equal(n, store_contract_backend.ends_expired ? 0 : 2);
	assert_false(is_there(&before.pid));
	assert_false(is_there(&exactly.pid));
	assert_true(is_there(&after.pid));
}

void sweep_removes_what_a_clock_that_was_ahead_has_issued(void **state)
{
	enum { N_ROWS = 20, STEP = 7 };
	bool is_left = store_contract_backend.ends_expired;
	struct store_entry entry[N_ROWS];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < N_ROWS; i++)
		entry[i] = put(i, NOW);
	assert_ok(store_sweep(store, &entry[0].pid, &entry[5].pid, NOW, STEP,
			      &n, &err),
		  &err);
	assert_int_equal(n, is_left ? 0 : STEP);
	for (int i = 0; i < 2; i++)
		assert_ok(store_sweep(store, &entry[0].pid, &entry[5].pid, NOW,
				      100, &n, &err),
			  &err);
	assert_int_equal(n, 0);
	for (unsigned i = 0; i < N_ROWS; i++)
		assert_int_equal(is_there(&entry[i].pid), i < 5 || is_left);
}

void sweep_comes_to_an_end_in_steps(void **state)
{
	enum { N_ROWS = 40, N_EXPIRED = 30, STEP = 7 };
	size_t n_swept = store_contract_backend.ends_expired ? 0 : N_EXPIRED;
	size_t n, n_all = 0;
	int n_steps = 0;

	(void)state;
	for (unsigned i = 0; i < N_ROWS; i++) /* every fourth is live */
		(void)put(i, i % 4 == 3 ? NOW : NOW - 86400000);
	do {
		assert_ok(store_sweep(store, &last_pid, &last_pid, NOW, STEP,
				      &n, &err),
			  &err);
		assert_in_range(n, 0, 2 * STEP);
		n_all += n;
		n_steps++;
		assert_int_equal(count(),
				 N_ROWS - N_EXPIRED + n_swept - n_all);
	} while (n >= STEP);
	assert_int_equal(n_all, n_swept);
	assert_in_range(n_steps, n_swept ? 2 : 1, n_swept / STEP + 1);
	assert_ok(store_sweep(store, &last_pid, &last_pid, NOW, STEP, &n, &err),
		  &err);
	assert_int_equal(n, 0);
}

void count_is_exact_or_a_bound_below_enough(void **state)
{
	enum { N_ROWS = 500 };
	static const int64_t enough[] = {-5, 1, 2, 499, 500, 501, 1000, 100000,
					 INT64_C(100000000)};
	int64_t n;

	(void)state;
	assert_int_equal(count(), 0);
	for (unsigned i = 0; i < N_ROWS; i++)
		(void)put(i, NOW);
	assert_int_equal(count(), N_ROWS);
	for (size_t i = 0; i < CF_ARRAY_LEN(enough); i++) {
		assert_ok(store_count(store, enough[i], &n, &err), &err);
		assert_true(n >= N_ROWS);
		assert_true(n == N_ROWS || n < enough[i]);
	}
}

void the_secret_is_one_for_all(void **state)
{
	static const uint8_t zero[CRYPT_KEY_BYTES];
	uint8_t key[3][CRYPT_KEY_BYTES] = {{0}};
	struct store *other = store_contract_backend.open();

	(void)state;
	assert_ok(store_secret(store, key[0], &err), &err);
	assert_memory_not_equal(key[0], zero, sizeof(zero));
	assert_ok(store_secret(other, key[1], &err), &err);
	assert_memory_equal(key[0], key[1], sizeof(zero));
	store_close(other);
	store_close(store);
	store = store_contract_backend.open();
	assert_ok(store_secret(store, key[2], &err), &err);
	assert_memory_equal(key[0], key[2], sizeof(zero));
}

void probe_leaves_nothing(void **state)
{
	(void)state;
	(void)put(1, NOW);
	for (int i = 0; i < 3; i++) {
		assert_ok(store_probe(store, &err), &err);
		assert_int_equal(count(), 1);
	}
}

void sweep_refuses_a_number_out_of_range(void **state)
{
	size_t n;

	(void)state;
	(void)put(1, NOW - 86400000);
	assert_status(store_sweep(store, &last_pid, &last_pid, NOW, 0, &n,
				  &err),
		      CF_BUG, &err);
	assert_status(store_sweep(store, &last_pid, &last_pid, NOW,
				  (size_t)INT32_MAX + 1, &n, &err),
		      CF_BUG, &err);
	assert_int_equal(count(), store_contract_backend.ends_expired ? 0 : 1);
}

void two_stores_share_one_record(void **state)
{
	struct store *other = store_contract_backend.open();
	struct store_entry entry = put(1, NOW), out;

	(void)state;
	assert_ok(store_peek(other, &entry.pid, &out, &err), &err);
	assert_same(&out, &entry);
	assert_ok(store_take(other, &entry.pid, &out, &err), &err);
	assert_status(store_take(store, &entry.pid, &out, &err), CF_NOT_FOUND,
		      &err);
	entry = put(2, NOW);
	assert_ok(store_drop(other, &entry.pid, &err), &err);
	assert_int_equal(count(), 0);
	store_close(other);
}

void tidy_loses_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		(void)put(i, NOW);
	assert_ok(store_tidy(store, false, &err), &err);
	assert_ok(store_tidy(store, true, &err), &err);
	assert_int_equal(count(), 50);
	(void)put(50, NOW);
	assert_int_equal(count(), 51);
}
