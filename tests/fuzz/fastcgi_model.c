/*
 * See fastcgi_model.h.
 */
#include "base/base.h"
#include "tests/fuzz/fastcgi_model.h"

#include "serve/fastcgi.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/records.h"

enum {
	TEXT_MAX_BYTES = 4 * 1024 * 1024,
	NOTE_BYTES = 16, /* of a note that does not tell values */
};

/* --- what is sent --------------------------------------------------------- */

static void add_note(struct model *m, size_t n_bytes, unsigned type,
		     unsigned id, struct str content)
{
	m->n_notes += n_bytes;
	if (m->n_notes > FASTCGI_NOTES_BYTES)
		m->state = MODEL_BROKEN;
	else
		events_add(&m->want, type, id, content);
}

static void add_end(struct model *m, unsigned id, char status)
{
	const char content[8] = {0, 0, 0, 0, status};

	add_note(m, NOTE_BYTES, REC_END, id,
		 (struct str){content, sizeof(content)});
}

/* --- name-value pairs ----------------------------------------------------- */

static bool cut_length(struct str *rest, size_t *length)
{
	const unsigned char *b = (const unsigned char *)rest->ptr;
	size_t n = rest->len && b[0] >> 7 ? 4 : 1;

	if (rest->len < n)
		return false;
	*length = n == 1 ? b[0]
			 : (b[0] & 0x7fU) << 24 | (unsigned)b[1] << 16 |
				   (unsigned)b[2] << 8 | b[3];
	rest->ptr += n;
	rest->len -= n;
	return true;
}

static bool cut_text(struct str *rest, size_t n, struct str *text)
{
	if (rest->len < n)
		return false;
	*text = (struct str){rest->ptr, n};
	rest->ptr += n;
	rest->len -= n;
	return true;
}

/* False when the text ends within the pair. */
static bool cut_pair(struct str *rest, struct str *name, struct str *value)
{
	size_t name_bytes, value_bytes;

	return cut_length(rest, &name_bytes) &&
	       cut_length(rest, &value_bytes) &&
	       cut_text(rest, name_bytes, name) &&
	       cut_text(rest, value_bytes, value);
}

static bool are_whole_pairs(struct str text)
{
	struct str name, value;

	while (text.len)
		if (!cut_pair(&text, &name, &value))
			return false;
	return true;
}

static void tell_values(struct model *m, struct str text)
{
	static const char *const answers[] = {
		"\016\003FCGI_MAX_CONNS128",
		"\015\003FCGI_MAX_REQS128",
		"\017\001FCGI_MPXS_CONNS0",
	};
	bool is_asked[CF_ARRAY_LEN(answers)] = {false};
	struct str name, value;
	char content[128];
	size_t n = 0;

	if (!are_whole_pairs(text)) {
		m->state = MODEL_BROKEN;
		return;
	}
	while (text.len && cut_pair(&text, &name, &value))
		for (size_t i = 0; i < CF_ARRAY_LEN(answers); i++)
			if (name.len == (size_t)answers[i][0] &&
			    !memcmp(name.ptr, answers[i] + 2, name.len))
				is_asked[i] = true;
	for (size_t i = 0; i < CF_ARRAY_LEN(answers); i++)
		if (is_asked[i])
			n += (size_t)snprintf(content + n, sizeof(content) - n,
					      "%s", answers[i]);
	add_note(m, 8 + (n + 7) / 8 * 8, REC_VALUES, 0,
		 (struct str){content, n});
}

/* --- records -------------------------------------------------------------- */

static void end_request(struct model *m)
{
	m->state = m->is_kept && m->is_at_end ? MODEL_IDLE : MODEL_OVER;
}

static bool has_request(const struct model *m)
{
	return m->state == MODEL_READING || m->state == MODEL_READY;
}

static void count_stray(struct model *m)
{
	if (++m->n_strays > FASTCGI_STRAYS_MAX)
		m->state = MODEL_BROKEN;
}

static void begin(struct model *m, unsigned id, const unsigned char *content)
{
	m->state = MODEL_READING;
	m->id = id;
	m->is_kept = content[2] & 1;
	m->has_variables = m->is_at_end = false;
	buf_reset(&m->variables);
	buf_reset(&m->body);
	m->n_bytes = 0;
	m->n_strays = 0;
	m->has_told_values = false;
	if (content[0] || content[1] != 1) {
		end_request(m);
		add_end(m, id, 3);
	}
}

static void take_management(struct model *m, unsigned type)
{
	const char content[8] = {(char)type};

	count_stray(m);
	if (m->state != MODEL_BROKEN && type != REC_GET_VALUES)
		add_note(m, NOTE_BYTES, REC_UNKNOWN, 0,
			 (struct str){content, sizeof(content)});
}

static void take_begin_head(struct model *m, unsigned id, size_t n)
{
	if (n != 8 || (has_request(m) && id == m->id)) {
		m->state = MODEL_BROKEN;
	} else if (has_request(m)) {
		count_stray(m);
		if (m->state != MODEL_BROKEN)
			add_end(m, id, 1);
	} else {
		m->begins_request = true;
	}
}

static void take_stream_head(struct model *m, unsigned type, size_t n)
{
	if ((type == REC_PARAMS) == m->has_variables)
		m->state = MODEL_BROKEN;
	else if (n)
		return;
	else if (type == REC_STDIN)
		m->is_at_end = true;
	else if (are_whole_pairs(
			 (struct str){m->variables.ptr, m->variables.len}))
		m->has_variables = true;
	else
		m->state = MODEL_BROKEN;
}

/* Do what the head of a record says, before its content. */
static void take_head(struct model *m, const unsigned char *head, size_t n)
{
	unsigned type = head[1], id = head[2] * 256U + head[3];

	m->begins_request = false;
	if (head[0] != 1) {
		m->state = MODEL_BROKEN;
	} else if (!id) {
		take_management(m, type);
	} else if (type == REC_BEGIN) {
		take_begin_head(m, id, n);
	} else if (!has_request(m) || id != m->id) {
		count_stray(m);
	} else if (type == REC_ABORT) {
		end_request(m);
		add_end(m, id, 0);
	} else if ((type == REC_PARAMS || type == REC_STDIN) &&
		   m->state == MODEL_READING) {
		take_stream_head(m, type, n);
	} else {
		count_stray(m);
	}
}

/* Take the whole content of a record. */
static void take_whole(struct model *m, const unsigned char *head,
		       struct str content)
{
	unsigned type = head[1], id = head[2] * 256U + head[3];

	if (type == REC_GET_VALUES && !id && !m->has_told_values) {
		m->has_told_values = true;
		tell_values(m, content);
	} else if (m->begins_request) {
		begin(m, id, (const unsigned char *)content.ptr);
	}
}

/* Take a part of the content of a record. */
static void take_part(struct model *m, const unsigned char *head,
		      struct str part)
{
	unsigned type = head[1], id = head[2] * 256U + head[3];

	if (m->state != MODEL_READING || id != m->id ||
	    (type != REC_PARAMS && type != REC_STDIN))
		return;
	buf_add(type == REC_PARAMS ? &m->variables : &m->body, part.ptr,
		part.len);
	m->n_bytes += part.len;
	if (m->n_bytes > FASTCGI_VARIABLES_MAX_BYTES + FASTCGI_SKIP_MAX_BYTES +
				 m->body_max_bytes)
		m->state = MODEL_READY;
}

static bool is_over(const struct model *m)
{
	return m->state == MODEL_OVER || m->state == MODEL_BROKEN ||
	       (m->state == MODEL_READY && !m->is_at_end);
}

/* Read on in the record; true when it is complete. */
static bool take_record(struct model *m)
{
	const unsigned char *head =
		(const unsigned char *)m->stream.ptr + m->at;
	const char *content = (const char *)head + 8;
	size_t n_left = m->stream.len - m->at, n, n_come;

	if (n_left < 8)
		return false;
	n_left -= 8;
	n = head[4] * 256U + head[5];
	if (!m->has_head)
		take_head(m, head, n);
	n_come = n_left < n ? n_left : n;
	if (!is_over(m))
		take_part(m, head,
			  (struct str){content + m->n_content,
				       n_come - m->n_content});
	if (!is_over(m) && n_come == n && (!m->has_head || m->n_content < n))
		take_whole(m, head, (struct str){content, n});
	m->has_head = true;
	m->n_content = n_come;
	if (is_over(m) || n_left < n + head[6])
		return false;
	m->at += 8 + n + head[6];
	m->has_head = false;
	m->n_content = 0;
	if (m->state == MODEL_READING && m->is_at_end)
		m->state = MODEL_READY;
	return true;
}

void model_take(struct model *m, struct str piece)
{
	buf_add(&m->stream, piece.ptr, piece.len);
	FUZZ_CHECK(!buf_status(&m->stream, NULL));
	m->n_notes = 0;
	while (!is_over(m) && take_record(m))
		;
}

/* --- connections ---------------------------------------------------------- */

void model_init(struct model *m, size_t body_max_bytes,
		bool (*wants)(struct str name))
{
	*m = (struct model){.body_max_bytes = body_max_bytes, .wants = wants};
	buf_init(&m->stream, TEXT_MAX_BYTES);
	buf_init(&m->variables, TEXT_MAX_BYTES);
	buf_init(&m->body, TEXT_MAX_BYTES);
	events_init(&m->want, false);
}

void model_release(struct model *m)
{
	buf_release(&m->stream);
	buf_release(&m->variables);
	buf_release(&m->body);
	events_release(&m->want);
}

bool model_is_under_way(const struct model *m)
{
	return m->state != MODEL_IDLE || m->at != m->stream.len;
}

/* --- the request ---------------------------------------------------------- */

static bool is_name(struct str name)
{
	return !name.len || (!memchr(name.ptr, '\0', name.len) &&
			     !memchr(name.ptr, '=', name.len));
}

static bool is_line(const char *line, struct str name, struct str value)
{
	return strlen(line) == name.len + 1 + value.len &&
	       !memcmp(line, name.ptr, name.len) && line[name.len] == '=' &&
	       !memcmp(line + name.len + 1, value.ptr, value.len);
}

void model_check_request(const struct model *m, const struct http_input *in)
{
	struct str rest = {m->variables.ptr, m->variables.len};
	size_t n_bytes = 0, n_kept = 0, n = 0;
	char *const *envp = in->envp;
	struct str name, value;
	bool is_refused = !m->has_variables;

	FUZZ_CHECK(m->state == MODEL_READY);
	while (!is_refused && rest.len) {
		FUZZ_CHECK(cut_pair(&rest, &name, &value));
		n_bytes += name.len + value.len;
		is_refused = ++n > FASTCGI_VARIABLES_MAX || !is_name(name) ||
			     n_bytes > FASTCGI_VARIABLES_MAX_BYTES;
		if (is_refused || name.len > FASTCGI_NAME_MAX_BYTES ||
		    !m->wants(name))
			continue;
		n_kept += name.len + 1 + value.len + 1;
		is_refused = n_kept > FASTCGI_KEPT_MAX_BYTES ||
			     (value.len && memchr(value.ptr, '\0', value.len));
		if (!is_refused)
			FUZZ_CHECK(*envp && is_line(*envp++, name, value));
	}
	FUZZ_CHECK(!*envp);
	FUZZ_CHECK(is_refused == !!in->fault);
	FUZZ_CHECK(in->n_body_bytes ==
		   (m->is_at_end ? (int64_t)m->body.len : -1));
}

struct str model_body(const struct model *m)
{
	size_t max = m->body_max_bytes + 1;

	return (struct str){m->body.ptr, m->body.len < max ? m->body.len : max};
}

void model_answer(struct model *m, struct str head, struct str body)
{
	static const char end[8];

	if (head.len)
		events_add(&m->want, REC_STDOUT, m->id, head);
	if (body.len)
		events_add(&m->want, REC_STDOUT, m->id, body);
	events_add(&m->want, REC_STDOUT, m->id, (struct str)STR_INIT);
	events_add(&m->want, REC_END, m->id, (struct str){end, sizeof(end)});
	m->has_served = true;
	end_request(m);
}
