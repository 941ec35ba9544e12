/*
 * raster.c: coverage is area, holes are holes, nothing leaks.
 */
#include "base/base.h"
#include "base/rng.h"
#include "image/raster.h"
#include "tests/support/check.h"
#include "tests/support/shapes.h"

#include <ft2build.h>
#include FT_OUTLINE_H

enum {
	SIDE = 40
};

static struct raster raster;

static int set_up(void **state)
{
	return raster_init(&raster, SIDE, SIDE) ? 0 : -1;
}

static int tear_down(void **state)
{
	raster_release(&raster);
	return 0;
}

static void add(const struct point *points, size_t n)
{
	struct outline outline;

	assert_true(outline_init(&outline, n));
	memcpy(outline.points, points, n * sizeof(*points));
	outline.n_points = n;
	outline.ends[outline.n_contours++] = (uint32_t)n;
	raster_add(&raster, &outline);
	outline_release(&outline);
}

/* Sides in 1/256 px; a hole runs the other way round. */
struct rectangle {
	int32_t x0, y0, x1, y1;
	bool is_hole;
};

static void add_rectangle(const struct rectangle *r)
{
	const struct point p[] = {{r->x0, r->y0}, {r->x1, r->y0},
				  {r->x1, r->y1}, {r->x0, r->y1}};
	const struct point back[] = {p[3], p[2], p[1], p[0]};

	if (r->x1 > r->x0)
		add(r->is_hole ? back : p, 4);
}

static int at(int32_t x, int32_t y)
{
	return raster.cover[(size_t)y * raster.stride + (size_t)x];
}

static int64_t total(void)
{
	int64_t sum = 0;

	for (int32_t y = 0; y < SIDE; y++)
		for (int32_t x = 0; x < SIDE; x++)
			sum += at(x, y);
	return sum;
}

static void rectangles_cover_their_area_exactly(void **state)
{
	enum { P = ONE_PX };
	static const struct {
		struct rectangle first, second;
		int64_t total;
	} rows[] = {
		{{0}, {0}, 0},
		{{3 * P, 5 * P, 9 * P, 7 * P, false}, {0}, 255 * 12},
		{{3 * P, 5 * P, 9 * P, 7 * P, true}, {0}, 255 * 12},
		{{0, 0, SIDE * P, SIDE * P, false}, {0}, 255 * SIDE * SIDE},
		{{4 * P + 64, 4 * P, 5 * P, 5 * P, false}, {0}, 192},
		{{8 * P, 8 * P + 128, 9 * P, 9 * P, false}, {0}, 128},
		{{9 * P, 9 * P, 9 * P + 128, 9 * P + 128, false}, {0}, 64},
		{{2 * P, 2 * P, 12 * P, 12 * P, false},
		 {4 * P, 4 * P, 10 * P, 10 * P, true}, 255 * (100 - 36)},
		/* where contours overlap, ink stays ink */
		{{2 * P, 2 * P, 12 * P, 12 * P, false},
		 {6 * P, 6 * P, 16 * P, 16 * P, false}, 255 * (200 - 36)},
		{{0, SIDE * P - P, P, SIDE * P, false}, {0}, 255},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		add_rectangle(&rows[i].first);
		add_rectangle(&rows[i].second);
		raster_finish(&raster);
		assert_int_equal(total(), rows[i].total);
	}
}

static int64_t twice_area(const struct point *p, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		struct point a = p[i], b = p[(i + 1) % n];

		sum += (int64_t)a.x * b.y - (int64_t)b.x * a.y;
	}
	return sum < 0 ? -sum : sum;
}

/* Rounding changes each cell that a side passes by less than two parts of 256.
 * A triangle has no overlaps, which would count once. */
static void coverage_of_any_triangle_is_its_area(void **state)
{
	struct rng rng;

	rng_init(&rng, 5);
	for (int i = 0; i < 20000; i++) {
		struct point p[3];
		int64_t area;

		for (size_t k = 0; k < 3; k++) {
			p[k].x = (int32_t)rng_below(&rng, SIDE * ONE_PX + 1);
			p[k].y = (int32_t)rng_below(&rng, SIDE * ONE_PX + 1);
		}
		add(p, 3);
		raster_finish(&raster);
		area = twice_area(p, 3) / (2 * ONE_PX);
		assert_in_range(total() + 1000 + area / 200, area,
				area + 2000 + area / 100);
	}
}

static void nothing_leaks_below_or_beside_a_shape(void **state)
{
	struct rng rng;

	rng_init(&rng, 6);
	for (int i = 0; i < 2000; i++) {
		struct point p[8];
		int32_t x1 = 0, y1 = 0, x0 = SIDE * ONE_PX, y0 = SIDE * ONE_PX;

		for (size_t k = 0; k < CF_ARRAY_LEN(p); k++) {
			p[k].x = (int32_t)rng_below(&rng, SIDE * ONE_PX + 1);
			p[k].y = (int32_t)rng_below(&rng, SIDE * ONE_PX + 1);
			x0 = p[k].x < x0 ? p[k].x : x0;
			x1 = p[k].x > x1 ? p[k].x : x1;
			y0 = p[k].y < y0 ? p[k].y : y0;
			y1 = p[k].y > y1 ? p[k].y : y1;
		}
		add(p, CF_ARRAY_LEN(p));
		raster_finish(&raster);
		for (int32_t y = 0; y < SIDE; y++)
			for (int32_t x = 0; x < SIDE; x++)
				if ((x + 1) * ONE_PX <= x0 ||
				    x * ONE_PX >= x1 ||
				    (y + 1) * ONE_PX <= y0 || y * ONE_PX >= y1)
					assert_int_equal(at(x, y), 0);
	}
}

/* --- against FreeType ----------------------------------------------------- */

enum {
	FT_SIDE = 256,	/* of both canvases */
	FT_ONE_PX = 64, /* what FreeType's coordinates count in */
	PER_FT = ONE_PX / FT_ONE_PX,
	OFF_MAX = 2, /* of 255, by which coverage may differ: the points are
			the same, what differs is the arithmetic */
};

static const int32_t ft_sizes_px[] = {6, 12, 24, 54, 80, 150};

/* The same points for FreeType's smooth rasterizer, which has y upwards. */
static void render(FT_Library library, const struct outline *outline,
		   uint8_t *cover)
{
	static FT_Vector points[GLYPH_POINTS_MAX];
	static unsigned char tags[GLYPH_POINTS_MAX];
	static short ends[GLYPH_POINTS_MAX];
	FT_Outline ft = {
		.points = points,
		.tags = (void *)tags,
		.contours = (void *)ends,
	};
	FT_Bitmap bitmap = {
		.rows = FT_SIDE,
		.width = FT_SIDE,
		.pitch = FT_SIDE,
		.buffer = cover,
		.num_grays = 256,
		.pixel_mode = FT_PIXEL_MODE_GRAY,
	};

	/* FreeType 2.13.3 made them unsigned */
	ft.n_points = (__typeof__(ft.n_points))outline->n_points;
	ft.n_contours = (__typeof__(ft.n_contours))outline->n_contours;
	for (size_t i = 0; i < outline->n_points; i++) {
		points[i].x = outline->points[i].x / PER_FT;
		points[i].y = (FT_SIDE * ONE_PX - outline->points[i].y) /
			      PER_FT;
		tags[i] = FT_CURVE_TAG_ON;
	}
	for (size_t i = 0; i < outline->n_contours; i++)
		ends[i] = (short)(outline->ends[i] - 1);
	memset(cover, 0, (size_t)FT_SIDE * FT_SIDE);
	assert_int_equal(FT_Outline_Get_Bitmap(library, &ft, &bitmap), 0);
}

/* A glyph of em_px at a place, both in whole 1/64 px, which FreeType can say
 * too. */
static void place(const struct glyph *glyph, int32_t em_px, int32_t x,
		  int32_t y, struct outline *out)
{
	out->n_points = out->n_contours = 0;
	for (size_t i = 0; i < glyph->n_points; i++) {
		const struct glyph_point *p = &glyph->points[i];

		out->points[out->n_points++] = (struct point){
			(p->x * em_px * FT_ONE_PX >> GLYPH_EM_BITS) * PER_FT +
				x * PER_FT,
			(p->y * em_px * FT_ONE_PX >> GLYPH_EM_BITS) * PER_FT +
				y * PER_FT,
		};
	}
	for (size_t i = 0; i < glyph->n_contours; i++)
		out->ends[out->n_contours++] = glyph->ends[i];
}

/* The pixels that are neither paper nor ink in both pictures. */
struct differences {
	int most;
	int64_t n_partial;
};

static void compare(FT_Library library, const struct outline *outline,
		    struct raster *ours, struct differences *out)
{
	static uint8_t cover[FT_SIDE * FT_SIDE];

	render(library, outline, cover);
	raster_add(ours, outline);
	raster_finish(ours);
	for (int32_t y = 0; y < FT_SIDE; y++)
		for (int32_t x = 0; x < FT_SIDE; x++) {
			int mine = ours->cover[(size_t)y * ours->stride +
					       (size_t)x];
			int off = abs(mine - cover[y * FT_SIDE + x]);

			out->most = off > out->most ? off : out->most;
			out->n_partial += off || (mine && mine < 255);
		}
}

/* All letters of a face at em_px, at several places between pixels. */
static struct differences compare_face(FT_Library library, const char *name,
				       int32_t em_px)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789";
	struct differences out = {0, 0};
	struct glyphs *glyphs = shapes_load(letters, name);
	struct outline outline;
	struct raster ours;

	assert_true(raster_init(&ours, FT_SIDE, FT_SIDE));
	assert_true(outline_init(&outline, GLYPH_POINTS_MAX));
	for (const char *c = letters; *c; c++)
		for (int32_t k = 0; k < 5; k++) {
			place(glyphs_get(glyphs, 0, (uint32_t)*c), em_px,
			      40 * FT_ONE_PX + 13 * k, 180 * FT_ONE_PX + 29 * k,
			      &outline);
			compare(library, &outline, &ours, &out);
		}
	outline_release(&outline);
	raster_release(&ours);
	glyphs_free(glyphs);
	return out;
}

static void glyphs_come_out_as_freetype_fills_them(void **state)
{
	static const char *const names[] = {"sans.ttf", "serif-no-q.ttf",
					    "cubic.otf"};
	FT_Library library;

	assert_int_equal(FT_Init_FreeType(&library), 0);
	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		for (size_t k = 0; k < CF_ARRAY_LEN(ft_sizes_px); k++) {
			struct differences off = compare_face(
				library, names[i], ft_sizes_px[k]);

			assert_true(off.n_partial > 1000);
			if (off.most > OFF_MAX)
				fail_msg("%s at %d px: off by %d", names[i],
					 ft_sizes_px[k], off.most);
		}
	FT_Done_FreeType(library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rectangles_cover_their_area_exactly),
		cmocka_unit_test(coverage_of_any_triangle_is_its_area),
		cmocka_unit_test(nothing_leaks_below_or_beside_a_shape),
		cmocka_unit_test(glyphs_come_out_as_freetype_fills_them),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
