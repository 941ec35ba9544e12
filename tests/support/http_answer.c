/*
 * See http_answer.h.
 */
#include "base/base.h"
#include "tests/support/http_answer.h"

#include "http/request.h"

#include <ctype.h>
#include <strings.h>

/* Cut a line off text, without its end; false when it has no end, or bytes that
 * a head must not have. */
static bool cut_line(struct str *text, struct str *line)
{
	size_t n = 0;

	while (n < text->len && text->ptr[n] >= ' ' && text->ptr[n] < 0x7f)
		n++;
	*line = (struct str){text->ptr, n};
	if (text->len < n + 2 || memcmp(text->ptr + n, "\r\n", 2) != 0)
		return false;
	text->ptr += n + 2;
	text->len -= n + 2;
	return true;
}

struct str http_answer_header(const struct http_response *res, const char *name)
{
	struct str head = res->head, line;
	size_t n = strlen(name);

	while (cut_line(&head, &line))
		if (line.len > n + 1 && line.ptr[n] == ':' &&
		    !strncasecmp(line.ptr, name, n))
			return (struct str){line.ptr + n + 2, line.len - n - 2};
	return (struct str)STR_INIT;
}

bool http_answer_has(struct str text, const char *part)
{
	return text.len && memmem(text.ptr, text.len, part, strlen(part));
}

/* "Name: value", and no second header of this name. */
static bool is_header(struct str line, struct str rest)
{
	char mark[64];
	size_t n = 0;

	while (n < line.len &&
	       (isalnum((unsigned char)line.ptr[n]) || line.ptr[n] == '-'))
		n++;
	(void)snprintf(mark, sizeof(mark), "\n%.*s:", (int)n, line.ptr);
	return n && line.len > n + 1 && !memcmp(line.ptr + n, ": ", 2) &&
	       !http_answer_has(rest, mark);
}

const char *http_answer_fault(const struct http_response *res, bool is_head)
{
	struct str head = res->head, line;
	struct str length = http_answer_header(res, "Content-Length");
	char want[32];

	(void)snprintf(want, sizeof(want), "Status: %d ", res->status);
	if (!str_starts(head, want))
		return "no status line in front";
	if (head.len > RESPONSE_HEAD_MAX_BYTES)
		return "a head that is too long";
	do {
		if (!cut_line(&head, &line))
			return "a broken line in its head";
		if (line.len &&
		    !is_header(line,
			       (struct str){line.ptr + line.len, head.len + 2}))
			return "a line of its head that is no header, or twice";
	} while (line.len);
	if (head.len)
		return "an empty line within its head";
	if ((is_head || res->status == 204) && res->body.len)
		return "a body that must not be";
	(void)snprintf(want, sizeof(want), "%zu", res->body.len);
	if (length.len && !is_head && !str_eq(length, want))
		return "another length than Content-Length";
	return NULL;
}
