/*
 * Bodies of several parts: the first line is the parameters of the
 * Content-Type, the rest the body. Any bytes are fields or refused. A second
 * reader, which does not read heads, finds the same values.
 */
#include "base/base.h"
#include "http/multipart.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/form_check.h"

/* Cut text at the first mark, which has to be there; returns what stands
 * before it. */
static struct str cut(struct str *text, struct str mark)
{
	const char *at = memmem(text->ptr, text->len, mark.ptr, mark.len);
	struct str before;

	FUZZ_CHECK(at);
	before = (struct str){text->ptr, (size_t)(at - text->ptr)};
	text->ptr = at + mark.len;
	text->len -= before.len + mark.len;
	return before;
}

/* Cut the body, with a line end in front, at each line end that a boundary
 * follows: as many pieces as there are fields, then one that begins "--". */
static void check_by_cutting(const struct form *form, struct str text)
{
	struct str rest, mark;
	struct buf body, delimiter;

	buf_init(&body, text.len + 2);
	buf_init(&delimiter, form_boundary.len + 4);
	buf_addf(&delimiter, "\r\n--%.*s", (int)form_boundary.len,
		 form_boundary.ptr);
	buf_add_str(&body, "\r\n");
	buf_add(&body, text.ptr, text.len);
	rest = (struct str){body.ptr, body.len};
	mark = (struct str){delimiter.ptr, delimiter.len};
	(void)cut(&rest, mark);
	for (size_t i = 0; i < form->n_fields; i++) {
		struct str part;

		FUZZ_CHECK(!str_starts(rest, "--"));
		part = cut(&rest, mark);
		(void)cut(&part, STR_LIT("\r\n\r\n"));
		FUZZ_CHECK(form_check_is_same(part, form->fields[i].value));
	}
	FUZZ_CHECK(str_starts(rest, "--"));
	buf_release(&body);
	buf_release(&delimiter);
}

static void check_boundary(struct str params)
{
	struct str boundary = form_boundary;

	FUZZ_CHECK(boundary.len >= 1);
	FUZZ_CHECK(boundary.len <= REQUEST_BOUNDARY_MAX_BYTES);
	FUZZ_CHECK(boundary.ptr > params.ptr &&
		   boundary.ptr + boundary.len <= params.ptr + params.len);
	for (size_t i = 0; i < boundary.len; i++)
		FUZZ_CHECK(boundary.ptr[i] >= ' ' && boundary.ptr[i] < 0x7f &&
			   boundary.ptr[i] != '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *end = n ? memchr(data, '\n', n) : NULL;
	struct str params = {(const char *)data, n}, text;
	struct cf_error err = CF_ERROR_INIT;
	struct form form;
	enum cf_status rc;

	if (!end)
		return 0;
	params.len = (size_t)(end - params.ptr);
	text = (struct str){end + 1, n - params.len - 1};
	rc = multipart_boundary(params, &form_boundary, &err);
	FUZZ_CHECK(rc == err.status && (!rc || rc == CF_BAD_INPUT));
	if (rc)
		return 0;
	check_boundary(params);
	rc = form_check_parse(&form_multipart, &form, text);
	FUZZ_CHECK(rc == CF_OK || rc == CF_BAD_INPUT);
	if (rc)
		return 0;
	FUZZ_CHECK(!form.detail);
	FUZZ_CHECK(!form_check_fault(&form_multipart, &form, text));
	check_by_cutting(&form, text);
	return 0;
}
