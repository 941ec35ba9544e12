/*
 * log.c: a client cannot forge or split a line; lines have a length and a
 * level.
 */
#include "base/base.h"
#include "base/log.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"

#include <sys/stat.h>

static struct log out_log;

static int set_up(void **state)
{
	log_init(&out_log, "test", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	return 0;
}

/* What is written when this text is logged as an error. */
static const char *logged(const char *text)
{
	capture_begin();
	log_event(&out_log, LOG_LEVEL_ERROR, "e", "%s", text);
	return capture_end();
}

static void a_line_has_time_level_event_and_text(void **state)
{
	int y, mo, d, h, mi, s, n = 0;
	const char *line;

	out_log.level = LOG_LEVEL_INFO;
	capture_begin();
	log_event(&out_log, LOG_LEVEL_WARN, "pool", "n=%d what=%s", 3, "x");
	line = capture_end();
	assert_int_equal(sscanf(line, "ts=%4d-%2d-%2dT%2d:%2d:%2dZ%n", &y, &mo,
				&d, &h, &mi, &s, &n), 6);
	assert_string_equal(line + n, " level=warn event=pool n=3 what=x\n");
}

/* journald has the time of each line. */
static void the_journal_gets_lines_without_a_time(void **state)
{
	struct log log;
	char stream[64];
	struct stat st;
	const char *text;

	capture_begin();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	log_init(&log, "test", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	log_event(&log, LOG_LEVEL_ERROR, "journal", "x");
	(void)setenv("JOURNAL_STREAM", "1:1", 1);
	log_init(&log, "test", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	log_event(&log, LOG_LEVEL_ERROR, "elsewhere", "x");
	(void)unsetenv("JOURNAL_STREAM");
	text = capture_end();
	assert_has(text, " level=error event=elsewhere x\n");
	assert_int_equal(strncmp(text, "level=error event=journal x\nts=", 31),
			 0);
}

static void a_person_reads_text_alone(void **state)
{
	struct log log;
	struct cf_error err = CF_ERROR_INIT;

	log_init(&log, "captchactl", LOG_LEVEL_WARN, LOG_TO_PERSON);
	capture_begin();
	(void)cf_fail(&err, CF_IO, "a \"full\" sentence\n");
	log_error(&log, LOG_LEVEL_WARN, "pool", &err);
	log_error(&log, LOG_LEVEL_INFO, "pool", &err);
	assert_string_equal(capture_end(), "captchactl: pool: a \"full\" "
					   "sentence\\x0a\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
	static const char *const names[] = {"level=error ", "level=warn ",
					    "level=info ", "level=debug "};

	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		const char *text;

		out_log.level = (enum log_level)level;
		capture_begin();
		for (int of = LOG_LEVEL_ERROR; of <= LOG_LEVEL_DEBUG; of++)
			log_event(&out_log, (enum log_level)of, "e", "x");
		text = capture_end();
		for (int of = LOG_LEVEL_ERROR; of <= LOG_LEVEL_DEBUG; of++)
			assert_int_equal(capture_count(text, names[of]),
					 of <= level);
	}
}

static void all_but_printable_ascii_is_escaped(void **state)
{
	static const char *const parts[] = {
		"event=e \\x01\\x02",
		"\\x09\\x0a\\x0b\\x0c\\x0d",
		"\\x1f !\"#$%&'()*+,-./0123456789:;<=>?@ABC",
		"}~\\x7f\\x80",
		"\\xff\n",
	};
	const char *line;
	char all[256];

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	line = logged(all);
	for (size_t i = 0; i < CF_ARRAY_LEN(parts); i++)
		assert_has(line, parts[i]);
	assert_int_equal(capture_count(line, "\n"), 1);
	for (const char *c = line; c[1]; c++)
		assert_in_range(*c, ' ', '~');
}

static void a_long_line_is_cut_and_ends(void **state)
{
	static char text[5000];

	for (int is_escaped = 0; is_escaped < 2; is_escaped++) {
		const char *line;

		memset(text, is_escaped ? '\x01' : 'a', sizeof(text) - 1);
		line = logged(text);
		assert_int_equal(capture_count(line, "\n"), 1);
		assert_has(line, is_escaped ? "\\x01\n" : "a\n");
		assert_in_range(strlen(line), LOG_LINE_MAX_BYTES - 9,
				LOG_LINE_MAX_BYTES);
	}
}

static void an_error_is_logged_with_its_fields(void **state)
{
	const struct cf_error err = {CF_BUSY, 11, "database \"x\": locked"};
	const char *text;

	capture_begin();
	log_error(&out_log, LOG_LEVEL_ERROR, "request", &err);
	log_errors(&out_log, LOG_LEVEL_ERROR, "request", 1001, &err);
	text = capture_end();
	assert_has(text, "level=error event=request status=busy errno=11 "
			 "text=\"database 'x': locked\"\n");
	assert_has(text, "level=error event=request status=busy n=1001 "
			 "errno=11 text=\"database 'x': locked\"\n");
}

static void logging_never_fails(void **state)
{
	int saved = dup(STDERR_FILENO);

	errno = ERANGE;
	(void)logged("x");
	assert_int_equal(errno, ERANGE);
	(void)close(STDERR_FILENO);
	log_event(&out_log, LOG_LEVEL_ERROR, "e", "x");
	assert_int_equal(errno, ERANGE);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	(void)close(saved);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_has_time_level_event_and_text),
		TEST(the_journal_gets_lines_without_a_time),
		TEST(a_person_reads_text_alone),
		TEST(lines_above_the_level_are_dropped),
		TEST(all_but_printable_ascii_is_escaped),
		TEST(a_long_line_is_cut_and_ends),
		TEST(an_error_is_logged_with_its_fields),
		TEST(logging_never_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
