/*
 * Forms: any bytes are fields or refused, no field is longer than it may be,
 * and fields that are written as a form come back from it.
 */
#include "base/base.h"
#include "http/form.h"
#include "tests/fuzz/fuzz.h"

enum { FIELD_MAX_BYTES = 32, ROUNDING_BYTES = 32 };

static enum cf_status parse(struct form *form, struct str text,
			    struct arena **arena)
{
	struct cf_error err = CF_ERROR_INIT;
	enum cf_status rc;

	*arena = arena_new(text.len + ROUNDING_BYTES);
	FUZZ_CHECK(*arena);
	rc = form_parse(form, text, *arena, FIELD_MAX_BYTES, &err);
	FUZZ_CHECK(rc == err.status);
	return rc;
}

/* How many parts between & are not empty. */
static size_t n_parts(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] != '&' && (!i || text.ptr[i - 1] == '&');
	return n;
}

static void check_sizes(const struct form *form, struct str text)
{
	size_t n_bytes = 0;

	FUZZ_CHECK(form->n_fields == n_parts(text));
	FUZZ_CHECK(form->n_fields <= REQUEST_FIELDS_MAX);
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		FUZZ_CHECK(field->is_text);
		FUZZ_CHECK(field->name.len <= FIELD_MAX_BYTES);
		FUZZ_CHECK(field->value.len <= FIELD_MAX_BYTES);
		n_bytes += field->name.len + field->value.len;
	}
	FUZZ_CHECK(n_bytes <= text.len);
}

static bool is_same(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

/* What a part says: its bytes decoded, without its first '='. */
static void add_decoded(struct buf *out, struct str part)
{
	bool has_equals = false;

	for (size_t i = 0; i < part.len; i++) {
		char digits[3] = "";

		if (part.ptr[i] == '=' && !has_equals) {
			has_equals = true;
		} else if (part.ptr[i] == '%') {
			memcpy(digits, part.ptr + i + 1, 2);
			buf_add_char(out, (char)strtol(digits, NULL, 16));
			i += 2;
		} else {
			buf_add_char(out, part.ptr[i] == '+' ? ' '
							     : part.ptr[i]);
		}
	}
}

/* Names and values are all bytes of the text but & and =. */
static void check_bytes(const struct form *form, struct str text)
{
	struct buf want, got;

	buf_init(&want, text.len);
	buf_init(&got, text.len);
	while (text.len) {
		const char *end = memchr(text.ptr, '&', text.len);
		size_t n = end ? (size_t)(end - text.ptr) : text.len;

		add_decoded(&want, (struct str){text.ptr, n});
		n += end ? 1 : 0;
		text.ptr += n;
		text.len -= n;
	}
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		buf_add(&got, field->name.ptr, field->name.len);
		buf_add(&got, field->value.ptr, field->value.len);
	}
	FUZZ_CHECK(!buf_status(&want, NULL) && !buf_status(&got, NULL));
	FUZZ_CHECK(is_same((struct str){want.ptr, want.len},
			   (struct str){got.ptr, got.len}));
	buf_release(&want);
	buf_release(&got);
}

static void add_encoded(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_addf(out, "%%%02x", (unsigned char)text.ptr[i]);
}

static void check_again(const struct form *form)
{
	struct arena *arena;
	struct form again;
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < form->n_fields; i++) {
		buf_add_str(&out, i ? "&" : "");
		add_encoded(&out, form->fields[i].name);
		buf_add_char(&out, '=');
		add_encoded(&out, form->fields[i].value);
	}
	FUZZ_CHECK(!parse(&again, (struct str){out.ptr, out.len}, &arena));
	FUZZ_CHECK(again.n_fields == form->n_fields);
	for (size_t i = 0; i < form->n_fields; i++) {
		FUZZ_CHECK(is_same(again.fields[i].name,
				   form->fields[i].name));
		FUZZ_CHECK(is_same(again.fields[i].value,
				   form->fields[i].value));
	}
	FUZZ_CHECK(form_has_repeat(&again) == form_has_repeat(form));
	arena_free(arena);
	buf_release(&out);
}

static void check_find(const struct form *form)
{
	const struct form_field *field;
	size_t n = form_find(form, "pid", &field);

	FUZZ_CHECK(!n == !field);
	FUZZ_CHECK(!field || str_eq(field->name, "pid"));
	FUZZ_CHECK(n < 2 || form_has_repeat(form));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = {(const char *)data, n};
	struct arena *arena;
	struct form form;
	enum cf_status rc = parse(&form, text, &arena);

	if (!rc) {
		check_sizes(&form, text);
		check_bytes(&form, text);
		check_again(&form);
		check_find(&form);
	} else {
		FUZZ_CHECK(rc == CF_BAD_INPUT);
		/* there is a reason to refuse it */
		FUZZ_CHECK(n > FIELD_MAX_BYTES || memchr(data, '%', n) ||
			   n_parts(text) > REQUEST_FIELDS_MAX);
	}
	arena_free(arena);
	return 0;
}
