/*
 * The generator: see generator.h. It calls the stages of drawing in their order
 * and keeps their memory between pictures.
 *
 *	font.c -> glyph.c (once)
 *	layout.c, letter.c -> warp.c -> layout.c -> raster.c -> contrast.c
 *	-> pack() -> png.c
 *
 * The colours of the palette come from tones.c.
 */
#include "base/base.h"
#include "image/generator.h"

#include <endian.h>

#include "base/alphabet.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/utf8.h"
#include "image/contrast.h"
#include "image/font.h"
#include "image/glyph.h"
#include "image/layout.h"
#include "image/letter.h"
#include "image/look.h"
#include "image/outline.h"
#include "image/png.h"
#include "image/raster.h"
#include "image/tones.h"
#include "image/warp.h"

enum {
	WIDTH_MIN_PX = 60,
	WIDTH_MAX_PX = 1000,
	HEIGHT_MIN_PX = 24,
	HEIGHT_MAX_PX = 500,
	/* Tries; the last one is used as it is. A word is placed anew when it
	 * is not legible, and drawn anew when a letter has lost more of its
	 * outline than the look allows. A picture is drawn anew when its file
	 * takes more than a step: of hard pictures of W alone, the largest
	 * there are, six of ten do. */
	PLACINGS_MAX = 8,
	CLEAR_MAX = 4,
	DRAWINGS_MAX = 32,
	LOST_DEPTH = 17, /* thousandths of the em: a pixel of 60, within the
			    line of a hollow letter */
};

/*
 * Invariant: faces.n > 0, glyphs and all canvases are there, or none is.
 * letters has the alphabet as it is drawn, or is empty.
 */
struct generator {
	struct generator_options options;
	char *alphabet; /* options.alphabet and .fonts point here */
	char *fonts;
	struct glyph_set letters;
	bool has_all; /* the glyphs are those of all letters */
	struct font_list faces;
	struct glyphs *glyphs;
	struct outline outline, edges;
	struct raster raster;
	struct canvas canvas;
};

bool generator_parse_colour(const char *text, struct generator_colour *out)
{
	uint8_t rgb[3];

	if (!strcmp(text, "auto")) {
		*out = (struct generator_colour){.is_auto = true};
		return true;
	}
	if (text[0] != '#' || strlen(text) != 1 + 2 * CF_ARRAY_LEN(rgb))
		return false;
	for (size_t i = 0; i < CF_ARRAY_LEN(rgb); i++) {
		int high = text_hex_value(text[1 + 2 * i]);
		int low = text_hex_value(text[2 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		rgb[i] = (uint8_t)(high * 16 + low);
	}
	*out = (struct generator_colour){false, rgb[0], rgb[1], rgb[2]};
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
	gen->has_all = false;
	outline_release(&gen->outline);
	outline_release(&gen->edges);
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
	mem_free(gen->letters.chars);
	mem_free(gen);
}

/* Refuse ink that cannot be told from its paper. */
static enum cf_status check_colours(const struct generator_colour *ink,
				    const struct generator_colour *paper,
				    struct cf_error *err)
{
	double contrast;

	if (ink->is_auto || paper->is_auto)
		return CF_OK;
	contrast = tones_contrast(ink, paper);
	if (contrast >= TONES_CONTRAST_MIN)
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "ink #%02x%02x%02x on paper #%02x%02x%02x has a "
		       "contrast of %.2f: at least %.0f, or set one to auto",
		       ink->r, ink->g, ink->b, paper->r, paper->g, paper->b,
		       contrast, TONES_CONTRAST_MIN);
}

static enum cf_status check_options(const struct generator_options *o,
				    struct cf_error *err)
{
	int32_t side = o->width_px < o->height_px ? o->width_px : o->height_px;
	const struct {
		const char *name;
		int64_t value, min, max;
	} ranges[] = {
		{"width", o->width_px, WIDTH_MIN_PX, WIDTH_MAX_PX},
		{"height", o->height_px, HEIGHT_MIN_PX, HEIGHT_MAX_PX},
		{"margin", o->margin_px, 0, side / 4},
		{"offset", o->offset_px, 0, o->width_px},
		{"difficulty", (int64_t)o->difficulty, 0,
		 GENERATOR_DIFFICULTY_COUNT - 1},
		{"theme", (int64_t)o->theme, GENERATOR_THEME_AUTO,
		 GENERATOR_THEME_DARK},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(ranges); i++)
		if (ranges[i].value < ranges[i].min ||
		    ranges[i].value > ranges[i].max)
			return cf_fail(err, CF_CONFIG,
				       "a picture's %s is %lld: %lld to %lld",
				       ranges[i].name,
				       (long long)ranges[i].value,
				       (long long)ranges[i].min,
				       (long long)ranges[i].max);
	return check_colours(&o->ink, &o->paper, err);
}

/* The drawn forms of the alphabet. */
static enum cf_status read_alphabet(struct generator *gen,
				    struct cf_error *err)
{
	struct glyph_set *letters = &gen->letters;
	enum cf_status rc;

	if (letters->n)
		return CF_OK;
	mem_free(letters->chars);
	letters->chars = mem_alloc(MEM_GENERATOR, utf8_count(gen->alphabet),
				   sizeof(*letters->chars));
	if (!letters->chars)
		return cf_fail(err, CF_NOMEM, "no memory for the alphabet");
	rc = alphabet_read(gen->alphabet, letters->chars, &letters->n, err);
	if (rc) {
		letters->n = 0;
		return rc;
	}
	for (size_t i = 0; i < letters->n; i++)
		letters->chars[i] = utf8_capital(letters->chars[i]);
	glyph_set_sort(letters);
	return CF_OK;
}

static bool make_canvases(struct generator *gen)
{
	const struct generator_options *o = &gen->options;
	struct canvas *canvas = &gen->canvas;

	if (!outline_init(&gen->outline, 2 * glyphs_max_points(gen->glyphs) *
						 GENERATOR_TEXT_MAX) ||
	    !outline_init(&gen->edges,
			  LAYOUT_EDGE_POINTS * GENERATOR_TEXT_MAX + 2) ||
	    !raster_init(&gen->raster, o->width_px, o->height_px))
		return false;
	canvas->width_px = o->width_px;
	canvas->height_px = o->height_px;
	canvas->stride = canvas_stride(o->width_px);
	canvas->rows =
		mem_alloc(MEM_GENERATOR, (size_t)o->height_px, canvas->stride);
	return canvas->rows != NULL;
}

/* Find the faces, and read the wanted shapes. */
static enum cf_status load_glyphs(struct generator *gen,
				  struct glyph_set wanted, struct cf_error *err)
{
	uint32_t last = gen->letters.chars[gen->letters.n - 1];
	/* few fonts but Chinese ones have Chinese: look there first */
	bool is_han = utf8_is_han(last);
	const enum font_place places[] = {
		FONT_OWN,
		is_han ? FONT_HAN : FONT_BUILT_IN,
		FONT_ALPHABETIC,
		is_han ? FONT_BUILT_IN : FONT_HAN,
	};
	int32_t em_px = gen->options.height_px;
	enum cf_status rc;

	if (*gen->fonts) {
		rc = font_list_named(&gen->faces, gen->fonts, err);
		if (rc)
			return rc;
		return glyphs_load(&gen->glyphs, &gen->faces, true,
				   gen->letters, wanted, em_px, err);
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(places); i++) {
		rc = font_list_find(&gen->faces, places[i], err);
		if (!rc && gen->faces.n)
			rc = glyphs_load(&gen->glyphs, &gen->faces, false,
					 gen->letters, wanted, em_px, err);
		if (gen->glyphs || (rc && rc != CF_NOT_FOUND))
			return rc;
	}
	return font_none_has(last, err);
}

static enum cf_status load(struct generator *gen, struct glyph_set wanted,
			   struct cf_error *err)
{
	enum cf_status rc = check_options(&gen->options, err);

	if (rc)
		return rc;
	unload(gen);
	rc = load_glyphs(gen, wanted, err);
	if (!rc && !make_canvases(gen))
		rc = cf_fail(err, CF_NOMEM, "no memory for a canvas of %dx%d",
			     gen->options.width_px, gen->options.height_px);
	if (rc)
		unload(gen);
	return rc;
}

enum cf_status generator_load(struct generator *gen, struct cf_error *err)
{
	enum cf_status rc;

	if (gen->has_all)
		return CF_OK;
	rc = read_alphabet(gen, err);
	if (!rc)
		rc = load(gen, gen->letters, err);
	gen->has_all = !rc;
	return rc;
}

/* Load the shapes of the first text alone, and all shapes for the second. */
static enum cf_status load_for(struct generator *gen, const uint32_t *text,
			       size_t n, struct cf_error *err)
{
	uint32_t chars[GENERATOR_TEXT_MAX];
	struct glyph_set wanted = {chars, n};

	if (gen->glyphs)
		return generator_load(gen, err);
	memcpy(chars, text, n * sizeof(*text));
	glyph_set_sort(&wanted);
	return load(gen, wanted, err);
}

/* The text as it is drawn. A message must not repeat the text. */
static enum cf_status canonical(const struct generator *gen, const char *text,
				uint32_t out[GENERATOR_TEXT_MAX], size_t *n,
				struct cf_error *err)
{
	struct str rest = {text, strnlen(text, GENERATOR_TEXT_MAX_BYTES + 1)};
	size_t n_bytes;

	*n = 0;
	for (; rest.len; rest.ptr += n_bytes, rest.len -= n_bytes) {
		uint32_t c;

		if (*n == GENERATOR_TEXT_MAX)
			break;
		n_bytes = utf8_first(rest, &c);
		c = n_bytes ? utf8_capital(utf8_letter(c)) : 0;
		if (!glyph_set_find(gen->letters, c))
			return cf_fail(err, CF_BAD_INPUT,
				       "character %zu of a "
				       "text to draw is not in the alphabet",
				       *n + 1);
		out[(*n)++] = c;
	}
	if (!*n || rest.len)
		return cf_fail(err, CF_BAD_INPUT,
			       "a text to draw has 1 to %d "
			       "characters",
			       GENERATOR_TEXT_MAX);
	return CF_OK;
}

/* Place the letters, anew until the word is legible. */
static void draw_word(struct generator *gen, struct layout *layout,
		      const uint32_t *text, size_t n, struct rng *rng,
		      struct word *word)
{
	struct warp warp;

	for (int i = 0; i < PLACINGS_MAX; i++) {
		word->outline->n_points = word->outline->n_contours = 0;
		word->edges->n_points = word->edges->n_contours = 0;
		warp_init(&warp, layout->look, rng, layout_em(layout, n));
		layout->gives_up = i + 1 < PLACINGS_MAX;
		if (!layout_word(layout, gen->glyphs, &warp, text, n, rng,
				 word))
			continue;
		warp_bend(&warp, word->outline);
		warp_bend(&warp, word->edges);
		layout_fit(layout, rng, word);
		if (layout_is_legible(layout, word))
			break;
	}
}

/* Whether an edge may pass between two letters. Next to a sign, which is little
 * more than a stroke, it would take the sign away. */
static bool may_cut(uint32_t left, uint32_t right)
{
	return letter_is_sign(left) == letter_is_sign(right);
}

/* Choose the gaps where edges go: as many as the look says, or all. Each choice
 * is as likely. Bits as in struct layout. */
static uint32_t choose_gaps(const struct look *look, const uint32_t *text,
			    size_t n, struct rng *rng)
{
	uint32_t n_edges = (uint32_t)look->n_edges, n_gaps = 0, gaps = 0;

	for (size_t gap = 0; gap + 1 < n; gap++)
		n_gaps += may_cut(text[gap], text[gap + 1]);
	for (size_t gap = 0; gap + 1 < n; gap++) {
		if (!may_cut(text[gap], text[gap + 1]))
			continue;
		if (rng_below(rng, n_gaps--) < n_edges) {
			gaps |= UINT32_C(1) << gap;
			n_edges--;
		}
	}
	return gaps;
}

/* Whether no letter has lost too much of its outline. */
static bool is_clear(const struct look *look, const struct raster *raster,
		     const struct word *word, int32_t em)
{
	int32_t depth = (int32_t)at_least(look_share(em, LOST_DEPTH), ONE_PX);

	for (size_t i = 0; i < word->n; i++)
		if (contrast_lost(raster, word, i, depth) > look->lost_max)
			return false;
	return true;
}

/* Draw a word, anew until all of it can be seen. */
static void draw_coverage(struct generator *gen, struct rng *rng,
			  const uint32_t *text, size_t n)
{
	const struct generator_options *o = &gen->options;
	struct layout layout = {
		.look = look_of(o->difficulty),
		.room = {o->margin_px * ONE_PX, o->margin_px * ONE_PX,
			 (o->width_px - o->margin_px) * ONE_PX,
			 (o->height_px - o->margin_px) * ONE_PX},
		.offset_px = o->offset_px,
	};
	struct word word = {.outline = &gen->outline, .edges = &gen->edges};

	for (int i = 0; i < CLEAR_MAX; i++) {
		layout.edges = choose_gaps(layout.look, text, n, rng);
		draw_word(gen, &layout, text, n, rng, &word);
		layout_close_edges(&gen->edges, o->width_px, o->height_px);
		raster_add(&gen->raster, &gen->outline);
		raster_add(&gen->raster, &gen->edges);
		raster_finish(&gen->raster);
		if (is_clear(layout.look, &gen->raster, &word,
			     layout_em(&layout, n)))
			break;
	}
}

_Static_assert(CANVAS_BITS == 2, "a level is the two high bits of a coverage");

/* Vectors of gcc and clang: for this loop neither makes them by itself. */
typedef uint16_t words __attribute__((vector_size(RASTER_BLOCK_PX)));
typedef uint8_t bytes __attribute__((vector_size(RASTER_BLOCK_PX / 2)));
typedef uint16_t half_words __attribute__((vector_size(RASTER_BLOCK_PX / 2)));
typedef uint8_t half_bytes __attribute__((vector_size(RASTER_BLOCK_PX / 4)));

/* Turn RASTER_BLOCK_PX coverages into levels as a PNG has them: first two, then
 * four to a byte. */
static void pack_block(const uint8_t *cover, uint8_t *out)
{
	half_words four;
	half_bytes done;
	bytes nibbles;
	words two;

	memcpy(&two, cover, sizeof(two));
	if (BYTE_ORDER == BIG_ENDIAN) /* the left one shall be low */
		two = two << 8 | two >> 8;
	two = (two >> 4 & 0xc) | two >> 14;
	nibbles = __builtin_convertvector(two, bytes);
	memcpy(&four, &nibbles, sizeof(four));
	if (BYTE_ORDER == BIG_ENDIAN)
		four = four << 8 | four >> 8;
	four = four << 4 | four >> 8;
	done = __builtin_convertvector(four & 0xff, half_bytes);
	memcpy(out, &done, sizeof(done));
}

/* Coverage to levels, packed as a PNG has them. */
static void pack(const struct raster *raster, struct canvas *canvas)
{
	enum { BLOCK_BYTES = RASTER_BLOCK_PX / CANVAS_PER_BYTE };
	size_t n = canvas->stride - 1;

	for (int32_t y = 0; y < canvas->height_px; y++) {
		const uint8_t *from =
			raster->cover + (size_t)y * raster->stride;
		uint8_t *to = canvas->rows + (size_t)y * canvas->stride + 1;
		uint8_t rest[BLOCK_BYTES];
		size_t i = 0;

		for (; i + BLOCK_BYTES <= n; i += BLOCK_BYTES)
			pack_block(from + i * CANVAS_PER_BYTE, to + i);
		if (i == n)
			continue;
		pack_block(from + i * CANVAS_PER_BYTE, rest);
		memcpy(to + i, rest, n - i);
	}
}

enum cf_status generator_draw(struct generator *gen, uint64_t seed,
			      const char *text, struct buf *out,
			      struct cf_error *err)
{
	struct canvas_colour palette[CANVAS_LEVELS];
	uint32_t letters[GENERATOR_TEXT_MAX];
	size_t step = png_step_bytes(gen->options.width_px,
				     gen->options.height_px);
	size_t before = out->len, n = 0;
	struct rng rng;
	enum cf_status rc = read_alphabet(gen, err);

	if (!rc)
		rc = canonical(gen, text, letters, &n, err);
	if (!rc && !gen->has_all)
		rc = load_for(gen, letters, n, err);
	if (rc)
		return rc;
	rng_init(&rng, seed);
	for (int i = 1;; i++) {
		draw_coverage(gen, &rng, letters, n);
		pack(&gen->raster, &gen->canvas);
		tones_draw(palette, &gen->options, &rng);
		rc = canvas_to_png(&gen->canvas, palette, out, err);
		if (rc || i == DRAWINGS_MAX || out->len - before <= step)
			return rc;
		buf_truncate(out, before);
	}
}

void generator_set_theme(void *png, size_t len, enum generator_theme theme)
{
	struct canvas_colour palette[CANVAS_LEVELS];

	if (png_get_palette(png, len, palette) && tones_change(palette, theme))
		png_set_palette(png, palette);
}

static void inspect_face(const struct generator *gen, const struct font *font,
			 generator_face_fn *visit, void *ctx)
{
	struct cf_error trouble = CF_ERROR_INIT;
	struct generator_face face = {.path = font->name,
				      .n_letters = gen->letters.n};

	if (glyphs_inspect(font, gen->letters, &face, &trouble))
		face.trouble = trouble.text;
	visit(ctx, &face);
}

enum cf_status generator_inspect(struct generator *gen,
				 generator_face_fn *visit, void *ctx,
				 struct cf_error *err)
{
	struct font_list named = {.n = 0};
	const struct font_list *list = &named;
	enum cf_status rc = read_alphabet(gen, err);

	if (rc)
		return rc;
	if (*gen->fonts) {
		rc = font_list_named(&named, gen->fonts, err);
	} else {
		rc = generator_load(gen, err);
		list = &gen->faces;
	}
	for (size_t i = 0; i < list->n && !rc; i++)
		inspect_face(gen, &list->fonts[i], visit, ctx);
	font_list_release(&named);
	return rc;
}

size_t generator_n_faces(const struct generator *gen)
{
	return gen->faces.n;
}
