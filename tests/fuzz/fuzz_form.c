/*
 * Forms: any bytes are fields or refused, and fields are the bytes between
 * the marks, decoded.
 */
#include "base/base.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/form_check.h"

/* How many parts between & are not empty. */
static size_t n_parts(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] != '&' && (!i || text.ptr[i - 1] == '&');
	return n;
}

/* Decode all bytes but each & and the first = of a part. */
static void add_decoded(struct buf *out, struct str text)
{
	bool has_equals = false;

	for (size_t i = 0; i < text.len; i++) {
		char digits[3] = "";
		char c = text.ptr[i];

		if (c == '&') {
			has_equals = false;
		} else if (c == '=' && !has_equals) {
			has_equals = true;
		} else if (c == '%') {
			memcpy(digits, text.ptr + i + 1, 2);
			buf_add_char(out, (char)strtol(digits, NULL, 16));
			i += 2;
		} else {
			buf_add_char(out, c == '+' ? ' ' : c);
		}
	}
}

static void check_bytes(const struct form *form, struct str text)
{
	struct buf want, got;

	buf_init(&want, text.len);
	buf_init(&got, text.len);
	add_decoded(&want, text);
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		buf_add(&got, field->name.ptr, field->name.len);
		buf_add(&got, field->value.ptr, field->value.len);
	}
	FUZZ_CHECK(!buf_status(&want, NULL) && !buf_status(&got, NULL));
	FUZZ_CHECK(form_check_is_same((struct str){want.ptr, want.len},
				      (struct str){got.ptr, got.len}));
	buf_release(&want);
	buf_release(&got);
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
	struct form form;
	enum cf_status rc = form_check_parse(&form_urlencoded, &form, text);

	if (!rc) {
		FUZZ_CHECK(form.n_fields == n_parts(text));
		FUZZ_CHECK(!form_check_fault(&form_urlencoded, &form, text));
		check_bytes(&form, text);
		check_find(&form);
	} else {
		FUZZ_CHECK(rc == CF_BAD_INPUT);
		/* there is a reason to refuse it */
		FUZZ_CHECK(n > FORM_CHECK_FIELD_BYTES || memchr(data, '%', n) ||
			   n_parts(text) > REQUEST_FIELDS_MAX);
	}
	return 0;
}
