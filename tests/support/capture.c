/*
 * See capture.h. Standard error is a file while it is captured.
 */
#include "base/base.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"

enum { CAPTURE_BYTES = 64 * 1024 };

static int saved_fd = -1;
static FILE *file;

void capture_begin(void)
{
	assert_int_equal(saved_fd, -1);
	(void)fflush(stderr);
	saved_fd = dup(STDERR_FILENO);
	file = tmpfile();
	assert_non_null(file);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
}

const char *capture_end(void)
{
	static char text[CAPTURE_BYTES];
	ssize_t n;

	(void)fflush(stderr);
	assert_true(dup2(saved_fd, STDERR_FILENO) >= 0);
	(void)close(saved_fd);
	saved_fd = -1;
	n = pread(fileno(file), text, sizeof(text) - 1, 0);
	(void)fclose(file);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

int capture_count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}
