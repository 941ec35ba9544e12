/*
 * The generator: fonts and tables loaded once, used for every picture.
 *
 * generator_new, generator_load (or the first draw does it), any number of
 * generator_draw, generator_free. One generator serves one process; there is
 * no shared state, so several may live side by side.
 *
 * Layer: image uses base, FreeType (glyph.c) and libpng (png.c) only.
 */
#ifndef CF_IMAGE_GENERATOR_H
#define CF_IMAGE_GENERATOR_H

#include "base/buf.h"
#include "base/status.h"

enum {
	GENERATOR_TEXT_MAX = 16, /* characters of one picture */
	GENERATOR_PNG_MAX_BYTES = 512 * 1024,
};

struct generator_colour {
	bool is_auto; /* a grey drawn from the seed; r, g, b unused */
	uint8_t r, g, b;
};

/* Borrowed by generator_new until it returns. */
struct generator_options {
	int32_t width_px;     /* 60 to 1000 */
	int32_t height_px;    /* 24 to 500 */
	int32_t margin_px;    /* paper kept free at each side; at most a
				 quarter of the side */
	int32_t font_size_px; /* 0: fitted to the room; else the em, made
				 smaller only if the word does not fit */
	const char *alphabet; /* each character that may be drawn: ASCII
				 letters and digits, their case ignored */
	const char *fonts;    /* files or directories, colon-separated, at
				 most 64 faces; "" for the usual places */
	struct generator_colour ink;
	struct generator_colour paper;
	int quality; /* of the PNG compression, 0 to 9 */
};

struct generator;

/* "#rrggbb" or "auto"; false when it is neither. */
CF_MUST_CHECK
bool generator_parse_colour(const char *text, struct generator_colour *out);

/* A generator with nothing loaded. NULL when out of memory. */
CF_MUST_CHECK
struct generator *generator_new(const struct generator_options *options);

/* Accepts NULL. */
void generator_free(struct generator *gen);

/*
 * Open the faces and build the tables; does nothing when that is done.
 *
 * returns  CF_OK; CF_CONFIG, err naming the option out of its range;
 *          CF_FONT, err naming the file or the places looked in and what
 *          lacks; CF_NOMEM. After a failure a later call tries again.
 */
CF_MUST_CHECK
enum cf_status generator_load(struct generator *gen, struct cf_error *err);

/*
 * Draw text as a PNG.
 *
 * seed     decides all that is left to chance; the same seed, text, options
 *          and fonts give the same canvas on any machine and compiler, and
 *          the same bytes with the same zlib
 * text     1 to GENERATOR_TEXT_MAX characters of the alphabet, any case;
 *          drawn in upper case, but for some a, e, h and k, which nobody
 *          takes for another letter
 * out      the PNG is appended: width_px by height_px, 4 bits a pixel, grey
 *          or, where a colour is set, a palette of 16; on failure what was
 *          appended is to be dropped
 * returns  CF_OK; CF_BAD_INPUT for a text that cannot be drawn, which err
 *          does not repeat; what generator_load returns; CF_NOMEM;
 *          CF_TOO_LARGE past out's maximum
 * promise  all ink is inside the margins; leaves the heap as it found it,
 *          but for out
 */
CF_MUST_CHECK
enum cf_status generator_draw(struct generator *gen, uint64_t seed,
			      const char *text, struct buf *out,
			      struct cf_error *err);

/* How many faces are loaded, and the path of one, borrowed until free. */
size_t generator_n_faces(const struct generator *gen);
const char *generator_face_path(const struct generator *gen, size_t i);

#endif
