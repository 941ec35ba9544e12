/*
 * The generator draws pictures. It loads fonts and tables once.
 *
 * generator_new, generator_load (or the first draw does it), any number of
 * generator_draw, generator_free. Generators share no state.
 *
 * Layer: image uses base, FreeType (glyph.c) and zlib's CRC (png.c) only.
 */
#ifndef CF_IMAGE_GENERATOR_H
#define CF_IMAGE_GENERATOR_H

#include "base/buf.h"
#include "base/status.h"

enum {
	/* Raise it when the same options, seed and text give another picture:
	 * then pictures drawn before are not handed out any more. */
	GENERATOR_VERSION = 2,
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
	bool is_auto; /* a tone drawn from the seed; r, g, b unused */
	uint8_t r, g, b;
};

/* The page that a picture is for. */
enum generator_theme {
	GENERATOR_THEME_AUTO, /* not known: a light one */
	GENERATOR_THEME_LIGHT,
	GENERATOR_THEME_DARK,
};

/* Borrowed by generator_new until it returns. */
struct generator_options {
	int32_t width_px;     /* 60 to 1000 */
	int32_t height_px;    /* 24 to 500 */
	int32_t margin_px;    /* paper kept free at each side; at most a
				 quarter of the side */
	int32_t offset_px;    /* from the left side of a letter to that of the
				 next; 0: as close as their ink allows */
	enum generator_difficulty difficulty;
	const char *alphabet; /* each character that may be drawn, as
				 alphabet_read takes it; case is ignored */
	/* Files or directories, colon-separated: at most 64 faces, each with
	 * all of the alphabet. "": faces with all of the alphabet, from the
	 * first of these places that has any: the fonts installed for this
	 * program, the built-in ones, the system's. */
	const char *fonts;
	enum generator_theme theme;
	/* A set colour wins over the theme. Two set colours have a contrast of
	 * 3 or more. */
	struct generator_colour ink, paper;
};

struct generator;

/* Read "#rrggbb" or "auto"; false for any other text. */
CF_MUST_CHECK
bool generator_parse_colour(const char *text, struct generator_colour *out);

/* A generator with nothing loaded. NULL when out of memory. */
CF_MUST_CHECK
struct generator *generator_new(const struct generator_options *options);

/* Accepts NULL. */
void generator_free(struct generator *gen);

/*
 * Open the faces and build the tables, unless that is done. A process that
 * draws once saves time without it: the first draw then reads only the
 * characters of its text. The second draw reads the rest.
 *
 * returns  CF_OK; CF_CONFIG, err names the option out of its range; CF_FONT,
 *          err names the file or the places, and what is missing; CF_NOMEM.
 *          After a failure a later call tries again.
 */
CF_MUST_CHECK
enum cf_status generator_load(struct generator *gen, struct cf_error *err);

/*
 * Draw text as a PNG.
 *
 * seed     decides all that is left to chance; the same seed, text, options
 *          and fonts give the same bytes on any machine and compiler
 * text     1 to GENERATOR_TEXT_MAX characters of the alphabet in UTF-8, any
 *          case; drawn in upper case, but some a, e and m in lower case,
 *          which nobody takes for another letter
 * out      the PNG is appended: width_px by height_px, 2 bits a pixel, with
 *          a palette from paper to ink; its length is a multiple of a step
 *          (png.h). After a failure the caller drops what was appended.
 * returns  CF_OK; CF_BAD_INPUT, the text cannot be drawn, and err does not
 *          repeat it; what generator_load returns; CF_NOMEM; CF_TOO_LARGE
 *          past out's maximum
 * promise  all letters are inside the margins; after generator_load only out
 *          takes memory
 */
CF_MUST_CHECK
enum cf_status generator_draw(struct generator *gen, uint64_t seed,
			      const char *text, struct buf *out,
			      struct cf_error *err);

/*
 * Change a picture into the one of the same seed for a dark page, or for a
 * light one. Only its palette differs, so a picture waits for either without a
 * second file. A picture with a set colour, and bytes of anything else, stay as
 * they are.
 */
void generator_set_theme(void *png, size_t len, enum generator_theme theme);

/* A face that the options name, and which of the alphabet it lacks. */
enum {
	GENERATOR_NAME_BYTES = 128,
	GENERATOR_LACKS_MAX = 8
};
struct generator_face {
	const char *path; /* or "built-in:" and a name */
	char family[GENERATOR_NAME_BYTES]; /* as the font says; may be empty */
	char style[GENERATOR_NAME_BYTES];
	const char *trouble;	  /* why it cannot be read; NULL: it can */
	size_t n_letters;	  /* of the alphabet */
	size_t n_lacks;
	uint32_t lacks[GENERATOR_LACKS_MAX]; /* the first of these, as drawn */
};

/*
 * Call visit for each face that the options name or, without names, that
 * generator_load takes. visit borrows the face until it returns.
 *
 * returns  CF_OK, whatever the faces lack; what generator_load returns when
 *          there is no list of faces
 */
typedef void generator_face_fn(void *ctx, const struct generator_face *face);
CF_MUST_CHECK
enum cf_status generator_inspect(struct generator *gen,
				 generator_face_fn *visit, void *ctx,
				 struct cf_error *err);

/* How many faces are loaded. */
size_t generator_n_faces(const struct generator *gen);

#endif
