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

#include <ctype.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include "base/mem.h"

enum {
	N_CHARS = 128,	   /* ASCII */
	PIECES_PER_EM = 8, /* no straight piece is longer than em / 8 */
	PIECES_MAX = 64,   /* of one curve */
	PARTS_PER_PX = 12, /* a piece leaves its curve by 1/12 px at most */
	COORD_MAX = 4 * GLYPH_EM,
	UNITS_MAX = 1 << 20 /* of a coordinate in font units, which bounds
			       the products below far within 63 bits */
};

/* Lower-case forms that may stand for the upper-case letter. */
static const char lower_forms[] = "aehk";

/* Where a glyph lies in the arrays of struct glyphs; n_points 0: not read. */
struct slot {
	uint32_t first_point, first_end;
	uint16_t n_points, n_contours;
};

struct face {
	struct slot slots[N_CHARS];
};

struct glyphs {
	struct face *faces;
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

static bool reserve(void **array, size_t *max, size_t need, size_t size)
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
	if (!reserve(&points, &g->max_points, g->n_points + 1,
		     sizeof(*g->points)))
		return fail(rd, CF_NOMEM);
	g->points = points;
	g->points[g->n_points++] = (struct glyph_point){(int16_t)x, (int16_t)y};
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
	if (!reserve(&ends, &g->max_ends, g->n_ends + 1, sizeof(*g->ends)))
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

/* False when the face has no outline for c; else rd->failed tells. */
static bool read_outline(struct reader *rd, FT_Face ft, char c)
{
	static const FT_Outline_Funcs funcs = {
		.move_to = move_to,
		.line_to = line_to,
		.conic_to = conic_to,
		.cubic_to = cubic_to,
	};
	FT_UInt index = FT_Get_Char_Index(ft, (FT_ULong)c);
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
	return rd->slot->n_contours > 0;
}

static enum cf_status load_glyph(struct glyphs *g, struct slot *slot,
				 FT_Face ft, const char *path, char c,
				 int32_t em_px, struct cf_error *err)
{
	struct reader rd = {
		.glyphs = g,
		.slot = slot,
		.units_per_em = ft->units_per_EM,
		.em_px = em_px,
	};

	if (slot->n_points)
		return CF_OK; /* the character stands twice in the alphabet */
	slot->first_point = (uint32_t)g->n_points;
	slot->first_end = (uint32_t)g->n_ends;
	if (!read_outline(&rd, ft, c)) {
		if (strchr(lower_forms, c))
			return CF_OK;
		return cf_fail(err, CF_FONT, "font %s has no character '%c'",
			       path, c);
	}
	if (rd.failed == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "no memory for font %s", path);
	if (rd.failed)
		return cf_fail(err, CF_FONT,
			       "font %s: the outline of '%c' is "
			       "malformed or has too many points",
			       path, c);
	if (slot->n_points > g->largest_points)
		g->largest_points = slot->n_points;
	if (slot->n_contours > g->largest_contours)
		g->largest_contours = slot->n_contours;
	return CF_OK;
}

static enum cf_status load_shapes(struct glyphs *g, struct face *face,
				  FT_Face ft, const char *path,
				  const char *alphabet, int32_t em_px,
				  struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	if (!FT_IS_SCALABLE(ft) || !ft->units_per_EM)
		return cf_fail(err, CF_FONT, "font %s has no outlines", path);
	for (const char *c = alphabet; *c && !rc; c++) {
		char upper = (char)toupper((unsigned char)*c);
		char lower = (char)tolower((unsigned char)*c);

		rc = load_glyph(g, &face->slots[(unsigned char)upper], ft, path,
				upper, em_px, err);
		if (!rc && strchr(lower_forms, lower))
			rc = load_glyph(g, &face->slots[(unsigned char)lower],
					ft, path, lower, em_px, err);
	}
	return rc;
}

static enum cf_status load_face(struct glyphs *g, FT_Library library,
				const char *path, const char *alphabet,
				int32_t em_px, struct cf_error *err)
{
	enum cf_status rc;
	FT_Face ft;
	FT_Error bad = FT_New_Face(library, path, 0, &ft);

	if (bad == FT_Err_Out_Of_Memory)
		return cf_fail(err, CF_NOMEM, "no memory for font %s", path);
	if (bad)
		return cf_fail(err, CF_FONT,
			       "font %s cannot be read or is no "
			       "font (FreeType error %d)",
			       path, bad);
	rc = load_shapes(g, &g->faces[g->n_faces], ft, path, alphabet, em_px,
			 err);
	g->n_faces += !rc;
	FT_Done_Face(ft);
	return rc;
}

enum cf_status glyphs_load(struct glyphs **out, char *const *paths, size_t n,
			   const char *alphabet, int32_t em_px,
			   struct cf_error *err)
{
	struct glyphs *g = mem_alloc(MEM_FONT, 1, sizeof(*g));
	FT_Library library = NULL;
	enum cf_status rc = CF_OK;

	*out = NULL;
	if (g)
		g->faces = mem_alloc(MEM_FONT, n, sizeof(*g->faces));
	if (!g || !g->faces || FT_Init_FreeType(&library)) {
		rc = cf_fail(err, CF_NOMEM, "no memory for fonts");
		goto out;
	}
	for (size_t i = 0; i < n && !rc; i++)
		rc = load_face(g, library, paths[i], alphabet, em_px, err);
	if (rc)
		goto out;
	*out = g;
	g = NULL;
out:
	if (library)
		FT_Done_FreeType(library);
	glyphs_free(g);
	return rc;
}

void glyphs_free(struct glyphs *glyphs)
{
	if (!glyphs)
		return;
	mem_free(glyphs->faces);
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

bool glyphs_get(const struct glyphs *glyphs, size_t face, char c,
		struct glyph *out)
{
	const struct slot *slot;

	assert(face < glyphs->n_faces);
	if ((unsigned char)c >= N_CHARS)
		return false;
	slot = &glyphs->faces[face].slots[(unsigned char)c];
	if (!slot->n_points)
		return false;
	out->points = glyphs->points + slot->first_point;
	out->ends = glyphs->ends + slot->first_end;
	out->n_points = slot->n_points;
	out->n_contours = slot->n_contours;
	return true;
}
