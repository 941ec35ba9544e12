/*
 * See lines.h.
 */
#include "base/base.h"
#include "tests/fuzz/lines.h"

#include "base/text.h"

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

struct lines_variable lines_variable(char letter, struct str line)
{
	struct lines_variable variable = {.has_long_lengths = letter == 'N'};
	struct str text = lines_text(line);

	if (letter == 'L') {
		variable.name.len = lines_number(&line, LINES_LONG_BYTES);
		variable.value.len = lines_number(&line, LINES_LONG_BYTES);
		variable.name.ptr = variable.value.ptr = lines_long();
		return variable;
	}
	variable.name = text_cut(&text, '=');
	variable.value = text;
	return variable;
}
