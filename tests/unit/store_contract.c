/*
 * See store_contract.h.
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
	err = (struct cf_error)CF_ERROR_INIT;
	assert_ok(crypt_open(&err), &err);
	store_contract_backend.begin();
	store = store_contract_backend.open();
	assert_non_null(store);
	return 0;
}

int store_contract_tear_down(void **state)
{
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

enum cf_status store_contract_call(struct store *other, enum store_call call,
				   struct cf_error *why)
{
	struct store_entry entry = store_contract_entry(1, NOW), out;
	uint8_t key[CRYPT_KEY_BYTES];
	enum cf_status rc;
	struct buf png;
	int64_t n;
	size_t n_rows;

	entry.expires_unix_ms = INT64_MAX / 2;
	switch (call) {
	case STORE_CALL_PUT:
		return store_put(other, &entry, 1, why);
	case STORE_CALL_PEEK:
		return store_peek(other, &entry.pid, &out, why);
	case STORE_CALL_TAKE:
		return store_take(other, &entry.pid, &out, why);
	case STORE_CALL_DROP:
		return store_drop(other, &entry.pid, why);
	case STORE_CALL_SWAP:
		return store_swap(other, &entry.pid, entry.code, "new", why);
	case STORE_CALL_PUT_PICTURE:
		return store_put_picture(other, &entry.pid, STR_LIT("png"),
					 entry.expires_unix_ms, why);
	case STORE_CALL_LOAD_PICTURE:
		buf_init(&png, STORE_PICTURE_MAX_BYTES);
		rc = store_load_picture(other, &entry.pid, &png, why);
		buf_release(&png);
		return rc;
	case STORE_CALL_SWEEP:
		rc = store_sweep(other, &last_pid, &last_pid, NOW * 2, 10,
				 &n_rows, why);
		assert_true(!rc || !n_rows);
		return rc;
	case STORE_CALL_COUNT:
		return store_count(other, 0, &n, why);
	case STORE_CALL_SECRET:
		return store_secret(other, key, why);
	case STORE_CALL_PROBE:
		return store_probe(other, why);
	case STORE_CALL_TIDY:
	case STORE_CALLS:
	default:
		return store_tidy(other, true, why);
	}
}

static struct store_entry put_attempts(unsigned number, int64_t created_unix_ms,
				       int attempts)
{
	struct store_entry entry = store_contract_entry(number,
							created_unix_ms);

	entry.attempts_left = attempts;
	assert_ok(store_put(store, &entry, 1, &err), &err);
	return entry;
}

static struct store_entry put(unsigned number, int64_t created_unix_ms)
{
	return put_attempts(number, created_unix_ms, 1);
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

/* The store gives the entry that was put. */
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
	assert_string_equal(out->note, entry->note);
}

void put_then_peek_gives_every_field(void **state)
{
	enum { N = 3 };
	struct store_entry entries[N], out;

	for (unsigned i = 0; i < N; i++)
		entries[i] = store_contract_entry(i, NOW + i);
	entries[1].attempts_left = 5;
	memset(entries[1].code, 'q', STORE_CODE_MAX_BYTES);
	memset(entries[1].profile, 'p', STORE_PROFILE_MAX_BYTES);
	memset(entries[1].note, 'n', STORE_NOTE_MAX_BYTES);
	memcpy(entries[2].note, " a \"note\" of  words ", 20);
	assert_ok(store_put(store, entries, N, &err), &err);
	for (size_t i = 0; i < 2 * N; i++) { /* peek takes nothing */
		memset(&out, 0x5a, sizeof(out));
		assert_ok(store_peek(store, &entries[i % N].pid, &out, &err),
			  &err);
		assert_same(&out, &entries[i % N]);
	}
	assert_int_equal(count(), N);
}

void put_is_all_or_none(void **state)
{
	static const unsigned numbers[][3] = {{4, 5, 6}, {1, 2, 1}};
	struct store_entry old = put(5, NOW), out;

	for (size_t i = 0; i < CF_ARRAY_LEN(numbers); i++) {
		struct store_entry entries[3];

		for (size_t k = 0; k < 3; k++)
			entries[k] = store_contract_entry(numbers[i][k], NOW);
		memcpy(entries[1].code, "other", 6);
		assert_status(store_put(store, entries, 3, &err), CF_BUG, &err);
		assert_true(err.text[0]);
		assert_int_equal(count(), 1);
		assert_false(is_there(&entries[0].pid));
		assert_false(is_there(&entries[2].pid));
	}
	assert_status(store_put(store, &old, 1, &err), CF_BUG, &err);
	assert_ok(store_peek(store, &old.pid, &out, &err), &err);
	assert_same(&out, &old);
	(void)put(6, NOW); /* the store goes on */
	assert_int_equal(count(), 2);
}

void put_takes_the_largest_batch(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];

	for (unsigned i = 0; i < STORE_PUT_MAX; i++)
		entries[i] = store_contract_entry(i, NOW);
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &err), &err);
	assert_int_equal(count(), STORE_PUT_MAX);
}

void an_unknown_pid_is_not_found(void **state)
{
	static const struct pid unknown[] = {{"0000000001AbCdEg"},
					     {"0000000001abcdef"}};
	struct store_entry out;

	(void)put(1, NOW);
	for (size_t i = 0; i < CF_ARRAY_LEN(unknown); i++) {
		assert_false(is_there(&unknown[i]));
		assert_status(store_take(store, &unknown[i], &out, &err),
			      CF_NOT_FOUND, &err);
		assert_status(store_drop(store, &unknown[i], &err),
			      CF_NOT_FOUND, &err);
	}
	assert_int_equal(count(), 1);
	assert_int_equal(err.status, CF_OK);
}

void take_counts_attempts_down_and_then_it_is_gone(void **state)
{
	struct store_entry other = put(2, NOW), out;

	for (int attempts = 1; attempts <= 3; attempts++) {
		struct store_entry entry = put_attempts(1, NOW, attempts);

		for (int left = attempts - 1; left >= 0; left--) {
			assert_ok(store_take(store, &entry.pid, &out, &err),
				  &err);
			entry.attempts_left = left;
			assert_same(&out, &entry);
			assert_int_equal(is_there(&entry.pid), left > 0);
		}
		assert_status(store_take(store, &entry.pid, &out, &err),
			      CF_NOT_FOUND, &err);
	}
	assert_true(is_there(&other.pid));
}

void take_leaves_expiry_to_the_caller(void **state)
{
	struct store_entry entry = put(1, NOW - 86400000), out;

	if (store_contract_backend.ends_expired) {
		assert_status(store_take(store, &entry.pid, &out, &err),
			      CF_NOT_FOUND, &err);
		return;
	}
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_int_equal(out.expires_unix_ms, entry.expires_unix_ms);
}

void drop_ends_a_challenge_once(void **state)
{
	struct store_entry other = put(2, NOW), out;

	for (int attempts = 1; attempts <= 4; attempts += 3) {
		struct store_entry entry = put_attempts(1, NOW, attempts);

		if (attempts > 1)
			assert_ok(store_take(store, &entry.pid, &out, &err),
				  &err);
		assert_ok(store_drop(store, &entry.pid, &err), &err);
		assert_status(store_drop(store, &entry.pid, &err),
			      CF_NOT_FOUND, &err);
		assert_status(store_take(store, &entry.pid, &out, &err),
			      CF_NOT_FOUND, &err);
	}
	assert_true(is_there(&other.pid));
}

void swap_needs_the_code_of_now(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW), out;

	entry.attempts_left = 2;
	memcpy(entry.note, "a note", 7);
	assert_ok(store_put(store, &entry, 1, &err), &err);
	assert_status(store_swap(store, &entry.pid, "other", "new", &err),
		      CF_NOT_FOUND, &err);
	assert_status(store_swap(store, &entry.pid, "other", NULL, &err),
		      CF_NOT_FOUND, &err);
	assert_ok(store_peek(store, &entry.pid, &out, &err), &err);
	assert_same(&out, &entry);
	assert_ok(store_swap(store, &entry.pid, entry.code, "new", &err), &err);
	assert_status(store_swap(store, &entry.pid, entry.code, NULL, &err),
		      CF_NOT_FOUND, &err);
	memcpy(entry.code, "new", 4);
	assert_ok(store_peek(store, &entry.pid, &out, &err), &err);
	assert_same(&out, &entry);
	assert_ok(store_swap(store, &entry.pid, "new", NULL, &err), &err);
	assert_false(is_there(&entry.pid));
	assert_status(store_swap(store, &entry.pid, "new", NULL, &err),
		      CF_NOT_FOUND, &err);
	assert_status(store_swap(store, &entry.pid, "", NULL, &err), CF_BUG,
		      &err);
	assert_status(store_swap(store, &entry.pid, "a", "b c", &err), CF_BUG,
		      &err);
}

void of_two_swaps_of_one_code_one_succeeds(void **state)
{
	struct store *other = store_contract_backend.open();

	for (unsigned i = 0; i < 4; i++) {
		struct store_entry entry = put(i, NOW);
		const char *new_code = i < 2 ? "new" : NULL;

		assert_ok(store_swap(i % 2 ? store : other, &entry.pid,
				     entry.code, new_code, &err), &err);
		assert_status(store_swap(i % 2 ? other : store, &entry.pid,
					 entry.code, new_code, &err),
			      CF_NOT_FOUND, &err);
	}
	store_close(other);
}

/* Load the picture of pid; on CF_OK it must be this one. */
static enum cf_status load(const struct pid *pid, struct str png)
{
	struct buf out;
	enum cf_status rc;

	buf_init(&out, STORE_PICTURE_MAX_BYTES);
	rc = store_load_picture(store, pid, &out, &err);
	if (!rc) {
		assert_int_equal(out.len, png.len);
		assert_memory_equal(out.ptr, png.ptr, png.len);
	}
	buf_release(&out);
	return rc;
}

static void assert_no_picture(const struct pid *pid)
{
	assert_status(load(pid, STR_LIT("")), CF_NOT_FOUND, &err);
}

void a_picture_is_kept_until_its_challenge_ends(void **state)
{
	static const struct str png = {"\211PNG\r\n\0 \n", 9},
				other = {"other", 5};
	struct store_entry a = put_attempts(1, NOW, 2), b = put(2, NOW), out;
	int64_t end = a.expires_unix_ms;

	if (!store_contract_backend.has_pictures) {
		assert_status(store_put_picture(store, &a.pid, png, end, &err),
			      CF_BUG, &err);
		assert_status(load(&a.pid, png), CF_BUG, &err);
		return;
	}
	assert_no_picture(&a.pid);
	assert_ok(store_put_picture(store, &a.pid, png, end, &err), &err);
	assert_no_picture(&b.pid);
	assert_ok(store_put_picture(store, &b.pid, other, end, &err), &err);
	assert_ok(load(&b.pid, other), &err);
	for (int left = 1; left >= 0; left--) {
		assert_ok(load(&a.pid, png), &err);
		assert_ok(store_take(store, &a.pid, &out, &err), &err);
		assert_int_equal(out.attempts_left, left);
	}
	assert_no_picture(&a.pid);
	assert_ok(load(&b.pid, other), &err);
	assert_ok(store_drop(store, &b.pid, &err), &err);
	assert_no_picture(&b.pid);
	assert_int_equal(count(), 0);
}

/* Sweep; how many challenges that removed. */
static size_t sweep(const struct pid *before_pid, const struct pid *end_pid,
		    size_t max_rows)
{
	size_t n = 99;

	assert_ok(store_sweep(store, before_pid, end_pid, NOW, max_rows, &n,
			      &err), &err);
	return n;
}

void sweep_stops_before_the_bound(void **state)
{
	bool is_left = !store_contract_backend.ends_expired;
	struct store_entry entry[3];

	for (unsigned i = 0; i < 3; i++)
		entry[i] = put(i, NOW - 86400000);
	assert_int_equal(sweep(&entry[1].pid, &last_pid, 100), is_left);
	assert_false(is_there(&entry[0].pid));
	assert_int_equal(is_there(&entry[1].pid), is_left);
	assert_int_equal(is_there(&entry[2].pid), is_left);
}

void sweep_leaves_challenges_that_live(void **state)
{
	/* Redis ends them by a clock that goes on */
	int64_t left_ms = store_contract_backend.ends_expired ? 60000 : 1;
	struct store_entry before = put(1, NOW - 300001);
	struct store_entry exactly = put(2, NOW - 300000);
	struct store_entry after = put(3, NOW - 300000 + left_ms);

	assert_int_equal(sweep(&last_pid, &last_pid, 100),
			 store_contract_backend.ends_expired ? 0 : 2);
	assert_false(is_there(&before.pid));
	assert_false(is_there(&exactly.pid));
	assert_true(is_there(&after.pid));
}

void sweep_removes_challenges_of_a_clock_that_was_ahead(void **state)
{
	enum { N_ROWS = 20, STEP = 7 };
	bool is_left = store_contract_backend.ends_expired;
	struct store_entry entry[N_ROWS];

	for (unsigned i = 0; i < N_ROWS; i++)
		entry[i] = put(i, NOW);
	assert_int_equal(sweep(&entry[0].pid, &entry[5].pid, STEP),
			 is_left ? 0 : STEP);
	(void)sweep(&entry[0].pid, &entry[5].pid, 100);
	assert_int_equal(sweep(&entry[0].pid, &entry[5].pid, 100), 0);
	for (unsigned i = 0; i < N_ROWS; i++)
		assert_int_equal(is_there(&entry[i].pid), i < 5 || is_left);
}

void sweep_comes_to_an_end_in_steps(void **state)
{
	enum { N_ROWS = 40, N_EXPIRED = 30, STEP = 7 };
	size_t n_swept = store_contract_backend.ends_expired ? 0 : N_EXPIRED;
	size_t n, n_all = 0;
	int n_steps = 0;

	for (unsigned i = 0; i < N_ROWS; i++) /* every fourth is live */
		(void)put(i, i % 4 == 3 ? NOW : NOW - 86400000);
	do {
		n = sweep(&last_pid, &last_pid, STEP);
		assert_in_range(n, 0, 2 * STEP);
		n_all += n;
		n_steps++;
		assert_int_equal(count(),
				 N_ROWS - N_EXPIRED + n_swept - n_all);
	} while (n >= STEP);
	assert_int_equal(n_all, n_swept);
	assert_in_range(n_steps, n_swept ? 2 : 1, n_swept / STEP + 1);
	assert_int_equal(sweep(&last_pid, &last_pid, STEP), 0);
}

void count_is_exact_or_a_bound_below_enough(void **state)
{
	enum { N_ROWS = 500 };
	static const int64_t enough[] = {-5, 1, 2, 499, 500, 501, 1000, 100000,
					 INT64_C(100000000)};
	int64_t n;

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

void the_secret_is_the_same_for_all_stores(void **state)
{
	static const uint8_t zero[CRYPT_KEY_BYTES];
	uint8_t first[CRYPT_KEY_BYTES] = {0}, again[CRYPT_KEY_BYTES];
	struct store *other = store_contract_backend.open();

	assert_ok(store_secret(store, first, &err), &err);
	assert_memory_not_equal(first, zero, sizeof(zero));
	assert_ok(store_secret(other, again, &err), &err);
	assert_memory_equal(first, again, sizeof(zero));
	store_close(other);
	store_close(store);
	store = store_contract_backend.open();
	assert_ok(store_secret(store, again, &err), &err);
	assert_memory_equal(first, again, sizeof(zero));
}

void probe_leaves_nothing(void **state)
{
	(void)put(1, NOW);
	for (int i = 0; i < 3; i++) {
		assert_ok(store_probe(store, &err), &err);
		assert_int_equal(count(), 1);
	}
}

void two_stores_share_one_record(void **state)
{
	struct store *other = store_contract_backend.open();
	struct store_entry entry = put(1, NOW), out;

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
	for (unsigned i = 0; i < 50; i++)
		(void)put(i, NOW);
	assert_ok(store_tidy(store, false, &err), &err);
	assert_ok(store_tidy(store, true, &err), &err);
	assert_int_equal(count(), 50);
	(void)put(50, NOW);
	assert_int_equal(count(), 51);
}
