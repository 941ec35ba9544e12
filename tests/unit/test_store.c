/*
 * store.c: the checks that all back ends share. The contract runs here with the
 * store in memory, which other tests use.
 */
#include "base/base.h"
#include "store_contract.h"
#include "tests/support/check.h"
#include "tests/support/mem_store.h"

static struct mem_store mem;
static struct cf_error err;
static int n_closed;

static void begin(void)
{
	mem_store_init(&mem);
}

static struct store *open_mem(void)
{
	return mem_store_open(&mem);
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = open_mem, .has_pictures = true};

static int set_up(void **state)
{
	begin();
	*state = open_mem();
	return 0;
}

static int tear_down(void **state)
{
	store_close(*state);
	return 0;
}

static void close_counted(void *impl)
{
	(void)impl;
	n_closed++;
}

static void close_accepts_null_and_closes_the_back_end_once(void **state)
{
	static const struct store_ops ops = {.close = close_counted};
	struct store *store = store_new(&ops, NULL);

	store_close(NULL);
	assert_non_null(store);
	store_close(store);
	assert_int_equal(n_closed, 1);
}

static void put_refuses_a_bad_batch(void **state)
{
	static struct store_entry many[STORE_PUT_MAX + 1];
	struct store_entry bad[4];

	for (unsigned i = 0; i <= STORE_PUT_MAX; i++)
		many[i] = store_contract_entry(i, 0);
	for (unsigned i = 0; i < CF_ARRAY_LEN(bad); i++)
		bad[i] = store_contract_entry(1, 1);
	bad[0].code[0] = '\0';
	bad[1].attempts_left = 0;
	bad[2].attempts_left = -1;
	bad[3].expires_unix_ms = bad[3].created_unix_ms - 1;
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++) {
		many[1] = bad[i];
		assert_status(store_put(*state, many, 2, &err), CF_BUG, &err);
	}
	many[1] = store_contract_entry(1, 0);
	assert_status(store_put(*state, many, 0, &err), CF_BUG, &err);
	assert_status(store_put(*state, many, STORE_PUT_MAX + 1, &err), CF_BUG,
		      &err);
	assert_int_equal(mem_store_n_calls(&mem), 0);
}

static void sizes_out_of_range_are_refused(void **state)
{
	static const char bytes[STORE_PICTURE_MAX_BYTES + 1] = "";
	static const size_t lengths[] = {0, sizeof(bytes)};
	static const size_t rows[] = {0, (size_t)INT32_MAX + 1};
	struct store_entry entry = store_contract_entry(1, 0);
	size_t n = 7;

	for (size_t i = 0; i < 2; i++) {
		assert_status(store_put_picture(
				      *state, &entry.pid,
				      (struct str){bytes, lengths[i]}, 1, &err),
			      CF_BUG, &err);
		assert_status(store_sweep(*state, &entry.pid, &entry.pid, 0,
					  rows[i], &n, &err), CF_BUG, &err);
		assert_int_equal(n, 0);
	}
	assert_int_equal(mem_store_n_calls(&mem), 0);
}

static void failures_of_the_back_end_are_passed_on(void **state)
{
	mem_store_fail_all(&mem, CF_BUSY);
	for (int call = 0; call < STORE_CALLS; call++) {
		err.text[0] = '\0';
		assert_status(store_contract_call(*state, (enum store_call)call,
						  &err), CF_BUSY, &err);
		assert_has(err.text, "told to fail");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(close_accepts_null_and_closes_the_back_end_once),
		TEST(put_refuses_a_bad_batch),
		TEST(sizes_out_of_range_are_refused),
		TEST(failures_of_the_back_end_are_passed_on),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
