/*
 * Fonts: which ones are to be used, as a list of files and of faces that are
 * compiled into the program (fonts/README.md).
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_FONT_H
#define CF_IMAGE_FONT_H

#include "base/status.h"

enum {
	FONT_FACES_MAX = 64,	/* of a `fonts` setting */
	FONT_DEFAULT_FACES = 8, /* of those found in the usual places */
	FONT_PATH_BYTES = 1024, /* of one path, with its NUL */
};

/* A face of the program, as script/embed makes it of a file of fonts/. */
struct font_embedded {
	const char *name; /* of that file */
	const char *bytes;
	size_t len;
};
extern const struct font_embedded font_embedded[];
extern const size_t font_embedded_len;

struct font {
	char *name;	   /* owned; the path, or "built-in:" and a name */
	const char *bytes; /* of a built-in face, static; NULL: it is a file */
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
 * fonts    files and directories, colon-separated; of a directory its .ttf,
 *          .otf and .ttc files in the order of their names, not those of
 *          directories below it
 * out      empty on entry; font_list_release() in any case
 * returns  CF_OK and at least one path; CF_FONT, err naming what is missing;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status font_list_named(struct font_list *out, const char *fonts,
			       struct cf_error *err);

/* Where to look when no file is named: what was installed for this program,
 * what comes with it (Latin, much of it Greek and Cyrillic too), and what the
 * system has for alphabets and for Chinese. */
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

/* CF_FONT: no face of the places has a character. Says where was looked and
 * what to install. */
enum cf_status font_none_has(uint32_t c, struct cf_error *err);

#endif
