/*
 * Parse multipart/form-data: see multipart.h. As strict as RFC 2046 and RFC
 * 7578: lines end with CR LF, headers are not folded, and a line that begins
 * like a boundary is a boundary.
 *
 * No error repeats bytes of the client: they could be an answer.
 */
#include "base/base.h"
#include "http/multipart.h"

#define CRLF "\r\n"

/* A parameter of a header's value. */
struct param {
	struct str name;
	struct str value; /* without its quotes, escapes as they were */
	bool is_quoted;
};

/* The headers of a part. */
struct head {
	bool has_disposition;
	bool has_name;
	bool has_file;
	struct param name;
};

/* A body that is being read. */
struct reading {
	struct str rest;
	struct str boundary;
	struct form *form;
	char *to; /* where decoded names go */
	int64_t max_field_bytes;
	const char **detail;
	struct cf_error *err;
};

static void skip(struct str *text, size_t n)
{
	text->ptr += n;
	text->len -= n;
}

/* Take `what` off the beginning of text; false when text begins otherwise. */
static bool take(struct str *text, const char *what)
{
	if (!str_starts(*text, what))
		return false;
	skip(text, strlen(what));
	return true;
}

static void skip_blanks(struct str *text)
{
	while (text->len && (*text->ptr == ' ' || *text->ptr == '\t'))
		skip(text, 1);
}

/* The characters of a token: RFC 9110, section 5.6.2. */
static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static struct str take_token(struct str *text)
{
	struct str token = {text->ptr, 0};

	while (text->len && is_token_char(*text->ptr)) {
		skip(text, 1);
		token.len++;
	}
	return token;
}

/* Take a text up to its closing quote. A backslash stands for itself, as
 * browsers and curl write it. */
static bool take_quoted(struct str *text, struct str *value)
{
	*value = (struct str){text->ptr, 0};
	while (text->len && *text->ptr != '"') {
		skip(text, 1);
		value->len++;
	}
	return take(text, "\"");
}

/* Take "; name=value" (RFC 9110, section 5.6.6); false when text begins
 * otherwise. A lone semicolon gives an empty name. */
static bool take_param(struct str *text, struct param *param)
{
	*param = (struct param){.is_quoted = false};
	skip_blanks(text);
	if (!take(text, ";"))
		return false;
	skip_blanks(text);
	param->name = take_token(text);
	if (!param->name.len)
		return !text->len || *text->ptr == ';';
	if (!take(text, "="))
		return false;
	param->is_quoted = take(text, "\"");
	if (param->is_quoted)
		return take_quoted(text, &param->value);
	param->value = take_token(text);
	return param->value.len > 0;
}

/* --- the boundary --------------------------------------------------------- */

/* RFC 2046, section 5.1.1: bchars, and no space at the end. */
static bool is_boundary(struct str text)
{
	if (!text.len || text.len > REQUEST_BOUNDARY_MAX_BYTES ||
	    text.ptr[text.len - 1] == ' ')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		      (c >= 'a' && c <= 'z') ||
		      (c && strchr("'()+_,-./:=? ", c))))
			return false;
	}
	return true;
}

enum cf_status multipart_boundary(struct str params, struct str *boundary,
				  struct cf_error *err)
{
	struct param param;
	size_t n = 0;

	*boundary = (struct str)STR_INIT;
	for (skip_blanks(&params); params.len; skip_blanks(&params)) {
		if (!take_param(&params, &param))
			return cf_fail(err, CF_BAD_INPUT,
				       "broken parameters of the Content-Type");
		if (!str_eq_nocase(param.name, "boundary"))
			continue;
		*boundary = param.value;
		n++;
	}
	if (n != 1 || !is_boundary(*boundary))
		return cf_fail(err, CF_BAD_INPUT,
			       "multipart/form-data needs one boundary, of 1 to "
			       "%d characters of RFC 2046",
			       REQUEST_BOUNDARY_MAX_BYTES);
	return CF_OK;
}

/* --- the head of a part --------------------------------------------------- */

static enum cf_status fail(struct reading *r, const char *what)
{
	return cf_fail(r->err, CF_BAD_INPUT, "part %zu of the body: %s",
		       r->form->n_fields + 1, what);
}

/* Take a line, and leave its end out; false when no line end follows. */
static bool take_line(struct str *text, struct str *line)
{
	const char *end = text->len ? memmem(text->ptr, text->len, CRLF,
					     strlen(CRLF))
				    : NULL;

	if (!end)
		return false;
	*line = (struct str){text->ptr, (size_t)(end - text->ptr)};
	skip(text, line->len + strlen(CRLF));
	return true;
}

static bool has_control(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static enum cf_status read_disposition(struct reading *r, struct str value,
				       struct head *head)
{
	struct param param;

	if (head->has_disposition)
		return fail(r, "a second Content-Disposition");
	head->has_disposition = true;
	if (!str_eq_nocase(take_token(&value), "form-data"))
		return fail(r, "a Content-Disposition that is not form-data");
	for (skip_blanks(&value); value.len; skip_blanks(&value)) {
		if (!take_param(&value, &param))
			return fail(r, "a broken Content-Disposition");
		if (str_eq_nocase(param.name, "filename") ||
		    str_eq_nocase(param.name, "filename*"))
			head->has_file = true;
		if (!str_eq_nocase(param.name, "name"))
			continue;
		if (head->has_name)
			return fail(r, "a second name");
		head->has_name = true;
		head->name = param;
	}
	return CF_OK;
}

static enum cf_status read_encoding(struct reading *r, struct str value)
{
	value = str_trim(value);
	if (str_eq_nocase(value, "7bit") || str_eq_nocase(value, "8bit") ||
	    str_eq_nocase(value, "binary"))
		return CF_OK;
	return fail(r, "a Content-Transfer-Encoding that is not 7bit, 8bit or "
		       "binary");
}

static bool begins_as_boundary(const struct reading *r, struct str text)
{
	return take(&text, "--") && text.len >= r->boundary.len &&
	       !memcmp(text.ptr, r->boundary.ptr, r->boundary.len);
}

static enum cf_status read_header(struct reading *r, struct str line,
				  struct head *head)
{
	struct str name = line;

	if (has_control(line) || begins_as_boundary(r, line))
		return fail(r, "no empty line behind its head");
	name = take_token(&line);
	if (!name.len || !take(&line, ":"))
		return fail(r, "a line of its head that is no header");
	skip_blanks(&line);
	if (str_eq_nocase(name, "Content-Disposition"))
		return read_disposition(r, line, head);
	if (str_eq_nocase(name, "Content-Transfer-Encoding"))
		return read_encoding(r, line);
	return CF_OK;
}

static enum cf_status read_head(struct reading *r, struct head *head)
{
	const char *begin = r->rest.ptr;
	struct str line;
	enum cf_status rc;

	*head = (struct head){.has_name = false};
	for (;;) {
		if (!take_line(&r->rest, &line))
			return fail(r, "no end of its head");
		if (r->rest.ptr - begin > REQUEST_PART_HEAD_MAX_BYTES)
			return fail(r, "a head that is too long");
		if (!line.len)
			break;
		rc = read_header(r, line, head);
		if (rc)
			return rc;
	}
	if (head->has_file) {
		*r->detail = "A part of the form is a file. Send text fields "
			     "alone.";
		return fail(r, "a file");
	}
	return head->has_name ? CF_OK : fail(r, "no name");
}

/* --- parts ---------------------------------------------------------------- */

/* Decode the character at text[0] to *c; the number of bytes it takes. */
static size_t decode_char(struct str text, char *c)
{
	static const struct {
		const char *text;
		char c;
	} escapes[] = {
		{"%0A", '\n'}, {"%0D", '\r'}, {"%22", '"'},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(escapes); i++) {
		if (text.len >= 3 && str_eq_nocase((struct str){text.ptr, 3},
						   escapes[i].text)) {
			*c = escapes[i].c;
			return 3;
		}
	}
	*c = text.ptr[0];
	return 1;
}

static struct str decode_name(struct reading *r, const struct param *name)
{
	struct str text = name->value;
	struct str out = {r->to, 0};

	if (!name->is_quoted)
		return text;
	while (text.len) {
		skip(&text, decode_char(text, r->to++));
		out.len++;
	}
	return out;
}

/* Read a part up to the next boundary; its own boundary has been read. */
static enum cf_status read_part(struct reading *r)
{
	struct form_field field = {.is_text = true};
	struct head head;
	enum cf_status rc = read_head(r, &head);

	if (rc)
		return rc;
	/* no line of a part begins so: RFC 2046, section 5.1.1 */
	if (begins_as_boundary(r, r->rest))
		return fail(r, "a boundary where its value begins");
	field.name = decode_name(r, &head.name);
	field.value = r->rest;
	for (;;) {
		const char *end = memmem(r->rest.ptr, r->rest.len, CRLF "--",
					 strlen(CRLF "--"));

		if (!end)
			return fail(r, "no boundary behind it");
		skip(&r->rest, (size_t)(end - r->rest.ptr) + strlen(CRLF));
		if (begins_as_boundary(r, r->rest))
			break;
	}
	field.value.len = (size_t)(r->rest.ptr - field.value.ptr) -
			  strlen(CRLF);
	return form_add(r->form, field, r->max_field_bytes, r->err);
}

/* Skip the text before the first boundary. */
static enum cf_status skip_preamble(struct reading *r)
{
	struct str line;

	while (!begins_as_boundary(r, r->rest))
		if (!take_line(&r->rest, &line))
			return cf_fail(r->err, CF_BAD_INPUT,
				       "a body of several parts without its "
				       "boundary");
	return CF_OK;
}

/* Read the boundary that rest begins with. */
static enum cf_status read_boundary(struct reading *r, bool *is_last)
{
	skip(&r->rest, strlen("--") + r->boundary.len);
	*is_last = take(&r->rest, "--");
	skip_blanks(&r->rest); /* transport padding */
	if (take(&r->rest, CRLF) || (*is_last && !r->rest.len))
		return CF_OK;
	return fail(r, "a boundary with more behind it");
}

enum cf_status multipart_parse(struct form *form, struct str text,
			       struct str boundary, struct arena *arena,
			       int64_t max_field_bytes, const char **detail,
			       struct cf_error *err)
{
	struct reading r = {.rest = text,
			    .boundary = boundary,
			    .form = form,
			    .max_field_bytes = max_field_bytes,
			    .detail = detail,
			    .err = err};
	bool is_last = false;
	enum cf_status rc;

	*detail = NULL;
	form->n_fields = 0;
	/* a decoded name is never longer */
	r.to = arena_alloc(arena, text.len + 1);
	if (!r.to)
		return cf_fail(err, CF_NOMEM, "no room for %zu bytes of names",
			       text.len);
	rc = skip_preamble(&r);
	if (!rc)
		rc = read_boundary(&r, &is_last);
	while (!rc && !is_last) {
		rc = read_part(&r);
		if (!rc)
			rc = read_boundary(&r, &is_last);
	}
	return rc;
}
