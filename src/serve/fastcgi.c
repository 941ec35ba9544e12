/*
 * Records into requests, answers into records: see fastcgi.h. A fault sets
 * FASTCGI_BROKEN, or `fault` if the request can still be answered.
 */
#include "base/base.h"
#include "serve/fastcgi.h"

/* FastCGI Specification, 8: types of records, roles, statuses, flags */
enum {
	VERSION_1 = 1,
	TYPE_BEGIN_REQUEST = 1,
	TYPE_ABORT_REQUEST = 2,
	TYPE_END_REQUEST = 3,
	TYPE_PARAMS = 4,
	TYPE_STDIN = 5,
	TYPE_STDOUT = 6,
	TYPE_GET_VALUES = 9,
	TYPE_GET_VALUES_RESULT = 10,
	TYPE_UNKNOWN_TYPE = 11,
	ROLE_RESPONDER = 1,
	STATUS_REQUEST_COMPLETE = 0,
	STATUS_CANT_MPX_CONN = 1,
	STATUS_UNKNOWN_ROLE = 3,
	FLAG_KEEP_CONN = 1,
	HEAD_BYTES = 8,
	BODY_BYTES = 8, /* of BEGIN_REQUEST, END_REQUEST and UNKNOWN_TYPE */
};

/* What FCGI_GET_VALUES may ask for, as pairs. */
static const struct str values[] = {
	STR_LIT("\016\003FCGI_MAX_CONNS128"),
	STR_LIT("\015\003FCGI_MAX_REQS128"),
	STR_LIT("\017\001FCGI_MPXS_CONNS0"),
};
_Static_assert(FASTCGI_CONNECTIONS_MAX == 128, "values has it as text");

size_t fastcgi_memory_bytes(const struct fastcgi_setup *setup)
{
	return FASTCGI_KEPT_MAX_BYTES + setup->body_max_bytes + 1;
}

void fastcgi_init(struct fastcgi *c, const struct fastcgi_setup *setup,
		  char *memory)
{
	*c = (struct fastcgi){
		.setup = setup,
		.kept = memory,
		.body = memory + FASTCGI_KEPT_MAX_BYTES,
	};
}

void fastcgi_open(struct fastcgi *c)
{
	c->state = FASTCGI_IDLE;
	c->n_head = 0;
	c->n_content_left = c->n_padding_left = 0;
	c->n_strays = 0;
	c->has_told_values = false;
	c->n_notes = 0;
}

/* --- what is sent --------------------------------------------------------- */

static void put_head(uint8_t out[HEAD_BYTES], int type, unsigned id,
		     size_t content_bytes, size_t padding_bytes)
{
	out[0] = VERSION_1;
	out[1] = (uint8_t)type;
	out[2] = (uint8_t)(id >> 8);
	out[3] = (uint8_t)id;
	out[4] = (uint8_t)(content_bytes >> 8);
	out[5] = (uint8_t)content_bytes;
	out[6] = (uint8_t)padding_bytes;
	out[7] = 0;
}

static void put_end(uint8_t out[HEAD_BYTES + BODY_BYTES], unsigned id,
		    int status)
{
	put_head(out, TYPE_END_REQUEST, id, BODY_BYTES, 0);
	memset(out + HEAD_BYTES, 0, BODY_BYTES);
	out[HEAD_BYTES + 4] = (uint8_t)status;
}

static void add_note(struct fastcgi *c, const uint8_t *bytes, size_t n)
{
	if (n > sizeof(c->notes) - c->n_notes) {
		c->state = FASTCGI_BROKEN;
		return;
	}
	memcpy(c->notes + c->n_notes, bytes, n);
	c->n_notes += n;
}

static void note_end(struct fastcgi *c, unsigned id, int status)
{
	uint8_t bytes[HEAD_BYTES + BODY_BYTES];

	put_end(bytes, id, status);
	add_note(c, bytes, sizeof(bytes));
}

static void note_unknown_type(struct fastcgi *c, uint8_t type)
{
	uint8_t bytes[HEAD_BYTES + BODY_BYTES] = {0};

	put_head(bytes, TYPE_UNKNOWN_TYPE, 0, BODY_BYTES, 0);
	bytes[HEAD_BYTES] = type;
	add_note(c, bytes, sizeof(bytes));
}

static void note_values(struct fastcgi *c)
{
	uint8_t bytes[HEAD_BYTES + 64] = {0}; /* with zeroed padding */
	size_t n = 0, n_padding;

	for (size_t i = 0; i < CF_ARRAY_LEN(values); i++) {
		if (!(c->values_asked & 1U << i))
			continue;
		assert(n + values[i].len <= 64);
		memcpy(bytes + HEAD_BYTES + n, values[i].ptr, values[i].len);
		n += values[i].len;
	}
	n_padding = (8 - n % 8) % 8;
	put_head(bytes, TYPE_GET_VALUES_RESULT, 0, n, n_padding);
	add_note(c, bytes, HEAD_BYTES + n + n_padding);
}

/* --- name-value pairs ----------------------------------------------------- */

/* Read one byte of a length (3.4): one byte, or four of which the first has
 * its highest bit set. True when the length is complete. */
static bool take_length(struct fastcgi_pairs *pairs, uint32_t *length,
			uint8_t byte)
{
	if (!pairs->n_length_bytes) {
		*length = byte & 0x7f;
		if (byte == *length)
			return true;
		pairs->n_length_bytes = 3;
		return false;
	}
	*length = *length << 8 | byte;
	return --pairs->n_length_bytes == 0;
}

static void begin_pairs(struct fastcgi_pairs *pairs)
{
	pairs->phase = PAIRS_NAME_LENGTH;
	pairs->n_length_bytes = 0;
}

/* Whether the stream may end here. */
static bool is_between_pairs(const struct fastcgi_pairs *pairs)
{
	return pairs->phase == PAIRS_NAME_LENGTH && !pairs->n_length_bytes;
}

/* Read lengths; true when both of a pair are complete. */
static bool take_lengths(struct fastcgi_pairs *pairs, const char **ptr,
			 size_t *n)
{
	while (*n) {
		bool is_value = pairs->phase == PAIRS_VALUE_LENGTH;
		uint32_t *length = is_value ? &pairs->value_bytes
					    : &pairs->name_bytes;
		uint8_t byte = (uint8_t)**ptr;

		(*ptr)++;
		(*n)--;
		if (!take_length(pairs, length, byte))
			continue;
		if (is_value)
			return true;
		pairs->phase = PAIRS_VALUE_LENGTH;
	}
	return false;
}

/* Read on in a name or value, at most to its end. */
static struct str take_text(struct fastcgi_pairs *pairs, const char **ptr,
			    size_t *n)
{
	struct str text = {*ptr, *n < pairs->n_left ? *n : pairs->n_left};

	*ptr += text.len;
	*n -= text.len;
	pairs->n_left -= (uint32_t)text.len;
	return text;
}

/* --- variables ------------------------------------------------------------ */

static void refuse(struct fastcgi *c, const char *why)
{
	if (!c->fault)
		c->fault = why;
	c->is_wanted = false;
}

static void keep(struct fastcgi *c, const char *ptr, size_t n)
{
	if (!c->is_wanted)
		return;
	/* and a NUL */
	if (n >= FASTCGI_KEPT_MAX_BYTES - c->n_kept) {
		refuse(c, "The headers of the request are too long.");
		return;
	}
	memcpy(c->kept + c->n_kept, ptr, n);
	c->n_kept += n;
}

static void begin_variable(struct fastcgi *c)
{
	const struct fastcgi_pairs *pairs = &c->variables;
	uint64_t n_bytes = (uint64_t)pairs->name_bytes + pairs->value_bytes;

	c->n_variables++;
	c->is_wanted = pairs->name_bytes <= FASTCGI_NAME_MAX_BYTES;
	c->kept_before = c->n_kept;
	if (n_bytes > FASTCGI_VARIABLES_MAX_BYTES - c->n_variable_bytes) {
		n_bytes = FASTCGI_VARIABLES_MAX_BYTES - c->n_variable_bytes;
		refuse(c, "The headers of the request are too long.");
	}
	c->n_variable_bytes += (size_t)n_bytes;
	if (c->n_variables > FASTCGI_VARIABLES_MAX)
		refuse(c, "The request has too many headers.");
	if (c->fault)
		c->is_wanted = false;
}

static void end_name(struct fastcgi *c)
{
	struct str name = {c->variables.name, c->variables.name_bytes};

	if (!c->is_wanted)
		return;
	c->is_wanted = c->setup->wants(name);
	keep(c, name.ptr, name.len);
	keep(c, "=", 1);
}

static void take_value(struct fastcgi *c, struct str text)
{
	if (c->is_wanted && text.len && memchr(text.ptr, '\0', text.len))
		refuse(c, "A variable of the request has a NUL byte.");
	keep(c, text.ptr, text.len);
}

static void end_value(struct fastcgi *c)
{
	if (c->is_wanted)
		c->kept[c->n_kept++] = '\0';
	else
		c->n_kept = c->kept_before;
}

static void check_value_name(struct fastcgi *c)
{
	size_t n = c->values.name_bytes;

	for (size_t i = 0; i < CF_ARRAY_LEN(values); i++)
		if (n == (size_t)values[i].ptr[0] &&
		    !memcmp(c->values.name, values[i].ptr + 2, n))
			c->values_asked |= 1U << i;
}

/* Read on in a name; true when it is complete. */
static bool take_name(struct fastcgi *c, struct fastcgi_pairs *pairs,
		      const char **ptr, size_t *n)
{
	size_t at = pairs->name_bytes - pairs->n_left;
	struct str text = take_text(pairs, ptr, n);

	/* as "NAME=value" it would be another variable */
	if (pairs == &c->variables && text.len &&
	    (memchr(text.ptr, '\0', text.len) ||
	     memchr(text.ptr, '=', text.len)))
		refuse(c, "A variable of the request has a malformed name.");
	if (pairs->name_bytes <= sizeof(pairs->name))
		memcpy(pairs->name + at, text.ptr, text.len);
	return !pairs->n_left;
}

/* Read on in the pairs of FCGI_PARAMS or FCGI_GET_VALUES. */
static void take_pairs(struct fastcgi *c, struct fastcgi_pairs *pairs,
		       const char *ptr, size_t n)
{
	bool are_variables = pairs == &c->variables;

	for (;;) {
		struct str text;

		if (pairs->phase <= PAIRS_VALUE_LENGTH) {
			if (!take_lengths(pairs, &ptr, &n))
				return;
			if (are_variables)
				begin_variable(c);
			pairs->phase = PAIRS_NAME;
			pairs->n_left = pairs->name_bytes;
		}
		if (pairs->phase == PAIRS_NAME) {
			if (!take_name(c, pairs, &ptr, &n))
				return;
			if (are_variables)
				end_name(c);
			else
				check_value_name(c);
			pairs->phase = PAIRS_VALUE;
			pairs->n_left = pairs->value_bytes;
		}
		text = take_text(pairs, &ptr, &n);
		if (are_variables)
			take_value(c, text);
		if (pairs->n_left)
			return;
		if (are_variables)
			end_value(c);
		pairs->phase = PAIRS_NAME_LENGTH;
	}
}

/* --- requests ------------------------------------------------------------- */

/* The request is answered, aborted or refused. The connection can be used
 * again only if the request was read to its end: then the next bytes cannot
 * belong to its body. */
static void end_request(struct fastcgi *c)
{
	c->state = c->is_kept && c->is_at_end ? FASTCGI_IDLE
					      : FASTCGI_LINGERING;
}

static void begin_request(struct fastcgi *c)
{
	c->state = FASTCGI_READING;
	c->id = (uint16_t)(c->head[2] << 8 | c->head[3]);
	c->role = (unsigned)(c->begin[0] << 8 | c->begin[1]);
	c->is_kept = c->begin[2] & FLAG_KEEP_CONN;
	c->has_variables = c->is_at_end = false;
	begin_pairs(&c->variables);
	c->n_variables = c->n_variable_bytes = 0;
	c->n_kept = 0;
	c->n_body = c->n_body_taken = 0;
	c->n_body_bytes = c->n_bytes = 0;
	c->fault = NULL;
	c->n_strays = 0;
	c->has_told_values = false;
	if (c->role != ROLE_RESPONDER) {
		end_request(c);
		note_end(c, c->id, STATUS_UNKNOWN_ROLE);
	}
}

static void take_body(struct fastcgi *c, const char *ptr, size_t n)
{
	size_t n_free = c->setup->body_max_bytes + 1 - c->n_body;

	c->n_body_bytes += (int64_t)n;
	if (n > n_free)
		n = n_free;
	memcpy(c->body + c->n_body, ptr, n);
	c->n_body += n;
}

/* Answer a request beyond FASTCGI_SKIP_MAX_BYTES before its end. */
static void bound_request(struct fastcgi *c, size_t n)
{
	c->n_bytes += (int64_t)n;
	if (c->n_bytes > FASTCGI_VARIABLES_MAX_BYTES + FASTCGI_SKIP_MAX_BYTES +
				 (int64_t)c->setup->body_max_bytes) {
		if (!c->has_variables)
			refuse(c, "The headers of the request are too long.");
		c->state = FASTCGI_READY;
	}
}

/* --- records -------------------------------------------------------------- */

static void begin_stray(struct fastcgi *c)
{
	c->content = CONTENT_SKIPPED;
	if (++c->n_strays > FASTCGI_STRAYS_MAX)
		c->state = FASTCGI_BROKEN;
}

static void begin_management(struct fastcgi *c, uint8_t type)
{
	begin_stray(c);
	if (c->state == FASTCGI_BROKEN)
		return;
	if (type != TYPE_GET_VALUES) {
		note_unknown_type(c, type);
	} else if (!c->has_told_values) {
		c->has_told_values = true;
		begin_pairs(&c->values);
		c->values_asked = 0;
		c->content = CONTENT_VALUES;
	}
}

static void begin_begin(struct fastcgi *c, unsigned id, bool has_request)
{
	if (c->n_content_left != BODY_BYTES || (has_request && id == c->id)) {
		c->state = FASTCGI_BROKEN;
		return;
	}
	if (has_request) {
		begin_stray(c);
		if (c->state != FASTCGI_BROKEN)
			note_end(c, id, STATUS_CANT_MPX_CONN);
		return;
	}
	c->content = CONTENT_BEGIN;
	c->n_begin = 0;
}

/* A record of FCGI_PARAMS or FCGI_STDIN: all of the one comes before the
 * other. */
static void begin_stream(struct fastcgi *c, uint8_t type)
{
	bool is_variables = type == TYPE_PARAMS;

	if (c->state == FASTCGI_READY) {
		begin_stray(c); /* as after the answer */
		return;
	}
	if (is_variables == c->has_variables) {
		c->state = FASTCGI_BROKEN;
		return;
	}
	c->content = is_variables ? CONTENT_VARIABLES : CONTENT_BODY;
	if (c->n_content_left)
		return;
	if (!is_variables) {
		c->is_at_end = true;
	} else if (is_between_pairs(&c->variables)) {
		c->has_variables = true;
	} else {
		c->state = FASTCGI_BROKEN; /* the stream ends within a pair */
	}
}

static void abort_request(struct fastcgi *c)
{
	end_request(c);
	note_end(c, c->id, STATUS_REQUEST_COMPLETE);
}

static void begin_record(struct fastcgi *c)
{
	uint8_t type = c->head[1];
	unsigned id = (unsigned)(c->head[2] << 8 | c->head[3]);
	bool has_request = c->state == FASTCGI_READING ||
			   c->state == FASTCGI_READY;

	c->n_content_left = (size_t)(c->head[4] << 8 | c->head[5]);
	c->n_padding_left = c->head[6];
	c->content = CONTENT_SKIPPED;
	if (c->head[0] != VERSION_1)
		c->state = FASTCGI_BROKEN;
	else if (!id)
		begin_management(c, type);
	else if (type == TYPE_BEGIN_REQUEST)
		begin_begin(c, id, has_request);
	else if (!has_request || id != c->id)
		begin_stray(c); /* ignored: 3.3 */
	else if (type == TYPE_PARAMS || type == TYPE_STDIN)
		begin_stream(c, type);
	else if (type == TYPE_ABORT_REQUEST)
		abort_request(c);
	else
		begin_stray(c);
}

static void take_content(struct fastcgi *c, const char *ptr, size_t n)
{
	switch (c->content) {
	case CONTENT_BEGIN:
		memcpy(c->begin + c->n_begin, ptr, n);
		c->n_begin += n;
		break;
	case CONTENT_VARIABLES:
		take_pairs(c, &c->variables, ptr, n);
		bound_request(c, n);
		break;
	case CONTENT_BODY:
		take_body(c, ptr, n);
		bound_request(c, n);
		break;
	case CONTENT_VALUES:
		take_pairs(c, &c->values, ptr, n);
		break;
	case CONTENT_SKIPPED:
		break;
	}
}

/* The content is complete; padding may follow. */
static void end_content(struct fastcgi *c)
{
	if (c->content == CONTENT_BEGIN)
		begin_request(c);
	else if (c->content != CONTENT_VALUES)
		return;
	else if (is_between_pairs(&c->values))
		note_values(c);
	else
		c->state = FASTCGI_BROKEN;
}

/* The padding is complete, too. The request is not ready sooner: closing a
 * socket with unread bytes resets the connection, and the answer may be
 * lost. */
static void end_record(struct fastcgi *c)
{
	c->n_head = 0;
	if (c->state == FASTCGI_READING && c->is_at_end)
		c->state = FASTCGI_READY;
}

/* Read on in the head of the record; true when it is complete. */
static bool take_head(struct fastcgi *c, const char **ptr, size_t *n)
{
	size_t part = HEAD_BYTES - c->n_head;

	if (part > *n)
		part = *n;
	memcpy(c->head + c->n_head, *ptr, part);
	c->n_head += part;
	*ptr += part;
	*n -= part;
	return c->n_head == HEAD_BYTES;
}

static bool is_over(const struct fastcgi *c)
{
	return c->state == FASTCGI_LINGERING || c->state == FASTCGI_BROKEN ||
	       (c->state == FASTCGI_READY && !c->is_at_end);
}

void fastcgi_feed(struct fastcgi *c, const char *ptr, size_t n)
{
	while (n && !is_over(c)) {
		size_t part;

		if (c->n_head < HEAD_BYTES) {
			if (!take_head(c, &ptr, &n))
				return;
			begin_record(c);
			if (!c->n_content_left && !is_over(c))
				end_content(c);
		} else if (c->n_content_left) {
			part = n < c->n_content_left ? n : c->n_content_left;
			c->n_content_left -= part;
			take_content(c, ptr, part);
			ptr += part;
			n -= part;
			if (!c->n_content_left && !is_over(c))
				end_content(c);
		} else {
			part = n < c->n_padding_left ? n : c->n_padding_left;
			c->n_padding_left -= part;
			ptr += part;
			n -= part;
		}
		if (!c->n_content_left && !c->n_padding_left &&
		    c->n_head == HEAD_BYTES)
			end_record(c);
	}
}

bool fastcgi_is_under_way(const struct fastcgi *c)
{
	return c->state != FASTCGI_IDLE || c->n_head;
}

bool fastcgi_is_responder(const struct fastcgi *c)
{
	return c->role == ROLE_RESPONDER;
}

/* --- the request and its answer ------------------------------------------- */

void fastcgi_variables(const struct fastcgi *c, char **envp)
{
	/* none if the request was answered before their end */
	size_t end = c->has_variables ? c->n_kept : 0;

	for (size_t at = 0; at < end; at += strlen(c->kept + at) + 1)
		*envp++ = c->kept + at;
	*envp = NULL;
}

ptrdiff_t fastcgi_read_body(void *ctx, char *ptr, size_t n)
{
	struct fastcgi *c = ctx;
	size_t n_left = c->n_body - c->n_body_taken;

	if (n > n_left)
		n = n_left;
	memcpy(ptr, c->body + c->n_body_taken, n);
	c->n_body_taken += n;
	return (ptrdiff_t)n;
}

int64_t fastcgi_body_bytes(const struct fastcgi *c)
{
	return c->is_at_end ? c->n_body_bytes : -1;
}

static void add_piece(struct fastcgi_answer *out, const void *ptr, size_t n)
{
	if (!n)
		return;
	assert(out->n_iov < FASTCGI_IOV_MAX);
	/* writev(2) does not write there */
	out->iov[out->n_iov++] =
		(struct iovec){(void *)(uintptr_t)ptr, n};
	out->n_bytes += n;
}

/* Move up to n bytes of text into out. */
static size_t add_part(struct fastcgi_answer *out, struct str *text, size_t n)
{
	if (n > text->len)
		n = text->len;
	if (!n)
		return 0; /* text.ptr may be NULL: add nothing to it */
	add_piece(out, text->ptr, n);
	text->ptr += n;
	text->len -= n;
	return n;
}

void fastcgi_answer(struct fastcgi *c, struct str head, struct str body,
		    struct fastcgi_answer *out)
{
	assert(head.len + body.len <= FASTCGI_ANSWER_MAX_BYTES);
	out->n_iov = 0;
	out->n_bytes = 0;
	add_piece(out, c->notes, c->n_notes);
	for (size_t i = 0; head.len + body.len; i++) {
		size_t n = head.len + body.len;

		if (n > FASTCGI_RECORD_MAX_BYTES)
			n = FASTCGI_RECORD_MAX_BYTES;
		put_head(out->heads[i], TYPE_STDOUT, c->id, n, 0);
		add_piece(out, out->heads[i], HEAD_BYTES);
		n -= add_part(out, &head, n);
		(void)add_part(out, &body, n);
	}
	put_head(out->end, TYPE_STDOUT, c->id, 0, 0);
	put_end(out->end + HEAD_BYTES, c->id, STATUS_REQUEST_COMPLETE);
	add_piece(out, out->end, sizeof(out->end));
	end_request(c);
}
