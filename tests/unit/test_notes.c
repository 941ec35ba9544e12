/*
 * notes.c: processes count events together and log them once a minute, and
 * share the latest health.
 */
#include "base/base.h"
#include "http/notes.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

enum { MANY = 1000 };

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct fake_clk fake;
static struct notes *notes;
static uint64_t n[NOTES_COUNTERS];

static struct notes *new_notes(void)
{
	struct notes *new = notes_new(&settings, fake_clk_get(&fake));

	assert_non_null(new);
	return new;
}

static int set_up(void **state)
{
	temp_dir_make(dir);
	settings_init(&settings);
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       dir);
	fake_clk_init(&fake);
	notes = new_notes();
	return 0;
}

static int tear_down(void **state)
{
	notes_free(notes);
	temp_dir_remove(dir);
	return 0;
}

static int add_many(struct notes *to, size_t counter)
{
	int n_due = 0;

	for (int i = 0; i < MANY; i++)
		n_due += notes_add(to, NOTE_LIMITED, counter, n);
	return n_due;
}

static void a_line_is_due_at_first_and_each_minute(void **state)
{
	assert_true(notes_add(notes, NOTE_LIMITED, 0, n));
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 0);
	assert_int_equal(add_many(notes, 0), 0);
	assert_int_equal(add_many(notes, 1), 0);
	fake_clk_forward(&fake, NOTES_LOG_MS - 1);
	assert_false(notes_add(notes, NOTE_LIMITED, 0, n));
	fake_clk_forward(&fake, 1);
	assert_true(notes_add(notes, NOTE_LIMITED, 0, n));
	assert_int_equal(n[0], MANY + 2);
	assert_int_equal(n[1], MANY);
	assert_int_equal(add_many(notes, 1), 0);
}

static void after_a_reboot_a_line_is_due_at_once(void **state)
{
	fake_clk_forward(&fake, INT64_C(1000) * 86400);
	assert_true(notes_add(notes, NOTE_LIMITED, 0, n));
	fake.mono_ms = 10;
	assert_true(notes_add(notes, NOTE_LIMITED, 0, n));
	assert_false(notes_add(notes, NOTE_LIMITED, 0, n));
}

static int add_many_of_its_own(int i)
{
	return add_many(new_notes(), 1);
}

static void processes_log_one_line_together(void **state)
{
	enum { PROCESSES = 4 };

	assert_int_equal(processes_run(PROCESSES, add_many_of_its_own), 1);
	fake_clk_forward(&fake, NOTES_LOG_MS);
	assert_true(notes_add(notes, NOTE_LIMITED, 0, n));
	assert_in_range(n[1], PROCESSES * MANY - MANY, PROCESSES * MANY - 1);
	assert_int_equal(n[0], 1);
	assert_int_equal(temp_count(dir), 1);
}

static enum note note_of(enum cf_status status, const char *text)
{
	struct cf_error err = {.status = status};

	(void)snprintf(err.text, sizeof(err.text), "%s", text);
	return notes_of_failure(&err);
}

static void each_cause_has_its_own_note(void **state)
{
	static const struct {
		enum cf_status status;
		const char *text;
	} causes[] = {
		{CF_IO, "redis 127.0.0.1:6379: Connection refused"},
		{CF_IO, "redis 127.0.0.1:6379: wait=1"},
		{CF_IO, ""},
		{CF_FULL, "max_live = 10 challenges are waiting for answers"},
		{CF_BUSY, "max_live = 10 challenges are waiting for answers"},
		{CF_BUG, "0"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(causes); i++) {
		enum note note = note_of(causes[i].status, causes[i].text);

		assert_in_range(note, NOTE_FAILED, NOTES_COUNT - 1);
		assert_true(notes_add(notes, note, 0, n));
		assert_false(notes_add(notes, note, 0, n));
	}
	/* texts that differ in numbers are one cause */
	assert_int_equal(note_of(CF_IO, "no answer for 64 ms"),
			 note_of(CF_IO, "no answer for 128 ms"));
}

static void all_processes_know_the_health_for_a_second(void **state)
{
	struct notes *other = new_notes();
	bool is_well = false;

	assert_false(notes_get_health(other, &is_well));
	notes_set_health(notes, true);
	assert_true(notes_get_health(other, &is_well));
	assert_true(is_well);
	fake_clk_forward(&fake, NOTES_HEALTH_MS - 1);
	assert_true(notes_get_health(other, &is_well));
	fake_clk_forward(&fake, 1);
	assert_false(notes_get_health(other, &is_well));
	notes_set_health(other, false);
	assert_true(notes_get_health(notes, &is_well));
	assert_false(is_well);
	fake.mono_ms = 10; /* after a reboot */
	assert_false(notes_get_health(notes, &is_well));
	notes_free(other);
}

static void without_a_file_each_process_has_its_own_notes(void **state)
{
	struct notes *other;

	assert_int_equal(temp_count(dir), 0); /* the first note opens it */
	temp_write(temp_path(dir, "file"), "");
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir),
		       "%s/file/cache", dir);
	other = new_notes();
	assert_int_equal(add_many(notes, 0), 1);
	assert_int_equal(add_many(notes, 0), 0);
	assert_int_equal(add_many(other, 0), 1);
	/* the directory is repaired */
	assert_int_equal(unlink(temp_path(dir, "file")), 0);
	assert_int_equal(add_many(notes, 0), 0);
	fake_clk_forward(&fake, NOTES_RETRY_MS);
	assert_int_equal(add_many(notes, 0), 1);
	assert_int_equal(add_many(other, 0), 0);
	notes_free(other);
	notes_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_due_at_first_and_each_minute),
		TEST(after_a_reboot_a_line_is_due_at_once),
		TEST(processes_log_one_line_together),
		TEST(each_cause_has_its_own_note),
		TEST(all_processes_know_the_health_for_a_second),
		TEST(without_a_file_each_process_has_its_own_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
