/*
 * See fastcgi_events.h.
 */
#include "base/base.h"
#include "tests/fuzz/fastcgi_events.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/records.h"

enum { TEXT_MAX_BYTES = 4 * 1024 * 1024 };

void events_init(struct events *events, bool is_loose)
{
	*events = (struct events){.is_loose = is_loose};
	buf_init(&events->text, TEXT_MAX_BYTES);
	buf_init(&events->rest, TEXT_MAX_BYTES);
}

void events_release(struct events *events)
{
	buf_release(&events->text);
	buf_release(&events->rest);
}

/* Add the names of pairs. Lengths have one byte: no known name is longer. */
static void add_names(struct buf *text, struct str content)
{
	while (content.len) {
		size_t name_bytes = (unsigned char)content.ptr[0], n;

		FUZZ_CHECK(content.len >= 2);
		n = 2 + name_bytes + (unsigned char)content.ptr[1];
		FUZZ_CHECK(n <= content.len);
		buf_add(text, content.ptr + 2, name_bytes);
		buf_add_char(text, ' ');
		content.ptr += n;
		content.len -= n;
	}
}

void events_add(struct events *events, unsigned type, unsigned id,
		struct str content)
{
	bool is_text = type == REC_STDOUT && content.len;

	if (!is_text || events->stdout_id != id)
		buf_addf(&events->text, "<%u %u>", type, id);
	if (type == REC_VALUES && events->is_loose)
		add_names(&events->text, content);
	else
		buf_add(&events->text, content.ptr, content.len);
	events->stdout_id = is_text ? id : 0;
	FUZZ_CHECK(!buf_status(&events->text, NULL));
}

static void check_record(const struct events *events, const uint8_t *head,
			 size_t n)
{
	unsigned type = head[1];
	bool is_of_request = type == REC_END || type == REC_STDOUT;

	FUZZ_CHECK(head[0] == 1 && !head[7]);
	FUZZ_CHECK(is_of_request || type == REC_VALUES || type == REC_UNKNOWN);
	FUZZ_CHECK(is_of_request == (head[2] || head[3]));
	FUZZ_CHECK(n == 8 || (type != REC_END && type != REC_UNKNOWN));
	for (size_t i = 0; i < head[6] && !events->is_loose; i++)
		FUZZ_CHECK(!head[8 + n + i]);
}

void events_take(struct events *events, struct str bytes)
{
	struct buf *rest = &events->rest;
	size_t at = 0;

	buf_add(rest, bytes.ptr, bytes.len);
	FUZZ_CHECK(!buf_status(rest, NULL));
	while (rest->len - at >= 8) {
		const uint8_t *head = (const uint8_t *)rest->ptr + at;
		size_t n = head[4] * 256U + head[5];

		if (rest->len - at < 8 + n + head[6])
			break;
		check_record(events, head, n);
		events_add(events, head[1], head[2] * 256U + head[3],
			   (struct str){(const char *)head + 8, n});
		at += 8 + n + head[6];
	}
	if (at) {
		memmove(rest->ptr, rest->ptr + at, rest->len - at);
		buf_truncate(rest, rest->len - at);
	}
}
