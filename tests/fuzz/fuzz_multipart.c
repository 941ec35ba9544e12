/*
 * Bodies of several parts: the first line is the parameters of the
 * Content-Type, the rest the body. Any bytes are fields or refused. What is
 * taken, a second reader takes apart in the same way: one that does not know
 * heads, and cuts at each boundary first. Fields that are written as such a
 * body come back from it.
 */
#include "base/base.h"
#include "http/multipart.h"
#include "tests/fuzz/fuzz.h"

enum { FIELD_MAX_BYTES = 32, ROUNDING_BYTES = 64 };

static enum cf_status parse(struct form *form, struct str text,
			    struct str boundary, struct arena **arena)
{
	struct cf_error err = CF_ERROR_INIT;
	const char *detail = "never set";
	enum cf_status rc;

	*arena = arena_new(text.len + ROUNDING_BYTES);
	FUZZ_CHECK(*arena);
	rc = multipart_parse(form, text, boundary, *arena, FIELD_MAX_BYTES,
			     &detail, &err);
	FUZZ_CHECK(rc == err.status);
	FUZZ_CHECK(rc == CF_OK || rc == CF_BAD_INPUT);
	FUZZ_CHECK(rc || !detail);
	return rc;
}

static bool is_same(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

static const char *find(struct str text, struct str what)
{
	return text.len ? memmem(text.ptr, text.len, what.ptr, what.len)
			: NULL;
}

static void skip_to(struct str *text, const char *at)
{
	text->len -= (size_t)(at - text->ptr);
	text->ptr = at;
}

/* What a part has between its first empty line and its end. */
static struct str value_of(struct str part)
{
	const char *at = find(part, STR_LIT("\r\n\r\n"));

	FUZZ_CHECK(at);
	skip_to(&part, at + 4);
	return part;
}

/* Cut the body, with a line end in front, at each line end that a boundary
 * follows: as many pieces as there are fields, then one that begins "--". */
static void check_by_cutting(const struct form *form, struct str text,
			     struct str boundary)
{
	struct str rest, mark;
	struct buf body, delimiter;
	const char *at;

	buf_init(&body, text.len + 2);
	buf_init(&delimiter, boundary.len + 4);
	buf_addf(&delimiter, "\r\n--%.*s", (int)boundary.len, boundary.ptr);
	buf_add_str(&body, "\r\n");
	buf_add(&body, text.ptr, text.len);
	rest = (struct str){body.ptr, body.len};
	mark = (struct str){delimiter.ptr, delimiter.len};
	at = find(rest, mark);
	FUZZ_CHECK(at);
	for (size_t i = 0; i <= form->n_fields; i++) {
		struct str part;

		skip_to(&rest, at + mark.len);
		FUZZ_CHECK(str_starts(rest, "--") == (i == form->n_fields));
		if (i == form->n_fields)
			break;
		at = find(rest, mark);
		FUZZ_CHECK(at);
		part = (struct str){rest.ptr, (size_t)(at - rest.ptr)};
		FUZZ_CHECK(is_same(value_of(part), form->fields[i].value));
	}
	buf_release(&body);
	buf_release(&delimiter);
}

static void check_sizes(const struct form *form, struct str text)
{
	size_t n_bytes = 0;

	FUZZ_CHECK(form->n_fields <= REQUEST_FIELDS_MAX);
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		FUZZ_CHECK(field->is_text);
		FUZZ_CHECK(field->name.len <= FIELD_MAX_BYTES);
		FUZZ_CHECK(field->value.len <= FIELD_MAX_BYTES);
		FUZZ_CHECK(field->value.ptr >= text.ptr &&
			   field->value.ptr + field->value.len <=
				   text.ptr + text.len);
		n_bytes += field->name.len + field->value.len;
	}
	FUZZ_CHECK(n_bytes <= text.len);
}

/* As browsers write a name: what was %0D in it cannot be told from a CR. */
static void add_name(struct buf *out, struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c == '"' || c == '\r' || c == '\n')
			buf_addf(out, "%%%02X", (unsigned char)c);
		else
			buf_add_char(out, c);
	}
}

static void check_again(const struct form *form, struct str boundary)
{
	struct arena *arena;
	struct form again;
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		buf_addf(&out, "--%.*s\r\ncontent-disposition: form-data; "
			       "name=\"",
			 (int)boundary.len, boundary.ptr);
		add_name(&out, field->name);
		buf_add_str(&out, "\"\r\n\r\n");
		buf_add(&out, field->value.ptr, field->value.len);
		buf_add_str(&out, "\r\n");
	}
	buf_addf(&out, "--%.*s--", (int)boundary.len, boundary.ptr);
	FUZZ_CHECK(!buf_status(&out, NULL));
	FUZZ_CHECK(!parse(&again, (struct str){out.ptr, out.len}, boundary,
			  &arena));
	FUZZ_CHECK(again.n_fields == form->n_fields);
	for (size_t i = 0; i < form->n_fields; i++) {
		if (!find(form->fields[i].name, STR_LIT("%")))
			FUZZ_CHECK(is_same(again.fields[i].name,
					   form->fields[i].name));
		FUZZ_CHECK(is_same(again.fields[i].value,
				   form->fields[i].value));
	}
	arena_free(arena);
	buf_release(&out);
}

static void check_boundary(struct str params, struct str boundary)
{
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
	struct str params = {(const char *)data, n}, text, boundary;
	struct cf_error err = CF_ERROR_INIT;
	struct arena *arena;
	struct form form;
	enum cf_status rc;

	if (!end)
		return 0;
	params.len = (size_t)(end - params.ptr);
	text = (struct str){end + 1, n - params.len - 1};
	rc = multipart_boundary(params, &boundary, &err);
	FUZZ_CHECK(rc == err.status && (!rc || rc == CF_BAD_INPUT));
	if (rc)
		return 0;
	check_boundary(params, boundary);
	if (!parse(&form, text, boundary, &arena)) {
		check_sizes(&form, text);
		check_by_cutting(&form, text, boundary);
		check_again(&form, boundary);
	}
	arena_free(arena);
	return 0;
}
