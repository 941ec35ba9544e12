/*
 * Letter shapes for tests, of the faces in tests/data.
 */
#ifndef CF_TESTS_SUPPORT_SHAPES_H
#define CF_TESTS_SUPPORT_SHAPES_H

#include "image/glyph.h"

/* The ASCII characters of a text, sorted; borrowed until the next call. */
struct glyph_set shapes_set(const char *text);

/* Font files of tests/data, separated by spaces; font_list_release(). */
struct font_list shapes_list(const char *names);

/* The shapes of a text in such files, fine enough for 200 px; glyphs_free().
 * Aborts when they cannot be read. */
struct glyphs *shapes_load(const char *text, const char *names);

#endif
