/*
 * Letter shapes for tests: see shapes.h.
 */
#include "base/base.h"
#include "tests/support/shapes.h"

#include "base/mem.h"
#include "base/text.h"
#include "tests/support/picture.h"

struct glyph_set shapes_set(const char *text)
{
	static uint32_t chars[128];
	struct glyph_set set = {chars, 0};

	for (uint32_t c = 1; c < CF_ARRAY_LEN(chars); c++)
		if (strchr(text, (int)c))
			chars[set.n++] = c;
	return set;
}

struct font_list shapes_list(const char *names)
{
	struct font_list list = {.n = 0};
	struct str rest = str_from(names);

	while (rest.len) {
		struct str name = text_cut(&rest, ' ');
		char file[100];

		(void)snprintf(file, sizeof(file), "%.*s", (int)name.len,
			       name.ptr);
		list.fonts[list.n++].name =
			mem_strdup(MEM_FONT, data_path(file));
	}
	return list;
}

struct glyphs *shapes_load(const char *text, const char *names)
{
	struct glyph_set set = shapes_set(text);
	struct font_list list = shapes_list(names);
	struct cf_error err = CF_ERROR_INIT;
	struct glyphs *glyphs;

	if (glyphs_load(&glyphs, &list, true, set, set, 200, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		abort();
	}
	font_list_release(&list);
	return glyphs;
}
