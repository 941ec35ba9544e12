/*
 * JSON bodies: any bytes are fields or refused; fields are UTF-8 without NUL,
 * each name once and none too long, come back from JSON that is made of them,
 * and leave nothing on the heap.
 */
#include "base/base.h"
#include "base/utf8.h"
#include "http/json.h"
#include "tests/fuzz/fuzz.h"

enum { FIELD_MAX_BYTES = 32, ROUNDING_BYTES = 32 };

static enum cf_status parse(struct form *form, struct str text,
			    struct arena **arena)
{
	struct cf_error err = CF_ERROR_INIT;
	enum cf_status rc;

	*arena = arena_new(text.len + ROUNDING_BYTES);
	FUZZ_CHECK(*arena);
	rc = http_json_parse(form, text, *arena, FIELD_MAX_BYTES, &err);
	FUZZ_CHECK(rc == err.status);
	FUZZ_CHECK(mem_use(MEM_JSON).n_blocks == 0);
	return rc;
}

static void check_text(struct str text)
{
	FUZZ_CHECK(text.len <= FIELD_MAX_BYTES);
	while (text.len) {
		uint32_t c;
		size_t n = utf8_first(text, &c);

		FUZZ_CHECK(n && c);
		text.ptr += n;
		text.len -= n;
	}
}

/* One object, and nothing behind it; no deeper than it may be. */
static void check_nesting(struct str text)
{
	bool in_string = false;
	int depth = 0;

	text = str_trim(text);
	FUZZ_CHECK(str_starts(text, "{"));
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		FUZZ_CHECK(depth <= REQUEST_JSON_DEPTH_MAX);
		FUZZ_CHECK((depth == 0) == (i == text.len - 1));
	}
}

static void check_fields(const struct form *form, struct str text)
{
	size_t n_bytes = 0;

	FUZZ_CHECK(form->n_fields <= REQUEST_FIELDS_MAX);
	FUZZ_CHECK(!form_has_repeat(form));
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		check_text(field->name);
		check_text(field->value);
		FUZZ_CHECK(field->is_text || !field->value.len);
		n_bytes += field->name.len + field->value.len;
	}
	FUZZ_CHECK(n_bytes <= text.len);
}

/* As a string that is all escapes (RFC 8259 section 7). */
static void add_string(struct buf *out, struct str text)
{
	buf_add_char(out, '"');
	while (text.len) {
		uint32_t c;
		size_t n = utf8_first(text, &c);

		if (c > 0xffff)
			buf_addf(out, "\\u%04x\\u%04x",
				 0xd800 + ((c - 0x10000) >> 10),
				 0xdc00 + ((c - 0x10000) & 0x3ff));
		else
			buf_addf(out, "\\u%04x", c);
		text.ptr += n;
		text.len -= n;
	}
	buf_add_char(out, '"');
}

static bool is_same(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

static void check_again(const struct form *form)
{
	struct arena *arena;
	struct form again;
	struct buf out;

	buf_init(&out, 1 << 20);
	buf_add_char(&out, '{');
	for (size_t i = 0; i < form->n_fields; i++) {
		buf_add_str(&out, i ? "," : "");
		add_string(&out, form->fields[i].name);
		buf_add_char(&out, ':');
		if (form->fields[i].is_text)
			add_string(&out, form->fields[i].value);
		else
			buf_add_str(&out, "[{}]");
	}
	buf_add_char(&out, '}');
	FUZZ_CHECK(!parse(&again, (struct str){out.ptr, out.len}, &arena));
	FUZZ_CHECK(again.n_fields == form->n_fields);
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *a = &form->fields[i];
		const struct form_field *b = &again.fields[i];

		FUZZ_CHECK(is_same(a->name, b->name));
		FUZZ_CHECK(is_same(a->value, b->value));
		FUZZ_CHECK(a->is_text == b->is_text);
	}
	arena_free(arena);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool is_open;
	struct str text = {(const char *)data, n};
	struct arena *arena;
	struct form form;
	enum cf_status rc;

	if (!is_open)
		http_json_open();
	is_open = true;
	rc = parse(&form, text, &arena);
	FUZZ_CHECK(!rc || rc == CF_BAD_INPUT);
	if (!rc) {
		check_fields(&form, text);
		check_nesting(text);
		check_again(&form);
	}
	arena_free(arena);
	return 0;
}
