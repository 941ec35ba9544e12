/*
 * See lines.h.
 */
#include "base/base.h"
#include "tests/support/lines.h"

#include "base/text.h"
#include "tests/support/records.h"

size_t lines_number(struct str *line, size_t max)
{
	size_t n = 0;

	while (line->len && *line->ptr == ' ')
		*line = (struct str){line->ptr + 1, line->len - 1};
	while (line->len && *line->ptr >= '0' && *line->ptr <= '9') {
		n = n * 10 + (size_t)(*line->ptr - '0');
		n = n < max ? n : max;
		*line = (struct str){line->ptr + 1, line->len - 1};
	}
	return n;
}

struct str lines_text(struct str line)
{
	if (line.len && *line.ptr == ' ')
		return (struct str){line.ptr + 1, line.len - 1};
	return line;
}

const char *lines_long(void)
{
	static char bytes[LINES_LONG_BYTES];

	if (!bytes[0])
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (char)('A' + i % 23);
	return bytes;
}

struct lines_pair lines_pair(char letter, struct str line)
{
	struct lines_pair pair = {.has_long_lengths = letter == 'N'};
	struct str text = lines_text(line);

	if (letter == 'L') {
		pair.name.len = lines_number(&line, LINES_LONG_BYTES);
		pair.value.len = lines_number(&line, LINES_LONG_BYTES);
		pair.name.ptr = pair.value.ptr = lines_long();
		return pair;
	}
	pair.name = text_cut(&text, '=');
	pair.value = text;
	return pair;
}

/* Records that are made. */
struct out {
	struct buf *records;
	size_t n_padding; /* of the next one */
};

static void add(struct out *out, size_t type, size_t id, struct str content)
{
	size_t max = REC_CONTENT_MAX_BYTES;
	size_t first = content.len < max ? content.len : max;

	rec_add(out->records, (int)type, (unsigned)id, content.ptr, first,
		out->n_padding);
	out->n_padding = 0;
	if (content.len > first)
		rec_pieces(out->records, (int)type, (unsigned)id,
			   content.ptr + first, content.len - first, max, 0);
}

static void add_begin(struct out *out, size_t id, struct str line)
{
	size_t flags = line.len ? lines_number(&line, 255) : 1;
	size_t role = line.len ? lines_number(&line, 0xffff) : 1;
	const char content[8] = {(char)(role >> 8), (char)role, (char)flags};

	add(out, REC_BEGIN, id, (struct str){content, sizeof(content)});
}

static void add_pair(struct out *out, char letter, size_t id, struct str line)
{
	struct lines_pair pair = lines_pair(letter, line);
	struct buf bytes;

	buf_init(&bytes, 2 * LINES_LONG_BYTES + 8);
	rec_pair(&bytes, pair.name, pair.value, pair.has_long_lengths);
	add(out, REC_PARAMS, id, (struct str){bytes.ptr, bytes.len});
	buf_release(&bytes);
}

static void add_values(struct out *out, struct str names)
{
	struct buf pairs;

	buf_init(&pairs, REC_CONTENT_MAX_BYTES);
	while (names.len)
		rec_pair(&pairs, text_cut(&names, ' '), (struct str)STR_INIT,
			 false);
	if (!buf_status(&pairs, NULL))
		add(out, REC_GET_VALUES, 0, (struct str){pairs.ptr, pairs.len});
	buf_release(&pairs);
}

static void add_request(struct out *out, size_t id, struct str line)
{
	add_begin(out, id, (struct str)STR_INIT);
	add_pair(out, 'n', id, line);
	add(out, REC_PARAMS, id, (struct str)STR_INIT);
	add(out, REC_STDIN, id, (struct str)STR_INIT);
}

/* A record of a request. */
static void add_of_request(struct out *out, char letter, size_t id,
			   struct str line)
{
	switch (letter) {
	case 'a':
		add(out, REC_ABORT, id, (struct str)STR_INIT);
		break;
	case 'b':
		add_begin(out, id, line);
		break;
	case 'n':
	case 'N':
	case 'L':
		add_pair(out, letter, id, line);
		break;
	case 'P':
	case 'p':
		add(out, REC_PARAMS, id, lines_text(line));
		break;
	case 'd':
	case 'e':
		add(out, REC_STDIN, id, lines_text(line));
		break;
	case 'D':
		add(out, REC_STDIN, id,
		    (struct str){lines_long(),
				 lines_number(&line, LINES_LONG_BYTES)});
		break;
	case 'o':
		add_request(out, id, line);
		break;
	default:
		break;
	}
}

void lines_add(struct buf *records, struct str line, size_t n_padding)
{
	char letter = line.len ? line.ptr[0] : '\0';
	struct out out = {records, n_padding};
	size_t type = 0, id;

	if (!line.len)
		return;
	line = (struct str){line.ptr + 1, line.len - 1};
	if (letter == 'g') {
		add_values(&out, lines_text(line));
		return;
	}
	if (letter == 'x') {
		buf_add(records, lines_text(line).ptr, lines_text(line).len);
		return;
	}
	if (letter == 't')
		type = lines_number(&line, 255);
	id = lines_number(&line, 0xffff);
	if (letter == 't')
		add(&out, type, id, lines_text(line));
	else
		add_of_request(&out, letter, id, line);
}
