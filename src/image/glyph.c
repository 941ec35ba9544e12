/*
 * Letter shapes: see glyph.h. The only file that knows FreeType, and only to
 * read outlines: nothing is hinted, scaled or rendered by it, so its version
 * does not change the pictures.
 *
 * Curves are cut into straight pieces here, once, fine enough for the largest
 * size that will be drawn; long lines are cut too, so that they can be bent.
 */
#include "base/base.h"
#include "image/glyph.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_MODULE_H
#include FT_OUTLINE_H

#include "base/mem.h"
#include "base/utf8.h"

enum {
	PIECES_PER_EM = 9, /* no straight piece is longer than em / 11 */
	PIECES_MAX = 64,   /* of one curve */
	PARTS_PER_PX = 6, /* a piece leaves its curve by 1/12 px at most */
	COORD_MAX = 4 * GLYPH_EM,
	/* a dash of em / 4 by em / 250, say */
	INK_MIN = GLYPH_EM * GLYPH_EM / 1000,
	/* Letters lie here: so far from the origin to the left and below the
	 * base line, and to the right and above it. */
	BOX_BEFORE = 2 * GLYPH_EM,
	BOX_AFTER = 3 * GLYPH_EM,
	UNITS_MAX = 1 << 20 /* of a coordinate in font units, which bounds
			       the products below far within 63 bits */
};

/* Lower-case forms that may stand for the upper-case letter. None has an
 * ascender, so letter.c draws them larger. Not h, which people take for n, r
 * for t, t for x, u for w, and n for all of them. */
static const uint32_t lower_forms[] = {'a', 'e', 'm'};

/* Where a glyph lies in the arrays of struct glyphs; n_points 0: not read. */
struct slot {
	uint32_t first_point, first_end;
	uint16_t n_points, n_contours;
	uint16_t stroke;
	int64_t area; /* of the ink, about, in squares of a GLYPH_EM'th */
};

/* Invariant: chars is sorted; slots has one row of n_chars for each face. */
struct glyphs {
	uint32_t *chars;
	size_t n_chars;
	struct slot *slots;
	size_t n_faces;
	struct glyph_point *points;
	size_t n_points, max_points;
	uint16_t *ends;
	size_t n_ends, max_ends;
	size_t largest_points, largest_contours;
};

/* One glyph on its way through FT_Outline_Decompose. */
struct reader {
	struct glyphs *glyphs;
	struct slot *slot;
	int64_t units_per_em;
	int64_t em_px;
	FT_Vector at;	       /* the pen, in font units */
	enum cf_status failed; /* CF_OK, CF_NOMEM, CF_FONT */
};

enum {
	FT_STOP = 1
}; /* a decompose callback that wants no more calls */

static bool grow(void **array, size_t *max, size_t need, size_t size)
{
	size_t more = *max ? *max * 2 : 1024;
	void *grown;

	if (need <= *max)
		return true;
	grown = mem_realloc(MEM_FONT, *array, more, size);
	if (!grown)
		return false;
	*array = grown;
	*max = more;
	return true;
}

static int fail(struct reader *rd, enum cf_status status)
{
	rd->failed = status;
	return FT_STOP;
}

/* num / den font units as parts of GLYPH_EM, to the nearest. */
static int64_t to_em(const struct reader *rd, int64_t num, int64_t den)
{
	int64_t scaled = num * 2 * GLYPH_EM;
	int64_t by = den * rd->units_per_em;

	return (scaled + (scaled < 0 ? -by : by)) / (by * 2);
}

/* A point at (x, y) / den font units, y up. */
static int add_point(struct reader *rd, int64_t x, int64_t y, int64_t den)
{
	struct glyphs *g = rd->glyphs;
	void *points = g->points;

	x = to_em(rd, x, den);
	y = to_em(rd, -y, den);
	if (x > COORD_MAX || x < -COORD_MAX || y > COORD_MAX || y < -COORD_MAX)
		return fail(rd, CF_FONT);
	if (rd->slot->n_points == GLYPH_POINTS_MAX)
		return fail(rd, CF_FONT);
	if (!grow(&points, &g->max_points, g->n_points + 1, sizeof(*g->points)))
		return fail(rd, CF_NOMEM);
	g->points = points;
	g->points[g->n_points++] = (struct glyph_point){
		.x = (int16_t)x,
		.y = (int16_t)y,
	};
	rd->slot->n_points++;
	return 0;
}

/* The contour so far is complete. */
static int end_contour(struct reader *rd)
{
	struct glyphs *g = rd->glyphs;
	struct slot *slot = rd->slot;
	uint16_t before = slot->n_contours ? g->ends[g->n_ends - 1] : 0;
	void *ends = g->ends;

	if (slot->n_points == before)
		return 0;
	if (!grow(&ends, &g->max_ends, g->n_ends + 1, sizeof(*g->ends)))
		return fail(rd, CF_NOMEM);
	g->ends = ends;
	g->ends[g->n_ends++] = slot->n_points;
	slot->n_contours++;
	return 0;
}

static int64_t spread(FT_Vector a, FT_Vector b)
{
	int64_t dx = labs(a.x - b.x), dy = labs(a.y - b.y);

	return dx > dy ? dx : dy;
}

/*
 * How many pieces for a stretch of `length` whose second difference is
 * `bend`: n pieces of a parabola with control points a, b, c leave it by
 * |a - 2b + c| / (4 n^2).
 */
static int64_t n_pieces(const struct reader *rd, int64_t length, int64_t bend)
{
	int64_t n = length * PIECES_PER_EM / rd->units_per_em + 1;

	while (n < PIECES_MAX &&
	       4 * n * n * rd->units_per_em < bend * rd->em_px * PARTS_PER_PX)
		n++;
	return n < PIECES_MAX ? n : PIECES_MAX;
}

static int move_to(const FT_Vector *to, void *ctx)
{
	struct reader *rd = ctx;

	if (end_contour(rd))
		return FT_STOP;
	rd->at = *to;
	return add_point(rd, to->x, to->y, 1);
}

static int line_to(const FT_Vector *to, void *ctx)
{
	struct reader *rd = ctx;
	int64_t n = n_pieces(rd, spread(rd->at, *to), 0);

	for (int64_t i = 1; i <= n; i++)
		if (add_point(rd, rd->at.x * (n - i) + to->x * i,
			      rd->at.y * (n - i) + to->y * i, n))
			return FT_STOP;
	rd->at = *to;
	return 0;
}

static FT_Vector second_difference(FT_Vector a, FT_Vector b, FT_Vector c)
{
	FT_Vector d = {a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y};

	return d;
}

static int conic_to(const FT_Vector *c, const FT_Vector *to, void *ctx)
{
	static const FT_Vector zero = {0, 0};
	struct reader *rd = ctx;
	FT_Vector d = second_difference(rd->at, *c, *to);
	int64_t n = n_pieces(rd, spread(rd->at, *to), spread(d, zero));

	for (int64_t i = 1; i <= n; i++) {
		int64_t j = n - i;
		int64_t w0 = j * j, w1 = 2 * i * j, w2 = i * i;

		if (add_point(rd, w0 * rd->at.x + w1 * c->x + w2 * to->x,
			      w0 * rd->at.y + w1 * c->y + w2 * to->y, n * n))
			return FT_STOP;
	}
	rd->at = *to;
	return 0;
}

static int cubic_to(const FT_Vector *c1, const FT_Vector *c2,
		    const FT_Vector *to, void *ctx)
{
	static const FT_Vector zero = {0, 0};
	struct reader *rd = ctx;
	int64_t d1 = spread(second_difference(rd->at, *c1, *c2), zero);
	int64_t d2 = spread(second_difference(*c1, *c2, *to), zero);
	int64_t n = n_pieces(rd, spread(rd->at, *to), 3 * (d1 > d2 ? d1 : d2));

	for (int64_t i = 1; i <= n; i++) {
		int64_t j = n - i;
		int64_t w0 = j * j * j, w1 = 3 * i * j * j;
		int64_t w2 = 3 * i * i * j, w3 = i * i * i;

		if (add_point(rd,
			      w0 * rd->at.x + w1 * c1->x + w2 * c2->x +
				      w3 * to->x,
			      w0 * rd->at.y + w1 * c1->y + w2 * c2->y +
				      w3 * to->y,
			      n * n * n))
			return FT_STOP;
	}
	rd->at = *to;
	return 0;
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
static void reverse(struct glyphs *g, const struct slot *slot)
{
	size_t a = slot->first_point;

	for (size_t i = 0; i < slot->n_contours; i++) {
		size_t end = (size_t)slot->first_point +
			     g->ends[slot->first_end + i];

		for (size_t b = end - 1; a < b; a++, b--) {
			struct glyph_point swap = g->points[a];

			g->points[a] = g->points[b];
			g->points[b] = swap;
		}
		a = end;
	}
}

/* The square root, rounded down. */
static int64_t root(int64_t square)
{
	int64_t low = 0, high = 4 * COORD_MAX;

	while (low < high) {
		int64_t middle = (low + high + 1) / 2;

		if (middle * middle <= square)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* At each point the way out lies across the line between its neighbours. */
static void add_normals(struct glyphs *g, const struct slot *slot)
{
	struct glyph_point *points = g->points + slot->first_point;
	size_t begin = 0;

	for (size_t i = 0; i < slot->n_contours; i++) {
		size_t end = g->ends[slot->first_end + i];

		for (size_t k = begin; k < end; k++) {
			size_t before = (k == begin ? end : k) - 1;
			size_t after = k + 1 == end ? begin : k + 1;
			int64_t dx = points[after].x - points[before].x;
			int64_t dy = points[after].y - points[before].y;
			int64_t length = root(dx * dx + dy * dy);

			if (!length)
				continue;
			points[k].nx = (int8_t)(dy * GLYPH_NORMAL / length);
			points[k].ny = (int8_t)(-dx * GLYPH_NORMAL / length);
		}
		begin = end;
	}
}

/* Of a stroke that is much longer than thick, the area is its length times how
 * thick it is, and its sides are twice its length. */
static void measure_strokes(const struct glyphs *g, struct slot *slot)
{
	const struct glyph_point *points = g->points + slot->first_point;
	int64_t twice_area = 0, sides = 0, stroke;
	size_t begin = 0;

	for (size_t i = 0; i < slot->n_contours; i++) {
		size_t end = g->ends[slot->first_end + i];

		for (size_t k = begin; k < end; k++) {
			const struct glyph_point *a = &points[k];
			const struct glyph_point *b =
				&points[k + 1 == end ? begin : k + 1];
			int64_t dx = b->x - a->x, dy = b->y - a->y;

			twice_area += (int64_t)a->x * b->y -
				      (int64_t)a->y * b->x;
			sides += root(dx * dx + dy * dy);
		}
		begin = end;
	}
	stroke = sides ? llabs(twice_area) / sides : 0;
	slot->stroke = (uint16_t)(stroke < 1 ? 1 : stroke);
	slot->area = llabs(twice_area) / 2;
}

/* What is wrong with a shape that was read; NULL for nothing. What is drawn of
 * such a one has nothing to read, or lies far from where a letter does. */
static const char *trouble_of(const struct glyphs *g, const struct slot *slot)
{
	const struct glyph_point *points = g->points + slot->first_point;

	if (slot->area < INK_MIN)
		return "has no ink";
	for (size_t i = 0; i < slot->n_points; i++)
		if (points[i].x < -BOX_BEFORE || points[i].x > BOX_AFTER ||
		    points[i].y < -BOX_AFTER || points[i].y > BOX_BEFORE)
			return "lies far from where letters do";
	return NULL;
}

/* False when the face has no outline for c; else rd->failed tells. */
static bool read_outline(struct reader *rd, FT_Face ft, uint32_t c)
{
	static const FT_Outline_Funcs funcs = {
		.move_to = move_to,
		.line_to = line_to,
		.conic_to = conic_to,
		.cubic_to = cubic_to,
	};
	FT_UInt index = FT_Get_Char_Index(ft, c);
	FT_Outline *outline;

	if (!index || FT_Load_Glyph(ft, index, FT_LOAD_NO_SCALE) ||
	    ft->glyph->format != FT_GLYPH_FORMAT_OUTLINE)
		return false;
	outline = &ft->glyph->outline;
	if (!is_within_units(outline) ||
	    FT_Outline_Decompose(outline, &funcs, rd) || end_contour(rd)) {
		if (!rd->failed)
			rd->failed = CF_FONT;
		return true;
	}
	if (FT_Outline_Get_Orientation(outline) == FT_ORIENTATION_POSTSCRIPT)
		reverse(rd->glyphs, rd->slot);
	add_normals(rd->glyphs, rd->slot);
	measure_strokes(rd->glyphs, rd->slot);
	return rd->slot->n_contours > 0;
}

/* A character for a message: itself, and its number. */
struct named {
	char text[UTF8_MAX_BYTES + 16];
};

static struct named name_char(uint32_t c)
{
	struct named named;
	char bytes[UTF8_MAX_BYTES + 1];

	bytes[utf8_put(c, bytes)] = '\0';
	(void)snprintf(named.text, sizeof(named.text), "'%s' (U+%04X)", bytes,
		       (unsigned)c);
	return named;
}

static bool is_lower_form(uint32_t c)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(lower_forms); i++)
		if (c == lower_forms[i])
			return true;
	return false;
}

/* From where to where a contour goes; y is down. */
struct span {
	int32_t top, foot;
};

static struct span contour_span(const struct glyphs *g,
				const struct slot *slot, size_t contour)
{
	const uint16_t *ends = g->ends + slot->first_end;
	const struct glyph_point *points = g->points + slot->first_point;
	struct span span = {INT32_MAX, INT32_MIN};

	for (size_t i = contour ? ends[contour - 1] : 0; i < ends[contour];
	     i++) {
		if (points[i].y < span.top)
			span.top = points[i].y;
		if (points[i].y > span.foot)
			span.foot = points[i].y;
	}
	return span;
}

/* An a of one storey is taken for o, u or q. In one of two there is more than
 * a stroke above the counter. */
static bool has_two_storeys(const struct glyphs *g, const struct slot *slot)
{
	struct span letter, counter;

	if (slot->n_contours != 2)
		return false;
	letter = contour_span(g, slot, 0);
	counter = contour_span(g, slot, 1);
	if (counter.top < letter.top) {
		struct span first = letter;

		letter = counter;
		counter = first;
	}
	return (counter.top - letter.top) * 3 > letter.foot - letter.top;
}

static enum cf_status load_glyph(struct glyphs *g, struct slot *slot,
				 FT_Face ft, const char *name, uint32_t c,
				 int32_t em_px, struct cf_error *err)
{
	struct reader rd = {
		.glyphs = g,
		.slot = slot,
		.units_per_em = ft->units_per_EM,
		.em_px = em_px,
	};
	const char *trouble;

	slot->first_point = (uint32_t)g->n_points;
	slot->first_end = (uint32_t)g->n_ends;
	if (!read_outline(&rd, ft, c)) {
		if (is_lower_form(c))
			return CF_OK;
		return cf_fail(err, CF_FONT, "font %s has no shape for %s",
			       name, name_char(c).text);
	}
	if (rd.failed == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "no memory for font %s", name);
	if (rd.failed)
		return cf_fail(err, CF_FONT,
			       "font %s: the outline of %s is "
			       "malformed or has too many points",
			       name, name_char(c).text);
	trouble = trouble_of(g, slot);
	if ((trouble && is_lower_form(c)) ||
	    (c == 'a' && !has_two_storeys(g, slot))) {
		g->n_points = slot->first_point;
		g->n_ends = slot->first_end;
		*slot = (struct slot){.n_points = 0};
		return CF_OK;
	}
	if (trouble)
		return cf_fail(err, CF_FONT, "font %s: %s %s: take the one out "
			       "of `fonts` or the other out of `alphabet`",
			       name, name_char(c).text, trouble);
	if (slot->n_points > g->largest_points)
		g->largest_points = slot->n_points;
	if (slot->n_contours > g->largest_contours)
		g->largest_contours = slot->n_contours;
	return CF_OK;
}

/* The first character of the set that a face lacks; 0 for none. */
static uint32_t lacking(FT_Face ft, struct glyph_set set)
{
	for (size_t i = 0; i < set.n; i++)
		if (!FT_Get_Char_Index(ft, set.chars[i]))
			return set.chars[i];
	return 0;
}

static enum cf_status load_shapes(struct glyphs *g, FT_Face ft,
				  const char *name, int32_t em_px,
				  struct cf_error *err)
{
	struct slot *slots = g->slots + g->n_faces * g->n_chars;
	size_t n_points = g->n_points, n_ends = g->n_ends;
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < g->n_chars && !rc; i++)
		rc = load_glyph(g, &slots[i], ft, name, g->chars[i], em_px,
				err);
	if (!rc) {
		g->n_faces++;
	} else {
		memset(slots, 0, g->n_chars * sizeof(*slots));
		g->n_points = n_points;
		g->n_ends = n_ends;
	}
	return rc;
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

/* Without memory FreeType leaves modules out, takes a font for none and a
 * character for one that is not there: what came of it is not to be used. */
static enum cf_status check_memory(uint64_t n_refused_before,
				   enum cf_status rc, struct cf_error *err)
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
		bad = FT_New_Memory_Face(library,
					 (const FT_Byte *)font->bytes,
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

/* *lacks is a character of the alphabet that the face has not, and then the
 * face is none of g's; else 0. */
static enum cf_status load_face(struct glyphs *g, FT_Library library,
				const struct font *font,
				struct glyph_set alphabet, int32_t em_px,
				uint32_t *lacks,
				struct cf_error *err)
{
	FT_Face ft;
	enum cf_status rc = open_face(library, font, &ft, err);

	*lacks = 0;
	if (rc)
		return rc;
	*lacks = lacking(ft, alphabet);
	if (!*lacks)
		rc = load_shapes(g, ft, font->name, em_px, err);
	FT_Done_Face(ft);
	return rc;
}

static enum cf_status load_faces(struct glyphs *g, FT_Library library,
				 struct font_list *faces, bool is_named,
				 struct glyph_set alphabet, int32_t em_px,
				 struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	uint32_t lacks = 0;

	for (size_t i = 0; i < faces->n && !rc;) {
		const struct font *font = &faces->fonts[i];

		rc = load_face(g, library, font, alphabet, em_px, &lacks, err);
		if (rc == CF_FONT && !is_named) {
			font_list_drop(faces, i);
			rc = CF_OK;
		} else if (rc || !lacks)
			i++;
		else if (!is_named)
			font_list_drop(faces, i);
		else
			rc = cf_fail(err, CF_FONT,
				     "font %s has no character %s: take the "
				     "one out of `fonts` or the other out of "
				     "`alphabet`",
				     font->name, name_char(lacks).text);
	}
	return !rc && !faces->n ? CF_NOT_FOUND : rc;
}

static int compare_chars(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool glyph_set_has(struct glyph_set set, uint32_t c)
{
	return bsearch(&c, set.chars, set.n, sizeof(c), compare_chars) != NULL;
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
		g->n_chars = wanted.n;
		for (size_t i = 0; i < CF_ARRAY_LEN(lower_forms); i++)
			if (glyph_set_has(wanted, lower_forms[i] - 'a' + 'A'))
				g->chars[g->n_chars++] = lower_forms[i];
		qsort(g->chars, g->n_chars, sizeof(*g->chars), compare_chars);
		g->slots = mem_alloc(MEM_FONT, n_faces * g->n_chars,
				     sizeof(*g->slots));
	}
	if (!g->slots) {
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
	struct FT_MemoryRec_ memory;
	FT_Library library = NULL;
	enum cf_status rc;

	*out = NULL;
	if (!g || !open_library(&memory, &library)) {
		rc = cf_fail(err, CF_NOMEM, "no memory for fonts");
		goto out;
	}
	rc = load_faces(g, library, faces, is_named, alphabet, em_px, err);
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
			      struct glyph_set alphabet, struct glyph_face *out,
			      struct cf_error *err)
{
	uint64_t n_refused = mem_n_refused();
	struct FT_MemoryRec_ memory;
	FT_Library library;
	enum cf_status rc;
	FT_Face ft;

	*out = (struct glyph_face){.n_lacks = 0};
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
		if (out->n_lacks < GLYPH_LACKS_MAX)
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
	mem_free(glyphs->chars);
	mem_free(glyphs->slots);
	mem_free(glyphs->points);
	mem_free(glyphs->ends);
	mem_free(glyphs);
}

size_t glyphs_n_faces(const struct glyphs *glyphs)
{
	return glyphs->n_faces;
}

size_t glyphs_max_points(const struct glyphs *glyphs)
{
	return glyphs->largest_points;
}

size_t glyphs_max_contours(const struct glyphs *glyphs)
{
	return glyphs->largest_contours;
}

bool glyphs_get(const struct glyphs *glyphs, size_t face, uint32_t c,
		struct glyph *out)
{
	const uint32_t *at = bsearch(&c, glyphs->chars, glyphs->n_chars,
				     sizeof(c), compare_chars);
	const struct slot *slot;

	assert(face < glyphs->n_faces);
	if (!at)
		return false;
	slot = &glyphs->slots[face * glyphs->n_chars +
			      (size_t)(at - glyphs->chars)];
	if (!slot->n_points)
		return false;
	out->points = glyphs->points + slot->first_point;
	out->ends = glyphs->ends + slot->first_end;
	out->n_points = slot->n_points;
	out->n_contours = slot->n_contours;
	out->stroke = slot->stroke;
	return true;
}
