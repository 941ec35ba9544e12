/*
 * Font files: which ones are to be used, as a list of paths.
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

/* Invariant: n <= FONT_FACES_MAX, each path owned. */
struct font_list {
	char *paths[FONT_FACES_MAX];
	size_t n;
};

/*
 * Find the files.
 *
 * fonts    files and directories, colon-separated; of a directory its .ttf
 *          and .otf files in the order of their names, not those of
 *          directories below it. "" looks in the usual places.
 * out      empty on entry; font_list_release() in any case
 * returns  CF_OK and at least one path; CF_FONT, err naming what is missing
 *          or where was looked; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status font_list_find(struct font_list *out, const char *fonts,
			      struct cf_error *err);
void font_list_release(struct font_list *list);

#endif
