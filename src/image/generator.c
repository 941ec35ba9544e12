/*
 * The generator: see generator.h. Puts the parts in their order and holds what
 * they need between pictures; draws nothing itself.
 *
 *	font.c -> glyph.c (once)
 *	layout.c -> warp.c -> layout.c -> raster.c -> shade() -> png.c
 *
 * Whatever is to be bent with the letters is added to the outline before
 * warp_bend(); whatever changes the picture as a whole works on the coverage
 * before shade().
 */
#include "base/base.h"
#include "image/generator.h"

#include <ctype.h>

#include "base/mem.h"
#include "base/rng.h"
#include "image/font.h"
#include "image/glyph.h"
#include "image/layout.h"
#include "image/outline.h"
#include "image/png.h"
#include "image/raster.h"
#include "image/warp.h"

enum {
	WIDTH_MIN_PX = 60,
	WIDTH_MAX_PX = 1000,
	HEIGHT_MIN_PX = 24,
	HEIGHT_MAX_PX = 500,
	/* levels of 0 (black) to 15 (white), for what is left to chance */
	DARK_MAX = 4,
	LIGHT_MIN = 11,
};

/*
 * Invariant: faces.n > 0, glyphs and all canvases are there, or none is.
 */
struct generator {
	struct generator_options options;
	char *alphabet; /* options.alphabet and .fonts point here */
	char *fonts;
	struct font_list faces;
	struct glyphs *glyphs;
	struct outline outline;
	struct raster raster;
	struct canvas canvas;
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool generator_parse_colour(const char *text, struct generator_colour *out)
{
	int digits[6];

	if (!strcmp(text, "auto")) {
		*out = (struct generator_colour){.is_auto = true};
		return true;
	}
	if (text[0] != '#' || strlen(text) != 1 + CF_ARRAY_LEN(digits))
		return false;
	for (size_t i = 0; i < CF_ARRAY_LEN(digits); i++) {
		digits[i] = hex_value(text[i + 1]);
		if (digits[i] < 0)
			return false;
	}
	out->is_auto = false;
	out->r = (uint8_t)(digits[0] * 16 + digits[1]);
	out->g = (uint8_t)(digits[2] * 16 + digits[3]);
	out->b = (uint8_t)(digits[4] * 16 + digits[5]);
	return true;
}

struct generator *generator_new(const struct generator_options *options)
{
	struct generator *gen = mem_alloc(MEM_GENERATOR, 1, sizeof(*gen));

	if (!gen)
		return NULL;
	gen->options = *options;
	gen->alphabet = mem_strdup(MEM_GENERATOR, options->alphabet);
	gen->fonts = mem_strdup(MEM_GENERATOR, options->fonts);
	if (!gen->alphabet || !gen->fonts) {
		generator_free(gen);
		return NULL;
	}
	gen->options.alphabet = gen->alphabet;
	gen->options.fonts = gen->fonts;
	return gen;
}

/* Back to what generator_new left. */
static void unload(struct generator *gen)
{
	font_list_release(&gen->faces);
	glyphs_free(gen->glyphs);
	gen->glyphs = NULL;
	outline_release(&gen->outline);
	raster_release(&gen->raster);
	mem_free(gen->canvas.rows);
	gen->canvas.rows = NULL;
}

void generator_free(struct generator *gen)
{
	if (!gen)
		return;
	unload(gen);
	mem_free(gen->alphabet);
	mem_free(gen->fonts);
	mem_free(gen);
}

static bool is_in(int64_t value, int64_t lo, int64_t hi)
{
	return value >= lo && value <= hi;
}

static enum cf_status check_options(const struct generator_options *o,
				    struct cf_error *err)
{
	if (!is_in(o->width_px, WIDTH_MIN_PX, WIDTH_MAX_PX) ||
	    !is_in(o->height_px, HEIGHT_MIN_PX, HEIGHT_MAX_PX))
		return cf_fail(err, CF_CONFIG,
			       "a picture of %dx%d: width is "
			       "%d to %d, height %d to %d",
			       o->width_px, o->height_px, WIDTH_MIN_PX,
			       WIDTH_MAX_PX, HEIGHT_MIN_PX, HEIGHT_MAX_PX);
	if (!is_in(o->margin_px, 0, o->width_px / 4) ||
	    o->margin_px > o->height_px / 4)
		return cf_fail(err, CF_CONFIG,
			       "a margin of %d is more than a "
			       "quarter of %dx%d",
			       o->margin_px, o->width_px, o->height_px);
	if (!is_in(o->font_size_px, 0, o->height_px))
		return cf_fail(err, CF_CONFIG,
			       "a font size of %d is above the "
			       "height of %d",
			       o->font_size_px, o->height_px);
	if (!is_in(o->quality, 0, CANVAS_QUALITY_MAX))
		return cf_fail(err, CF_CONFIG, "quality %d: 0 to %d",
			       o->quality, CANVAS_QUALITY_MAX);
	if (!o->alphabet[0])
		return cf_fail(err, CF_CONFIG, "the alphabet is empty");
	for (const char *c = o->alphabet; *c; c++)
		if ((unsigned char)*c > 127 || !isalnum((unsigned char)*c))
			return cf_fail(err, CF_CONFIG,
				       "the alphabet has byte "
				       "%d: only ASCII letters and digits",
				       (unsigned char)*c);
	return CF_OK;
}

static bool make_canvases(struct generator *gen)
{
	const struct generator_options *o = &gen->options;
	struct canvas *canvas = &gen->canvas;

	if (!outline_init(&gen->outline,
			  glyphs_max_points(gen->glyphs) * GENERATOR_TEXT_MAX,
			  glyphs_max_contours(gen->glyphs) *
				  GENERATOR_TEXT_MAX) ||
	    !raster_init(&gen->raster, o->width_px, o->height_px))
		return false;
	canvas->width_px = o->width_px;
	canvas->height_px = o->height_px;
	canvas->stride = ((size_t)o->width_px + 1) / 2;
	canvas->rows =
		mem_alloc(MEM_GENERATOR, (size_t)o->height_px, canvas->stride);
	return canvas->rows != NULL;
}

enum cf_status generator_load(struct generator *gen, struct cf_error *err)
{
	const struct generator_options *o = &gen->options;
	enum cf_status rc;

	if (gen->glyphs)
		return CF_OK;
	rc = check_options(o, err);
	if (rc)
		return rc;
	rc = font_list_find(&gen->faces, o->fonts, err);
	if (rc)
		goto fail;
	rc = glyphs_load(&gen->glyphs, gen->faces.paths, gen->faces.n,
			 o->alphabet, o->height_px, err);
	if (rc)
		goto fail;
	if (!make_canvases(gen)) {
		rc = cf_fail(err, CF_NOMEM, "no memory for a canvas of %dx%d",
			     o->width_px, o->height_px);
		goto fail;
	}
	return CF_OK;
fail:
	unload(gen);
	return rc;
}

/* The text as it is drawn: upper case, all of it in the alphabet. The message
 * of a failure must not say what the text is. */
static enum cf_status canonical(const struct generator *gen, const char *text,
				char out[GENERATOR_TEXT_MAX], size_t *n,
				struct cf_error *err)
{
	size_t len = strnlen(text, GENERATOR_TEXT_MAX + 1);

	if (!len || len > GENERATOR_TEXT_MAX)
		return cf_fail(err, CF_BAD_INPUT,
			       "a text to draw has 1 to %d "
			       "characters",
			       GENERATOR_TEXT_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!strchr(gen->alphabet, toupper(c)) &&
		    !strchr(gen->alphabet, tolower(c)))
			return cf_fail(err, CF_BAD_INPUT,
				       "character %zu of a "
				       "text to draw is not in the alphabet",
				       i + 1);
		out[i] = (char)toupper(c);
	}
	*n = len;
	return CF_OK;
}

static void draw_coverage(struct generator *gen, struct rng *rng,
			  const char *text, size_t n)
{
	const struct generator_options *o = &gen->options;
	struct layout layout = {
		.room = {o->margin_px * ONE_PX, o->margin_px * ONE_PX,
			 (o->width_px - o->margin_px) * ONE_PX,
			 (o->height_px - o->margin_px) * ONE_PX},
		.font_size_px = o->font_size_px,
	};
	int32_t em = layout_em(&layout, n);
	struct warp warp;

	gen->outline.n_points = gen->outline.n_contours = 0;
	layout_word(gen->glyphs, text, n, em, rng, &gen->outline);
	warp_init(&warp, rng, em);
	warp_bend(&warp, &gen->outline);
	layout_fit(&layout, rng, &gen->outline);
	raster_add(&gen->raster, &gen->outline);
	raster_finish(&gen->raster);
}

/* What 16 levels of coverage look like, from paper to ink: their samples,
 * and, where these are not greys, the palette they are places in. */
struct tones {
	bool is_grey;
	uint8_t samples[CANVAS_LEVELS];
	struct canvas_colour palette[CANVAS_LEVELS];
};

static uint8_t blend(int paper, int ink, size_t level)
{
	int share = (int)level;

	return (uint8_t)((paper * (15 - share) + ink * share + 7) / 15);
}

static bool is_light(const struct generator_colour *c)
{
	return c->r * 299 + c->g * 587 + c->b * 114 >= 128 * 1000;
}

static struct generator_colour draw_grey(struct rng *rng, bool light)
{
	uint32_t level = light ? LIGHT_MIN + rng_below(rng, 16 - LIGHT_MIN)
			       : rng_below(rng, DARK_MAX + 1);
	uint8_t grey = (uint8_t)(level * 17);

	return (struct generator_colour){false, grey, grey, grey};
}

/* A colour left to chance is the opposite of the other one. */
static void draw_tones(struct tones *tones, const struct generator_options *o,
		       struct rng *rng)
{
	struct generator_colour ink = o->ink, paper = o->paper;
	bool light_ink = rng_below(rng, 2);

	tones->is_grey = ink.is_auto && paper.is_auto;
	if (!ink.is_auto)
		light_ink = is_light(&ink);
	else if (!paper.is_auto)
		light_ink = !is_light(&paper);
	if (ink.is_auto)
		ink = draw_grey(rng, light_ink);
	if (paper.is_auto)
		paper = draw_grey(rng, !light_ink);
	for (size_t i = 0; i < CANVAS_LEVELS; i++) {
		struct canvas_colour *c = &tones->palette[i];

		c->r = blend(paper.r, ink.r, i);
		c->g = blend(paper.g, ink.g, i);
		c->b = blend(paper.b, ink.b, i);
		tones->samples[i] = (uint8_t)i;
		if (tones->is_grey)
			tones->samples[i] = (uint8_t)((c->r + 8) / 17);
	}
}

/* Coverage to samples. */
static void shade(const struct raster *raster, const struct tones *tones,
		  struct canvas *canvas)
{
	uint8_t pairs[256]; /* two levels of coverage to two samples */
	size_t n = canvas->stride;

	for (size_t i = 0; i < sizeof(pairs); i++)
		pairs[i] = (uint8_t)(tones->samples[i >> 4] << 4 |
				     tones->samples[i & 15]);
	for (int32_t y = 0; y < canvas->height_px; y++) {
		const uint8_t *from =
			raster->cover + (size_t)y * raster->stride;
		uint8_t *to = canvas->rows + (size_t)y * canvas->stride;

		for (size_t i = 0; i < n; i++)
			to[i] = pairs[(from[2 * i] & 0xf0) |
				      from[2 * i + 1] >> 4];
	}
}

enum cf_status generator_draw(struct generator *gen, uint64_t seed,
			      const char *text, struct buf *out,
			      struct cf_error *err)
{
	char upper[GENERATOR_TEXT_MAX];
	struct tones tones;
	struct rng rng;
	size_t n = 0;
	enum cf_status rc = canonical(gen, text, upper, &n, err);

	if (rc)
		return rc;
	rc = generator_load(gen, err);
	if (rc)
		return rc;
	rng_init(&rng, seed);
	draw_coverage(gen, &rng, upper, n);
	draw_tones(&tones, &gen->options, &rng);
	shade(&gen->raster, &tones, &gen->canvas);
	return canvas_to_png(&gen->canvas, tones.is_grey ? NULL : tones.palette,
			     gen->options.quality, out, err);
}

size_t generator_n_faces(const struct generator *gen)
{
	return gen->faces.n;
}

const char *generator_face_path(const struct generator *gen, size_t i)
{
	assert(i < gen->faces.n);
	return gen->faces.paths[i];
}
