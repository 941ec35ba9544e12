/*
 * Parse multipart/form-data: see multipart.h. As strict as RFC 2046 and RFC
 * 7578: lines end with CR LF, headers are not folded, and a line that begins
 * like a boundary is a boundary. So the body is cut at its boundaries first,
 * and then each part is read.
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
	bool has_disposition, has_name, has_file;
	struct param name;
};

/* --- characters ----------------------------------------------------------- */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* RFC 9110, section 5.6.2 */
static bool is_of_token(char c)
{
	return is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* RFC 2046, section 5.1.1 */
static bool is_of_boundary(char c)
{
	return is_alnum(c) || (c && strchr("'()+_,-./:=? ", c));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* --- cutting -------------------------------------------------------------- */

/* Cut off the first n bytes. */
static struct str cut(struct str *text, size_t n)
{
	struct str first = {text->ptr, n};

	text->ptr += n;
	text->len -= n;
	return first;
}

/* Cut off all characters in front for which is_in holds. */
static struct str cut_all(struct str *text, bool (*is_in)(char c))
{
	size_t n = 0;

	while (n < text->len && is_in(text->ptr[n]))
		n++;
	return cut(text, n);
}

/* Cut off the word that text begins with; false when it begins otherwise. */
static bool cut_word(struct str *text, const char *word)
{
	if (!str_starts(*text, word))
		return false;
	(void)cut(text, strlen(word));
	return true;
}

/* Cut off the text before the mark, and the mark; false without a mark. */
static bool cut_at(struct str *text, struct str mark, struct str *before)
{
	const char *at =
		text->len ? memmem(text->ptr, text->len, mark.ptr, mark.len)
			  : NULL;

	if (!at)
		return false;
	*before = cut(text, (size_t)(at - text->ptr));
	(void)cut(text, mark.len);
	return true;
}

/* Cut off "; name=value" (RFC 9110, section 5.6.6) and blanks around it; false
 * when text begins otherwise. A lone semicolon gives an empty name. */
static bool cut_param(struct str *text, struct param *param)
{
	*param = (struct param){.is_quoted = false};
	(void)cut_all(text, is_blank);
	if (!cut_word(text, ";"))
		return false;
	(void)cut_all(text, is_blank);
	param->name = cut_all(text, is_of_token);
	if (!param->name.len)
		return !text->len || *text->ptr == ';';
	if (!cut_word(text, "="))
		return false;
	param->is_quoted = cut_word(text, "\"");
	if (param->is_quoted && !cut_at(text, STR_LIT("\""), &param->value))
		return false;
	if (!param->is_quoted)
		param->value = cut_all(text, is_of_token);
	(void)cut_all(text, is_blank);
	return param->is_quoted || param->value.len;
}

/* --- the boundary --------------------------------------------------------- */

static bool is_boundary(struct str text)
{
	struct str rest = text;

	(void)cut_all(&rest, is_of_boundary);
	return text.len && text.len <= REQUEST_BOUNDARY_MAX_BYTES &&
	       !rest.len && text.ptr[text.len - 1] != ' ';
}

enum cf_status multipart_boundary(struct str params, struct str *boundary,
				  struct cf_error *err)
{
	struct param param;
	size_t n = 0;

	*boundary = (struct str)STR_INIT;
	while (params.len) {
		if (!cut_param(&params, &param))
			return cf_fail(err, CF_BAD_INPUT,
				       "broken parameters of the Content-Type");
		if (!str_eq_nocase(param.name, "boundary"))
			continue;
		*boundary = param.value;
		n++;
	}
	if (n != 1 || !is_boundary(*boundary))
		return cf_fail(
			err, CF_BAD_INPUT,
			"multipart/form-data needs one boundary, of 1 to "
			"%d characters of RFC 2046",
			REQUEST_BOUNDARY_MAX_BYTES);
	return CF_OK;
}

/* --- a part; functions return its fault, or NULL -------------------------- */

static bool has_control(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static const char *read_disposition(struct head *head, struct str value)
{
	struct param param;

	if (head->has_disposition)
		return "a second Content-Disposition";
	head->has_disposition = true;
	if (!str_eq_nocase(cut_all(&value, is_of_token), "form-data"))
		return "a Content-Disposition that is not form-data";
	while (value.len) {
		if (!cut_param(&value, &param))
			return "a broken Content-Disposition";
		if (str_eq_nocase(param.name, "filename") ||
		    str_eq_nocase(param.name, "filename*"))
			head->has_file = true;
		if (!str_eq_nocase(param.name, "name"))
			continue;
		if (head->has_name)
			return "a second name";
		head->has_name = true;
		head->name = param;
	}
	return NULL;
}

static const char *read_header(struct head *head, struct str line)
{
	struct str name;

	if (has_control(line))
		return "a control character in its head";
	name = cut_all(&line, is_of_token);
	if (!name.len || !cut_word(&line, ":"))
		return "a line of its head that is no header";
	line = str_trim(line);
	if (str_eq_nocase(name, "Content-Disposition"))
		return read_disposition(head, line);
	if (str_eq_nocase(name, "Content-Transfer-Encoding") &&
	    !str_eq_nocase(line, "7bit") && !str_eq_nocase(line, "8bit") &&
	    !str_eq_nocase(line, "binary"))
		return "a Content-Transfer-Encoding that is not 7bit, 8bit or "
		       "binary";
	return NULL;
}

/* Decode a quoted name to *to, and move *to past it. */
static struct str decode_name(struct str text, char **to)
{
	static const struct {
		const char *text;
		char c;
	} escapes[] = {
		{"%0A", '\n'},
		{"%0D", '\r'},
		{"%22", '"'},
	};
	struct str name = {*to, 0};

	while (text.len) {
		struct str three = {text.ptr, text.len < 3 ? text.len : 3};
		size_t i = 0;

		while (i < CF_ARRAY_LEN(escapes) &&
		       !str_eq_nocase(three, escapes[i].text))
			i++;
		if (i < CF_ARRAY_LEN(escapes)) {
			*(*to)++ = escapes[i].c;
			(void)cut(&text, 3);
		} else {
			*(*to)++ = *cut(&text, 1).ptr;
		}
		name.len++;
	}
	return name;
}

static const char *read_part(struct form *form, struct str part, char **to,
			     struct form_field *field)
{
	struct head head = {.has_name = false};
	struct str lines, line;

	if (!cut_at(&part, STR_LIT(CRLF CRLF), &lines))
		return "no empty line behind its head";
	lines.len += strlen(CRLF); /* the end of its last line */
	if (lines.len + strlen(CRLF) > REQUEST_PART_HEAD_MAX_BYTES)
		return "a head that is too long";
	while (cut_at(&lines, STR_LIT(CRLF), &line)) {
		const char *fault = read_header(&head, line);

		if (fault)
			return fault;
	}
	if (head.has_file) {
		form->detail = "A part of the form is a file. Send text fields "
			       "alone.";
		return "a file";
	}
	if (!head.has_name)
		return "no name";
	*field = (struct form_field){.name = head.name.value,
				     .value = part,
				     .type = FORM_TEXT};
	if (head.name.is_quoted)
		field->name = decode_name(head.name.value, to);
	return NULL;
}

/* --- the body ------------------------------------------------------------- */

/* Cut off the part after a boundary, with the next boundary, and read it. */
static const char *cut_field(struct form *form, struct str *text,
			     struct str delimiter, char **to,
			     struct form_field *field)
{
	struct str part;

	(void)cut_all(text, is_blank); /* transport padding */
	if (!str_starts(*text, CRLF))
		return "a boundary with more behind it";
	if (!cut_at(text, delimiter, &part))
		return "no boundary behind it";
	if (!cut_word(&part, CRLF))
		return "no head";
	return read_part(form, part, to, field);
}

enum cf_status multipart_parse(struct form *form, struct str text,
			       struct str boundary, struct cf_error *err)
{
	char line[sizeof(CRLF "--") + REQUEST_BOUNDARY_MAX_BYTES];
	struct str delimiter = {line, strlen(CRLF "--") + boundary.len};
	/* a decoded name is never longer */
	char *to = arena_alloc(form->arena, text.len + 1);
	const char *fault = NULL;
	enum cf_status rc = CF_OK;
	struct str before;

	if (!to)
		return cf_fail(err, CF_NOMEM, "no room for %zu bytes of names",
			       text.len);
	memcpy(line, CRLF "--", strlen(CRLF "--"));
	memcpy(line + strlen(CRLF "--"), boundary.ptr, boundary.len);
	line[delimiter.len] = '\0';
	/* the first boundary begins the body, or a line after other text */
	if (!cut_word(&text, line + strlen(CRLF)) &&
	    !cut_at(&text, delimiter, &before))
		return cf_fail(err, CF_BAD_INPUT,
			       "a body of several parts without its boundary");
	while (!rc && !fault && !cut_word(&text, "--")) {
		struct form_field field;

		fault = cut_field(form, &text, delimiter, &to, &field);
		if (!fault)
			rc = form_add(form, field, err);
	}
	(void)cut_all(&text, is_blank);
	if (!rc && !fault && text.len && !cut_word(&text, CRLF))
		fault = "a boundary with more behind it";
	if (fault)
		rc = cf_fail(err, CF_BAD_INPUT, "part %zu of the body: %s",
			     form->n_fields + 1, fault);
	return rc;
}
