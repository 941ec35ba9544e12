/*
 * Fonts: lists of font files and of faces that are compiled into the program
 * (fonts/README.md).
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_FONT_H
#define CF_IMAGE_FONT_H

#include "base/status.h"

enum {
	FONT_FACES_MAX = 64,	/* of a `fonts` setting */
	FONT_DEFAULT_FACES = 8, /* at most, of those the system has */
	FONT_PATH_BYTES = 1024, /* of one path, with its NUL */
};

/* A compiled-in face. script/embed makes it from a file of fonts/. */
struct font_embedded {
	const char *name; /* of the file */
	const char *bytes;
	size_t len;
};
extern const struct font_embedded font_embedded[];
extern const size_t font_embedded_len;

struct font {
	char *name;	   /* owned; the path, or "built-in:" and a name */
	const char *bytes; /* of a built-in face, static; NULL for a file */
	size_t len;
};

/* Invariant: n <= FONT_FACES_MAX. */
struct font_list {
	struct font fonts[FONT_FACES_MAX];
	size_t n;
};

/*
 * The files that a setting names.
 *
 * fonts    files and directories, colon-separated. A directory stands for its
 *          .ttf, .otf and .ttc files in the order of their names, without
 *          those of directories below it
 * out      empty on entry; font_list_release() in any case
 * returns  CF_OK and at least one path; CF_FONT, err names what is missing;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status font_list_named(struct font_list *out, const char *fonts,
			       struct cf_error *err);

/* Where to look when no file is named: fonts installed for this program, the
 * built-in ones (Latin, many with Greek and Cyrillic), and the system's fonts
 * for alphabets and for Chinese. */
enum font_place { FONT_OWN, FONT_BUILT_IN, FONT_ALPHABETIC, FONT_HAN };

/*
 * The fonts of a place; there may be none.
 *
 * out      empty on entry; font_list_release() in any case
 * returns  CF_OK; CF_FONT; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status font_list_find(struct font_list *out, enum font_place place,
			      struct cf_error *err);

void font_list_drop(struct font_list *list, size_t i);
void font_list_release(struct font_list *list);

/* A character for a message: itself, and its number. */
struct font_char {
	char text[24];
};
struct font_char font_name_char(uint32_t c);

/* Fail with CF_FONT: no face of any place has c. err says where the program
 * looked and what to install. */
enum cf_status font_none_has(uint32_t c, struct cf_error *err);

#endif
