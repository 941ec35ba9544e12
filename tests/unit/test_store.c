/*
 * store.c: the checks that all back ends share. The contract runs here
 * against the store in memory that other tests stand on.
 */
#include "base/base.h"
#include "store_contract.h"
#include "tests/support/check.h"
#include "tests/support/mem_store.h"

static struct mem_store mem;
static int n_closed;

static void begin(void)
{
	mem_store_init(&mem);
}

static struct store *open_mem(void)
{
	return mem_store_open(&mem);
}

static void end(void)
{
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = open_mem, .end = end, .has_pictures = true};

static void close_counted(void *impl)
{
	(void)impl;
	n_closed++;
}

static void close_accepts_null_and_closes_the_back_end_once(void **state)
{
	static const struct store_ops ops = {.close = close_counted};
	struct store *store = store_new(&ops, NULL);

	(void)state;
	store_close(NULL);
	assert_non_null(store);
	n_closed = 0;
	store_close(store);
	assert_int_equal(n_closed, 1);
}

static void a_bad_argument_never_reaches_the_back_end(void **state)
{
	struct store_entry entry = store_contract_entry(1, 0);
	struct cf_error err = CF_ERROR_INIT;
	struct store *store;
	size_t n;

	(void)state;
	mem_store_init(&mem);
	store = mem_store_open(&mem);
	entry.attempts_left = -1;
	assert_status(store_put(store, &entry, 1, &err), CF_BUG, &err);
	assert_status(store_put_picture(store, &entry.pid, STR_LIT(""), 1,
					&err),
		      CF_BUG, &err);
	assert_status(store_sweep(store, &entry.pid, &entry.pid, 0, 0, &n,
				  &err),
		      CF_BUG, &err);
	assert_int_equal(mem_store_n_calls(&mem), 0);
	store_close(store);
}

static void failures_of_the_back_end_are_passed_on(void **state)
{
	struct store_entry entry = store_contract_entry(1, 0), out;
	struct cf_error err = CF_ERROR_INIT;
	uint8_t key[CRYPT_KEY_BYTES];
	struct store *store;
	int64_t n;
	size_t n_rows = 7;

	(void)state;
	mem_store_init(&mem);
	store = mem_store_open(&mem);
	mem_store_fail_all(&mem, CF_BUSY);
	assert_status(store_put(store, &entry, 1, &err), CF_BUSY, &err);
	assert_has(err.text, "told to fail");
	assert_status(store_peek(store, &entry.pid, &out, &err), CF_BUSY, &err);
	assert_status(store_take(store, &entry.pid, &out, &err), CF_BUSY, &err);
	assert_status(store_drop(store, &entry.pid, &err), CF_BUSY, &err);
	assert_status(store_put_picture(store, &entry.pid, STR_LIT("x"), 1,
					&err),
		      CF_BUSY, &err);
	assert_status(store_load_picture(store, &entry.pid, NULL, &err),
		      CF_BUSY, &err);
	assert_status(store_sweep(store, &entry.pid, &entry.pid, 0, 1, &n_rows,
				  &err),
		      CF_BUSY, &err);
	assert_int_equal(n_rows, 0);
	assert_status(store_count(store, 0, &n, &err), CF_BUSY, &err);
	assert_status(store_secret(store, key, &err), CF_BUSY, &err);
	assert_status(store_probe(store, &err), CF_BUSY, &err);
	assert_status(store_tidy(store, true, &err), CF_BUSY, &err);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		cmocka_unit_test(
			close_accepts_null_and_closes_the_back_end_once),
		cmocka_unit_test(a_bad_argument_never_reaches_the_back_end),
		cmocka_unit_test(failures_of_the_back_end_are_passed_on),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
