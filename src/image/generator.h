/*
 * The generator: fonts and tables loaded once, used for every picture.
 *
 * generator_new, generator_load (or the first draw does it), any number of
 * generator_draw, generator_free. One generator serves one process; there is
 * no shared state, so several may live side by side.
 *
 * Layer: image uses base, FreeType (glyph.c) and zlib's CRC (png.c) only.
 */
#ifndef CF_IMAGE_GENERATOR_H
#define CF_IMAGE_GENERATOR_H

#include "base/buf.h"
#include "base/status.h"

enum {
	/* Raised when the same options, seed and text give another picture:
	 * those drawn before are then not handed out any more. */
	GENERATOR_VERSION = 1,
	GENERATOR_TEXT_MAX = 16, /* characters of one picture */
	GENERATOR_TEXT_MAX_BYTES = 64,
	GENERATOR_PNG_MAX_BYTES = 512 * 1024,
};

/* How hard pictures are to read, for people and machines. */
enum generator_difficulty {
	GENERATOR_EASY,
	GENERATOR_NORMAL,
	GENERATOR_HARD,
	GENERATOR_DIFFICULTY_COUNT
};

struct generator_colour {
	bool is_auto; /* a grey drawn from the seed; r, g, b unused */
	uint8_t r, g, b;
};

enum generator_theme {
	GENERATOR_THEME_AUTO, /* one of the others, drawn from the seed */
	GENERATOR_THEME_LIGHT, /* dark ink on light paper */
	GENERATOR_THEME_DARK,
};

/* Borrowed by generator_new until it returns. */
struct generator_options {
	int32_t width_px;     /* 60 to 1000 */
	int32_t height_px;    /* 24 to 500 */
	int32_t margin_px;    /* paper kept free at each side; at most a
				 quarter of the side */
	int32_t offset_px;    /* 0: letters as close as their ink allows; else
				 from the left side of one to the next */
	enum generator_difficulty difficulty;
	const char *alphabet; /* each character that may be drawn, as
				 alphabet_read takes it; case is ignored */
	const char *fonts;    /* files or directories, colon-separated, at
				 most 64 faces, each with all of the alphabet;
				 "" for what has it of those installed for this
				 program, the built-in ones, and those in the
				 usual places, whichever come first */
	enum generator_theme theme;
	struct generator_colour ink;   /* a set colour wins over the theme; */
	struct generator_colour paper; /* both set: a contrast of 3 or more */
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
 * Open the faces and build the tables; does nothing when that is done. The
 * first draw without it reads only the characters of its text, which is
 * quicker for a process that draws but once; the next one does the rest.
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
 *          and fonts give the same bytes on any machine and compiler
 * text     1 to GENERATOR_TEXT_MAX characters of the alphabet in UTF-8, any
 *          case; drawn in upper case, but for some a, e and m, whose lower
 *          case nobody takes for another letter
 * out      the PNG is appended: width_px by height_px, 4 bits a pixel, with
 *          a palette from paper to ink, its length a multiple of a step
 *          (png.h); on failure what was appended is to be dropped
 * returns  CF_OK; CF_BAD_INPUT for a text that cannot be drawn, which err
 *          does not repeat; what generator_load returns; CF_NOMEM;
 *          CF_TOO_LARGE past out's maximum
 * promise  all ink is inside the margins; after generator_load, leaves the
 *          heap as it found it, but for out
 */
CF_MUST_CHECK
enum cf_status generator_draw(struct generator *gen, uint64_t seed,
			      const char *text, struct buf *out,
			      struct cf_error *err);

/* A face that is to be used, and what it has of the alphabet. */
enum {
	GENERATOR_NAME_BYTES = 128,
	GENERATOR_LACKS_MAX = 8
};
struct generator_face {
	const char *path; /* or "built-in:" and a name */
	char family[GENERATOR_NAME_BYTES]; /* as the font says; may be empty */
	char style[GENERATOR_NAME_BYTES];
	const char *trouble;	    /* why it cannot be read; NULL: it can */
	size_t n_letters;	    /* of the alphabet */
	size_t n_lacks;
	uint32_t lacks[GENERATOR_LACKS_MAX]; /* the first of these, as drawn */
};

/*
 * Call visit for each face that the options name or, without names, that a
 * load takes. What visit is given is its own until it returns.
 *
 * returns  CF_OK, whatever the faces lack; as generator_load where it comes to
 *          no list of faces
 */
typedef void generator_face_fn(void *ctx, const struct generator_face *face);
CF_MUST_CHECK
enum cf_status generator_inspect(struct generator *gen,
				 generator_face_fn *visit, void *ctx,
				 struct cf_error *err);

/* How many faces are loaded. */
size_t generator_n_faces(const struct generator *gen);

#endif
