/*
 * Letter shapes: see glyph.h. FreeType only reads outlines here. It neither
 * hints, scales nor renders, so its version does not change the pictures.
 *
 * Curves are cut into straight pieces once, fine enough for the largest size
 * that will be drawn. Long lines are cut too, so that they can be bent.
 */
#include "base/base.h"
#include "image/glyph.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_MODULE_H
#include FT_OUTLINE_H

#include "base/mem.h"
#include "base/utf8.h"
#include "image/outline.h"

enum {
	PIECES_PER_EM = 9, /* no straight piece is longer than em / 9 */
	PIECES_MAX = 64,   /* of one curve */
	PARTS_PER_PX = 3,  /* a piece leaves its curve by 1/3 px at most */
	DEGREE_MAX = 3,	   /* of a curve */
	COORD_MAX = 4 * GLYPH_EM,
	/* a dash of em / 4 by em / 250, say */
	INK_MIN = GLYPH_EM * GLYPH_EM / 1000,
	/* Letters lie here: so far from the origin to the left and below the
	 * base line, and to the right and above it. */
	BOX_BEFORE = 2 * GLYPH_EM,
	BOX_AFTER = 3 * GLYPH_EM,
	/* of a coordinate in font units, which keeps the products below far
	 * within 63 bits */
	UNITS_MAX = 1 << 20,
	HAIR_SHARE = 150,	   /* see hair_of() */
	SERIF_MIN = GLYPH_EM / 20, /* of a 1 that is like an I */
	FT_STOP = 1, /* a decompose callback that wants no more calls */
};

/* Lower-case forms that may stand for the upper-case letter. None has an
 * ascender, so letter.c draws them larger. Not h, which people take for n, r
 * for t, t for x, u for w, and n for all of them. */
static const uint32_t lower_forms[] = {'a', 'e', 'm'};

/*
 * chars has the n_wanted wanted characters, sorted, then lower forms of them.
 * shapes has a row of n_chars for each face. A shape that was not read has no
 * points. The ends of a shape stand behind its points, in the same block.
 */
struct glyphs {
	uint32_t *chars;
	size_t n_wanted, n_chars;
	struct glyph *shapes;
	size_t n_faces;
	size_t max_points;
};

/* In font units, y up. FT_Vector has 32 bits on some machines. */
struct place {
	int64_t x, y;
};

/* A straight piece of an outline, and how far it is through the ink to the
 * other side of the stroke. */
struct piece {
	int32_t length, through;
};

/* A glyph while FT_Outline_Decompose goes through it. */
struct reader {
	int64_t units_per_em;
	int64_t em_px;
	struct place pen;
	struct glyph glyph; /* points and ends are the arrays below */
	struct glyph_point points[GLYPH_POINTS_MAX];
	uint16_t ends[GLYPH_POINTS_MAX];
	struct piece pieces[GLYPH_POINTS_MAX];
};

/* --- an outline in straight pieces --------------------------------------- */

/* num / den font units as parts of GLYPH_EM, to the nearest. */
static int64_t to_em(const struct reader *rd, int64_t num, int64_t den)
{
	int64_t scaled = num * 2 * GLYPH_EM;
	int64_t by = den * rd->units_per_em;

	return (scaled + (scaled < 0 ? -by : by)) / (by * 2);
}

/* A point at place / den. */
static int add_point(struct reader *rd, struct place place, int64_t den)
{
	int64_t x = to_em(rd, place.x, den), y = to_em(rd, -place.y, den);

	if (llabs(x) > COORD_MAX || llabs(y) > COORD_MAX ||
	    rd->glyph.n_points == GLYPH_POINTS_MAX)
		return FT_STOP;
	rd->points[rd->glyph.n_points++] =
		(struct glyph_point){.x = (int16_t)x, .y = (int16_t)y};
	return 0;
}

static void end_contour(struct reader *rd)
{
	struct glyph *glyph = &rd->glyph;
	size_t n = glyph->n_contours;

	if (glyph->n_points > (n ? rd->ends[n - 1] : 0))
		rd->ends[glyph->n_contours++] = glyph->n_points;
}

/*
 * How many pieces a Bezier curve is cut into. n pieces leave it by at most
 * degree * (degree - 1) / (8 * n * n) of its largest second difference.
 */
static int64_t n_pieces(const struct reader *rd, const struct place *p,
			size_t degree)
{
	int64_t length = at_least(llabs(p[degree].x - p[0].x),
				  llabs(p[degree].y - p[0].y));
	int64_t n = length * PIECES_PER_EM / rd->units_per_em + 1, bend = 0;

	for (size_t i = 2; i <= degree; i++) {
		int64_t x = p[i - 2].x - 2 * p[i - 1].x + p[i].x;
		int64_t y = p[i - 2].y - 2 * p[i - 1].y + p[i].y;

		bend = at_least(bend, at_least(llabs(x), llabs(y)));
	}
	bend *= (int64_t)(degree * (degree - 1) / 2);
	while (n < PIECES_MAX &&
	       4 * n * n * rd->units_per_em < bend * rd->em_px * PARTS_PER_PX)
		n++;
	return n < PIECES_MAX ? n : PIECES_MAX;
}

/* Add a Bezier curve of degree + 1 places by de Casteljau's method; its first
 * place is there already. */
static int add_curve(struct reader *rd, const struct place *p, size_t degree)
{
	int64_t n = n_pieces(rd, p, degree);

	for (int64_t i = 1; i <= n; i++) {
		struct place q[DEGREE_MAX + 1];
		int64_t den = 1;

		memcpy(q, p, (degree + 1) * sizeof(*q));
		for (size_t left = degree; left; left--, den *= n)
			for (size_t k = 0; k < left; k++) {
				q[k].x = q[k].x * (n - i) + q[k + 1].x * i;
				q[k].y = q[k].y * (n - i) + q[k + 1].y * i;
			}
		if (add_point(rd, q[0], den))
			return FT_STOP;
	}
	rd->pen = p[degree];
	return 0;
}

static struct place place_of(const FT_Vector *v)
{
	return (struct place){v->x, v->y};
}

static int move_to(const FT_Vector *to, void *ctx)
{
	struct reader *rd = ctx;

	end_contour(rd);
	rd->pen = place_of(to);
	return add_point(rd, rd->pen, 1);
}

static int line_to(const FT_Vector *to, void *ctx)
{
	struct reader *rd = ctx;
	const struct place p[] = {rd->pen, place_of(to)};

	return add_curve(rd, p, 1);
}

static int conic_to(const FT_Vector *c, const FT_Vector *to, void *ctx)
{
	struct reader *rd = ctx;
	const struct place p[] = {rd->pen, place_of(c), place_of(to)};

	return add_curve(rd, p, 2);
}

static int cubic_to(const FT_Vector *c1, const FT_Vector *c2,
		    const FT_Vector *to, void *ctx)
{
	struct reader *rd = ctx;
	const struct place p[] = {rd->pen, place_of(c1), place_of(c2),
				  place_of(to)};

	return add_curve(rd, p, 3);
}

static bool is_within_units(const FT_Outline *outline)
{
	for (int i = 0; i < outline->n_points; i++)
		if (labs(outline->points[i].x) > UNITS_MAX ||
		    labs(outline->points[i].y) > UNITS_MAX)
			return false;
	return true;
}

/* Shapes of all faces run the same way round, so that they add up. (What
 * FT_Outline_Reverse makes of cubic curves FT_Outline_Decompose refuses.) */
static void reverse(struct glyph *glyph)
{
	size_t a = 0;

	for (size_t i = 0; i < glyph->n_contours; i++) {
		for (size_t b = glyph->ends[i] - 1u; a < b; a++, b--) {
			struct glyph_point swap = glyph->points[a];

			glyph->points[a] = glyph->points[b];
			glyph->points[b] = swap;
		}
		a = glyph->ends[i];
	}
}

/* --- measures of a shape ------------------------------------------------- */

/* Rounded down. */
static int64_t distance(const struct glyph_point *a,
			const struct glyph_point *b)
{
	int64_t dx = abs(b->x - a->x), dy = abs(b->y - a->y);
	int64_t low = at_least(dx, dy), high = dx + dy;

	while (low < high) {
		int64_t middle = (low + high + 1) / 2;

		if (middle * middle <= dx * dx + dy * dy)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The way out lies across the line between the neighbours. */
static void set_normal(struct glyph_point *p, const struct glyph_point *before,
		       const struct glyph_point *after)
{
	int64_t length = distance(before, after);

	if (!length)
		return;
	p->nx = (int8_t)((after->y - before->y) * GLYPH_NORMAL / length);
	p->ny = (int8_t)((before->x - after->x) * GLYPH_NORMAL / length);
}

/*
 * Set normals and stroke, and return about the area of the ink. A stroke that
 * is much longer than thick has an area of length times thickness, and sides of
 * twice its length.
 */
static int64_t measure(struct glyph *glyph)
{
	struct glyph_point *points = glyph->points;
	int64_t twice_area = 0, sides = 0, stroke;
	size_t begin = 0;

	for (size_t i = 0; i < glyph->n_contours; i++) {
		size_t end = glyph->ends[i];

		for (size_t k = begin; k < end; k++) {
			struct glyph_point *p = &points[k];
			const struct glyph_point *before =
				&points[(k == begin ? end : k) - 1];
			const struct glyph_point *after =
				&points[k + 1 == end ? begin : k + 1];

			set_normal(p, before, after);
			twice_area += (int64_t)p->x * after->y -
				      (int64_t)p->y * after->x;
			sides += distance(p, after);
		}
		begin = end;
	}
	stroke = sides ? llabs(twice_area) / sides : 0;
	glyph->stroke = (uint16_t)at_least(stroke, 1);
	return llabs(twice_area) / 2;
}

/* How far it is from the middle of a piece straight through the ink to another
 * piece; GLYPH_EM at most. The piece begins at point i, and ends at after. */
static int32_t way_through(const struct glyph *glyph, size_t i,
			   const struct glyph_point *after)
{
	const struct glyph_point *from = &glyph->points[i];
	int64_t x = (from->x + after->x) / 2, y = (from->y + after->y) / 2;
	int64_t dx = from->y - after->y, dy = after->x - from->x;
	int64_t length = distance(from, after), nearest = GLYPH_EM;
	size_t begin = 0;

	for (size_t c = 0; c < glyph->n_contours; begin = glyph->ends[c++]) {
		const struct glyph_point *p =
			&glyph->points[glyph->ends[c] - 1];
		/* beside the way, times length */
		int64_t p_off = (p->x - x) * dy - (p->y - y) * dx;

		for (size_t k = begin; k < glyph->ends[c]; k++) {
			const struct glyph_point *q = &glyph->points[k];
			int64_t q_off = (q->x - x) * dy - (q->y - y) * dx;

			if ((p_off < 0) != (q_off < 0) && p != from) {
				/* along it, times length */
				int64_t p_on = (p->x - x) * dx +
					       (p->y - y) * dy;
				int64_t q_on = (q->x - x) * dx +
					       (q->y - y) * dy;
				int64_t way = p_on + (q_on - p_on) * p_off /
							     (p_off - q_off);

				if (way > 0 && way / length < nearest)
					nearest = way / length;
			}
			p = q;
			p_off = q_off;
		}
	}
	return (int32_t)nearest;
}

static int by_through(const void *a, const void *b)
{
	const struct piece *p = a, *q = b;

	return (p->through > q->through) - (p->through < q->through);
}

/* Of all sides, HAIR_SHARE thousandths are along strokes of that thickness or
 * less. */
static uint16_t hair_of(struct reader *rd)
{
	const struct glyph *glyph = &rd->glyph;
	int64_t all = 0, thin = 0;
	size_t begin = 0, n = 0, i = 0;

	for (size_t c = 0; c < glyph->n_contours; begin = glyph->ends[c++])
		for (size_t k = begin; k < glyph->ends[c]; k++) {
			const struct glyph_point *after =
				&glyph->points[k + 1 == glyph->ends[c] ? begin
								       : k + 1];
			int64_t length = distance(&glyph->points[k], after);

			if (!length)
				continue;
			all += length;
			rd->pieces[n++] =
				(struct piece){(int32_t)length,
					       way_through(glyph, k, after)};
		}
	qsort(rd->pieces, n, sizeof(rd->pieces[0]), by_through);
	while (i + 1 < n && thin * 1000 <= all * HAIR_SHARE)
		thin += rd->pieces[i++].length;
	return (uint16_t)rd->pieces[i].through;
}

static bool is_near_letters(const struct glyph *glyph)
{
	for (size_t i = 0; i < glyph->n_points; i++) {
		struct glyph_point p = glyph->points[i];

		if (p.x < -BOX_BEFORE || p.x > BOX_AFTER || p.y < -BOX_AFTER ||
		    p.y > BOX_BEFORE)
			return false;
	}
	return true;
}

/* The y of a contour's highest and lowest point; y is down. */
struct span {
	int32_t top, foot;
};

static struct span contour_span(const struct glyph *glyph, size_t contour)
{
	struct span span = {INT32_MAX, INT32_MIN};
	size_t i = contour ? glyph->ends[contour - 1] : 0;

	for (; i < glyph->ends[contour]; i++) {
		int32_t y = glyph->points[i].y;

		span.top = y < span.top ? y : span.top;
		span.foot = y > span.foot ? y : span.foot;
	}
	return span;
}

/* People take an a of one storey for o, u or q. An a of two storeys has more
 * than a stroke above its counter. */
static bool has_two_storeys(const struct glyph *glyph)
{
	struct span letter, counter;

	if (glyph->n_contours != 2)
		return false;
	letter = contour_span(glyph, 0);
	counter = contour_span(glyph, 1);
	if (counter.top < letter.top) {
		struct span first = letter;

		letter = counter;
		counter = first;
	}
	return (counter.top - letter.top) * 3 > letter.foot - letter.top;
}

/* People take a 1 with a serif to the right of its head for an I. */
static bool is_like_i(const struct glyph *glyph)
{
	struct span letter = {INT32_MAX, INT32_MIN};
	int32_t head = INT32_MIN, neck = INT32_MIN;

	for (size_t i = 0; i < glyph->n_contours; i++) {
		struct span span = contour_span(glyph, i);

		letter.top = (int32_t)at_most(letter.top, span.top);
		letter.foot = (int32_t)at_least(letter.foot, span.foot);
	}
	for (size_t i = 0; i < glyph->n_points; i++) {
		const struct glyph_point *p = &glyph->points[i];
		int32_t quarter = (p->y - letter.top) * 4 /
				  (letter.foot - letter.top + 1);

		if (quarter == 0)
			head = (int32_t)at_least(head, p->x);
		else if (quarter < 3)
			neck = (int32_t)at_least(neck, p->x);
	}
	return neck != INT32_MIN && head - neck > SERIF_MIN;
}

/* Whether the stem on the left of a letter has a serif at its head or foot that
 * stands out to the left. */
static bool has_left_serif(const struct glyph *glyph)
{
	int32_t end = INT32_MAX, middle = INT32_MAX;
	int32_t top = INT32_MAX, foot = INT32_MIN;

	for (size_t i = 0; i < glyph->n_points; i++) {
		top = (int32_t)at_most(top, glyph->points[i].y);
		foot = (int32_t)at_least(foot, glyph->points[i].y);
	}
	for (size_t i = 0; i < glyph->n_points; i++) {
		const struct glyph_point *p = &glyph->points[i];
		int32_t quarter = (p->y - top) * 4 / (foot - top + 1);

		if (quarter == 3)
			end = (int32_t)at_most(end, p->x);
		else if (quarter == 2)
			middle = (int32_t)at_most(middle, p->x);
	}
	return middle != INT32_MAX && middle - end > SERIF_MIN;
}

/* A bar is thicker than its stroke, since its ends are sides, too. A wedge is
 * not, and a pointed + or = is much thinner. */
static bool is_pointed(const struct glyph *glyph, uint32_t sign)
{
	return glyph->hair * 10 < glyph->stroke * (sign == '-' ? 11 : 7);
}

static bool is_odd(const struct glyph *glyph, uint32_t c)
{
	switch (c) {
	case '0': /* with a dot or a slash: an 8 */
		return glyph->n_contours > 2;
	case '1':
		return is_like_i(glyph);
	case '+':
	case '-':
	case '=':
		return is_pointed(glyph, c);
	default:
		return false;
	}
}

/* --- faces --------------------------------------------------------------- */

/* Read the outline of a character. NULL, or its fault, to stand before the
 * character in a message. */
static const char *read_outline(struct reader *rd, FT_Face ft, uint32_t c)
{
	static const FT_Outline_Funcs funcs = {
		.move_to = move_to,
		.line_to = line_to,
		.conic_to = conic_to,
		.cubic_to = cubic_to,
	};
	FT_UInt index = FT_Get_Char_Index(ft, c);
	FT_Outline *outline;

	rd->glyph = (struct glyph){.points = rd->points, .ends = rd->ends};
	if (!index || FT_Load_Glyph(ft, index, FT_LOAD_NO_SCALE) ||
	    ft->glyph->format != FT_GLYPH_FORMAT_OUTLINE)
		return "has no shape for";
	outline = &ft->glyph->outline;
	if (!is_within_units(outline) ||
	    FT_Outline_Decompose(outline, &funcs, rd))
		return "has a malformed outline, or too many points, for";
	end_contour(rd);
	if (!rd->glyph.n_contours)
		return "has no shape for";
	if (FT_Outline_Get_Orientation(outline) == FT_ORIENTATION_POSTSCRIPT)
		reverse(&rd->glyph);
	if (measure(&rd->glyph) < INK_MIN)
		return "has no ink in";
	if (!is_near_letters(&rd->glyph))
		return "has ink far from where letters lie in";
	return NULL;
}

/* Likewise, with the measures that only drawn shapes need. */
static const char *read_shape(struct reader *rd, FT_Face ft, uint32_t c)
{
	const char *trouble = read_outline(rd, ft, c);

	if (trouble)
		return trouble;
	if (!utf8_is_han(c)) /* it has many pieces, and is never hollow */
		rd->glyph.hair = hair_of(rd);
	rd->glyph.is_odd = is_odd(&rd->glyph, c);
	return NULL;
}

static enum cf_status refuse(const struct font *font, const char *trouble,
			     uint32_t c, struct cf_error *err)
{
	return cf_fail(err, CF_FONT,
		       "font %s %s %s: take the one out of `fonts` or the "
		       "other out of `alphabet`",
		       font->name, trouble, font_name_char(c).text);
}

/* Copy a shape into its own memory; false when out of memory. */
static bool keep(const struct glyph *from, struct glyph *out)
{
	size_t n_bytes = from->n_points * sizeof(*from->points);
	size_t ends_bytes = from->n_contours * sizeof(*from->ends);
	char *block = mem_alloc(MEM_FONT, n_bytes + ends_bytes, 1);

	if (!block)
		return false;
	*out = *from;
	out->points = (void *)block;
	out->ends = (void *)(block + n_bytes);
	memcpy(out->points, from->points, n_bytes);
	memcpy(out->ends, from->ends, ends_bytes);
	return true;
}

/* Whether a face has serifs, by letters with a stem on the left. They are the
 * same whatever is wanted: a picture must not tell which shapes were loaded. */
static bool has_serifs(struct reader *rd, FT_Face ft)
{
	static const char stems[] = "EPR";
	int n_serifs = 0;

	for (const char *c = stems; *c; c++)
		if (!read_outline(rd, ft, (unsigned char)*c))
			n_serifs += has_left_serif(&rd->glyph);
	return n_serifs >= 2;
}

/* Read a row of shapes. */
static enum cf_status load_shapes(struct glyphs *g, struct reader *rd,
				  const struct font *font, FT_Face ft,
				  struct cf_error *err)
{
	struct glyph *row = g->shapes + g->n_faces * g->n_chars;
	bool is_serif = has_serifs(rd, ft);

	for (size_t i = 0; i < g->n_chars; i++) {
		uint32_t c = g->chars[i];
		const char *trouble = read_shape(rd, ft, c);

		if (i >= g->n_wanted &&
		    (trouble || (c == 'a' && !has_two_storeys(&rd->glyph))))
			continue;
		if (trouble)
			return refuse(font, trouble, c, err);
		rd->glyph.has_serifs = is_serif;
		if (!keep(&rd->glyph, &row[i]))
			return cf_fail(err, CF_NOMEM, "no memory for font %s",
				       font->name);
		if (g->max_points < rd->glyph.n_points)
			g->max_points = rd->glyph.n_points;
	}
	return CF_OK;
}

static void drop_shapes(struct glyph *shapes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(shapes[i].points);
		shapes[i] = (struct glyph){.points = NULL};
	}
}

static void *on_alloc(FT_Memory memory, long size)
{
	(void)memory;
	return mem_realloc(MEM_FREETYPE, NULL, (size_t)size, 1);
}

static void on_free(FT_Memory memory, void *ptr)
{
	(void)memory;
	mem_free(ptr);
}

static void *on_realloc(FT_Memory memory, long old_size, long size, void *ptr)
{
	(void)memory;
	(void)old_size;
	return mem_realloc(MEM_FREETYPE, ptr, (size_t)size, 1);
}

/* FreeType with all its modules; false when out of memory. memory is the
 * library's as long as that is open. FT_Done_Library closes it. */
static bool open_library(struct FT_MemoryRec_ *memory, FT_Library *library)
{
	*memory = (struct FT_MemoryRec_){.alloc = on_alloc,
					 .free = on_free,
					 .realloc = on_realloc};
	if (FT_New_Library(memory, library)) {
		*library = NULL;
		return false;
	}
	FT_Add_Default_Modules(*library);
	FT_Set_Default_Properties(*library);
	return true;
}

/* Without memory FreeType leaves modules out, takes a font for none and says
 * that a character is not there. So its result must not be used. */
static enum cf_status check_memory(uint64_t n_refused_before, enum cf_status rc,
				   struct cf_error *err)
{
	if (mem_n_refused() == n_refused_before)
		return rc;
	return cf_fail(err, CF_NOMEM, "no memory for fonts");
}

static enum cf_status open_face(FT_Library library, const struct font *font,
				FT_Face *ft, struct cf_error *err)
{
	FT_Error bad;

	if (font->bytes)
		bad = FT_New_Memory_Face(library, (const FT_Byte *)font->bytes,
					 (FT_Long)font->len, 0, ft);
	else
		bad = FT_New_Face(library, font->name, 0, ft);
	if (bad)
		return cf_fail(err, CF_FONT,
			       "font %s cannot be read or is no "
			       "font (FreeType error %d)",
			       font->name, bad);
	if (FT_IS_SCALABLE(*ft) && (*ft)->units_per_EM)
		return CF_OK;
	FT_Done_Face(*ft);
	return cf_fail(err, CF_FONT, "font %s has no outlines", font->name);
}

/* Add a face. On failure g is as before, but for max_points. */
static enum cf_status load_face(struct glyphs *g, FT_Library library,
				const struct font *font,
				struct glyph_set alphabet, int32_t em_px,
				struct cf_error *err)
{
	struct reader rd;
	FT_Face ft;
	enum cf_status rc = open_face(library, font, &ft, err);

	if (rc)
		return rc;
	rd.units_per_em = ft->units_per_EM;
	rd.em_px = em_px;
	for (size_t i = 0; i < alphabet.n && !rc; i++)
		if (!FT_Get_Char_Index(ft, alphabet.chars[i]))
			rc = refuse(font, "has no character", alphabet.chars[i],
				    err);
	if (!rc)
		rc = load_shapes(g, &rd, font, ft, err);
	FT_Done_Face(ft);
	if (rc)
		drop_shapes(g->shapes + g->n_faces * g->n_chars, g->n_chars);
	else
		g->n_faces++;
	return rc;
}

/* A glyphs with room for the wanted characters and their lower-case forms;
 * NULL when out of memory. */
static struct glyphs *make_glyphs(size_t n_faces, struct glyph_set wanted)
{
	struct glyphs *g = mem_alloc(MEM_FONT, 1, sizeof(*g));

	if (!g)
		return NULL;
	g->chars = mem_alloc(MEM_FONT, wanted.n + CF_ARRAY_LEN(lower_forms),
			     sizeof(*g->chars));
	if (g->chars) {
		memcpy(g->chars, wanted.chars, wanted.n * sizeof(*g->chars));
		g->n_chars = g->n_wanted = wanted.n;
		for (size_t i = 0; i < CF_ARRAY_LEN(lower_forms); i++)
			if (glyph_set_find(wanted, lower_forms[i] - 'a' + 'A'))
				g->chars[g->n_chars++] = lower_forms[i];
		g->shapes = mem_alloc(MEM_FONT, n_faces * g->n_chars,
				      sizeof(*g->shapes));
	}
	if (!g->shapes) {
		glyphs_free(g);
		return NULL;
	}
	return g;
}

enum cf_status glyphs_load(struct glyphs **out, struct font_list *faces,
			   bool is_named, struct glyph_set alphabet,
			   struct glyph_set wanted, int32_t em_px,
			   struct cf_error *err)
{
	uint64_t n_refused = mem_n_refused();
	struct glyphs *g = make_glyphs(faces->n, wanted);
	struct cf_error why = CF_ERROR_INIT;
	struct FT_MemoryRec_ memory;
	FT_Library library = NULL;
	enum cf_status rc = CF_OK;

	*out = NULL;
	if (!g || !open_library(&memory, &library)) {
		rc = cf_fail(err, CF_NOMEM, "no memory for fonts");
		goto out;
	}
	for (size_t i = 0; i < faces->n && !rc;) {
		rc = load_face(g, library, &faces->fonts[i], alphabet, em_px,
			       &why);
		if (rc == CF_FONT && !is_named) {
			font_list_drop(faces, i);
			rc = CF_OK;
		} else {
			i++;
		}
	}
	if (rc && err)
		*err = why; /* that of a dropped font is no failure */
	if (!rc && !faces->n)
		rc = CF_NOT_FOUND;
	rc = check_memory(n_refused, rc, err);
	if (rc)
		goto out;
	*out = g;
	g = NULL;
out:
	if (library)
		FT_Done_Library(library);
	glyphs_free(g);
	return rc;
}

enum cf_status glyphs_inspect(const struct font *font,
			      struct glyph_set alphabet,
			      struct generator_face *out, struct cf_error *err)
{
	uint64_t n_refused = mem_n_refused();
	struct FT_MemoryRec_ memory;
	FT_Library library;
	enum cf_status rc;
	FT_Face ft;

	if (!open_library(&memory, &library))
		return cf_fail(err, CF_NOMEM, "no memory for fonts");
	rc = open_face(library, font, &ft, err);
	if (rc)
		goto out;
	(void)snprintf(out->family, sizeof(out->family), "%s",
		       ft->family_name ? ft->family_name : "");
	(void)snprintf(out->style, sizeof(out->style), "%s",
		       ft->style_name ? ft->style_name : "");
	for (size_t i = 0; i < alphabet.n; i++) {
		if (FT_Get_Char_Index(ft, alphabet.chars[i]))
			continue;
		if (out->n_lacks < GENERATOR_LACKS_MAX)
			out->lacks[out->n_lacks] = alphabet.chars[i];
		out->n_lacks++;
	}
	FT_Done_Face(ft);
out:
	FT_Done_Library(library);
	return check_memory(n_refused, rc, err);
}

void glyphs_free(struct glyphs *glyphs)
{
	if (!glyphs)
		return;
	if (glyphs->shapes)
		drop_shapes(glyphs->shapes, glyphs->n_faces * glyphs->n_chars);
	mem_free(glyphs->chars);
	mem_free(glyphs->shapes);
	mem_free(glyphs);
}

size_t glyphs_n_faces(const struct glyphs *glyphs)
{
	return glyphs->n_faces;
}

size_t glyphs_max_points(const struct glyphs *glyphs)
{
	return glyphs->max_points;
}

static int compare_chars(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

const uint32_t *glyph_set_find(struct glyph_set set, uint32_t c)
{
	return bsearch(&c, set.chars, set.n, sizeof(c), compare_chars);
}

void glyph_set_sort(struct glyph_set *set)
{
	size_t n = 0;

	qsort(set->chars, set->n, sizeof(*set->chars), compare_chars);
	for (size_t i = 0; i < set->n; i++)
		if (!n || set->chars[i] != set->chars[n - 1])
			set->chars[n++] = set->chars[i];
	set->n = n;
}

const struct glyph *glyphs_get(const struct glyphs *glyphs, size_t face,
			       uint32_t c)
{
	struct glyph_set wanted = {glyphs->chars, glyphs->n_wanted};
	const uint32_t *found = glyph_set_find(wanted, c);
	size_t i = found ? (size_t)(found - glyphs->chars) : wanted.n;
	const struct glyph *glyph;

	assert(face < glyphs->n_faces);
	while (!found && i < glyphs->n_chars && glyphs->chars[i] != c)
		i++;
	if (i == glyphs->n_chars)
		return NULL;
	glyph = &glyphs->shapes[face * glyphs->n_chars + i];
	return glyph->points ? glyph : NULL;
}
