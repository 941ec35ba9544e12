/*
 * Files that browsers load: the element and the player of its sound, script and
 * style of its frames, api.js in three flavours, and the texts of element and
 * player in the languages of lang/.
 * script/assets makes the table at build time.
 *
 * Layer: assets uses base.
 */
#ifndef CF_ASSETS_ASSETS_H
#define CF_ASSETS_ASSETS_H

#include "base/buf.h"

struct assets_file {
	const char *path; /* without a slash in front */
	const char *type;
	const char *mark; /* changes with the bytes */
	struct str plain, gzip;
	bool is_versioned; /* the path changes with the bytes */
};

/* By path. */
extern const struct assets_file assets_files[];
extern const size_t assets_files_len;

/* NULL when there is none. */
CF_MUST_CHECK
const struct assets_file *assets_find(struct str path);

/* The versioned file with this name, such as "frame.css", which has to be
 * there. */
const struct assets_file *assets_versioned(const char *name);

#endif
