/*
 * log.c: a line is a line whatever a client sent, within its length and at
 * its level.
 */
#include "base/base.h"
#include "base/log.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"

static struct log log_at(enum log_level level)
{
	struct log log;

	log_init(&log, "test", level, LOG_TO_STDERR);
	return log;
}

static void a_line_has_time_level_event_and_text(void **state)
{
	struct log log = log_at(LOG_LEVEL_INFO);
	int y, mo, d, h, mi, s, n = 0;
	const char *line;

	(void)state;
	capture_begin();
	log_event(&log, LOG_LEVEL_WARN, "pool", "n=%d what=%s", 3, "x");
	line = capture_end();
	assert_int_equal(sscanf(line, "ts=%4d-%2d-%2dT%2d:%2d:%2dZ%n", &y, &mo,
				&d, &h, &mi, &s, &n), 6);
	assert_string_equal(line + n, " level=warn event=pool n=3 what=x\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char wanted[32];
	const char *text;

	(void)state;
	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		struct log log = log_at((enum log_level)level);

		capture_begin();
		for (int of = LOG_LEVEL_ERROR; of <= LOG_LEVEL_DEBUG; of++)
			log_event(&log, (enum log_level)of, "e", "x");
		text = capture_end();
		assert_int_equal(capture_count(text, "\n"), level + 1);
		for (int of = LOG_LEVEL_ERROR; of <= LOG_LEVEL_DEBUG; of++) {
			(void)snprintf(wanted, sizeof(wanted), "level=%s ",
				       names[of]);
			assert_int_equal(capture_count(text, wanted),
					 of <= level);
		}
	}
}

static void control_bytes_and_what_is_not_ascii_are_escaped(void **state)
{
	struct log log = log_at(LOG_LEVEL_ERROR);
	const char *line;
	char all[256];

	(void)state;
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	capture_begin();
	log_event(&log, LOG_LEVEL_ERROR, "e", "%s", all);
	line = capture_end();
	assert_int_equal(capture_count(line, "\n"), 1); /* its own end */
	for (const char *c = line; c[1]; c++)
		assert_true(*c >= ' ' && *c < 0x7f);
	assert_has(line, "\\x01\\x02");
	assert_has(line, "\\x0a");
	assert_has(line, "\\x0d");
	assert_has(line, "\\x1b");
	assert_has(line, "\\x7f\\x80");
	assert_has(line, "\\xff\n");
	assert_has(line, " !\"#$%&'()*+,-./0123456789:;<=>?@ABC");
}

static void a_client_cannot_forge_a_line(void **state)
{
	struct log log = log_at(LOG_LEVEL_ERROR);
	const char *text;

	(void)state;
	capture_begin();
	log_event(&log, LOG_LEVEL_ERROR, "e", "path=%s",
		  "/x\r\nts=2026-01-01T00:00:00Z level=error event=hacked");
	text = capture_end();
	assert_int_equal(capture_count(text, "\n"), 1);
	assert_int_equal(capture_count(text, "\r"), 0);
	assert_has(text, "/x\\x0d\\x0ats=");
}

static void a_long_line_is_cut_and_ends(void **state)
{
	struct log log = log_at(LOG_LEVEL_ERROR);
	static char text[5000];
	const char *line;

	(void)state;
	for (int is_escaped = 0; is_escaped < 2; is_escaped++) {
		memset(text, is_escaped ? '\x01' : 'a', sizeof(text) - 1);
		capture_begin();
		log_event(&log, LOG_LEVEL_ERROR, "e", "%s", text);
		log_event(&log, LOG_LEVEL_ERROR, "next", "x");
		line = capture_end();
		assert_int_equal(capture_count(line, "\n"), 2);
		assert_in_range(strchr(line, '\n') - line,
				LOG_LINE_MAX_BYTES - 10,
				LOG_LINE_MAX_BYTES - 1);
		assert_has(line, is_escaped ? "\\x01\nts=" : "a\nts=");
		assert_has(line, "event=next x\n");
	}
}

static void an_error_is_logged_with_all_it_knows(void **state)
{
	struct log log = log_at(LOG_LEVEL_ERROR);
	struct cf_error err = {CF_BUSY, 11, "database x: locked"};

	(void)state;
	capture_begin();
	log_error(&log, LOG_LEVEL_ERROR, "request", &err);
	assert_has(capture_end(),
		   "level=error event=request status=busy errno=11 "
		   "text=\"database x: locked\"\n");
	capture_begin();
	log_errors(&log, LOG_LEVEL_ERROR, "request", 1001, &err);
	assert_has(capture_end(),
		   "level=error event=request status=busy n=1001 errno=11 "
		   "text=\"database x: locked\"\n");
}

static void logging_leaves_errno_alone(void **state)
{
	struct log log = log_at(LOG_LEVEL_ERROR);

	(void)state;
	capture_begin();
	errno = ERANGE;
	log_event(&log, LOG_LEVEL_ERROR, "e", "x");
	assert_int_equal(errno, ERANGE);
	log_event(&log, LOG_LEVEL_DEBUG, "e", "x");
	assert_int_equal(errno, ERANGE);
	(void)capture_end();
}

static void a_closed_standard_error_is_no_harm(void **state)
{
	struct log log = log_at(LOG_LEVEL_ERROR);
	int saved = dup(STDERR_FILENO);

	(void)state;
	assert_true(saved >= 0);
	(void)close(STDERR_FILENO);
	log_event(&log, LOG_LEVEL_ERROR, "e", "x");
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	(void)close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_level_event_and_text),
		cmocka_unit_test(lines_above_the_level_are_dropped),
		cmocka_unit_test(
			control_bytes_and_what_is_not_ascii_are_escaped),
		cmocka_unit_test(a_client_cannot_forge_a_line),
		cmocka_unit_test(a_long_line_is_cut_and_ends),
		cmocka_unit_test(an_error_is_logged_with_all_it_knows),
		cmocka_unit_test(logging_leaves_errno_alone),
		cmocka_unit_test(a_closed_standard_error_is_no_harm),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
