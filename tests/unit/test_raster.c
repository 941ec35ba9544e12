/*
 * raster.c: coverage is area, holes are holes, nothing leaks.
 */
#include "base/base.h"
#include "base/mem.h"
#include "base/rng.h"
#include "image/glyph.h"
#include "image/raster.h"
#include "tests/support/picture.h"

#include <setjmp.h>

#include <cmocka.h>
#include <ft2build.h>
#include FT_OUTLINE_H

enum {
	SIDE = 40
};

static struct raster raster;

static int set_up(void **state)
{
	(void)state;
	return raster_init(&raster, SIDE, SIDE) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	raster_release(&raster);
	return 0;
}

static void add(const struct point *points, size_t n)
{
	struct outline outline;

	assert_true(outline_init(&outline, n, 1));
	memcpy(outline.points, points, n * sizeof(*points));
	outline.n_points = n;
	outline.ends[outline.n_contours++] = (uint32_t)n;
	raster_add(&raster, &outline);
	outline_release(&outline);
}

/* A rectangle with sides in 1/256 px, clockwise or not. */
static void add_box(int32_t x0, int32_t y0, int32_t x1, int32_t y1, bool back)
{
	const struct point p[] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
	const struct point q[] = {p[3], p[2], p[1], p[0]};

	add(back ? q : p, 4);
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

static void nothing_added_is_all_paper(void **state)
{
	(void)state;
	memset(raster.cover, 7, raster.stride * SIDE);
	raster_finish(&raster);
	assert_int_equal(total(), 0);
}

static void a_box_on_pixel_sides_is_exact(void **state)
{
	(void)state;
	for (int back = 0; back < 2; back++) {
		add_box(3 * ONE_PX, 5 * ONE_PX, 9 * ONE_PX, 7 * ONE_PX, back);
		raster_finish(&raster);
		for (int32_t y = 0; y < SIDE; y++)
			for (int32_t x = 0; x < SIDE; x++) {
				bool in = x >= 3 && x < 9 && y >= 5 && y < 7;

				assert_int_equal(at(x, y), in ? 255 : 0);
			}
	}
}

static void the_whole_canvas_can_be_ink(void **state)
{
	(void)state;
	add_box(0, 0, SIDE * ONE_PX, SIDE * ONE_PX, false);
	raster_finish(&raster);
	assert_int_equal(total(), 255 * SIDE * SIDE);
}

static void part_of_a_pixel_is_part_of_its_coverage(void **state)
{
	(void)state;
	add_box(4 * ONE_PX + 64, 4 * ONE_PX, 5 * ONE_PX, 5 * ONE_PX, false);
	add_box(8 * ONE_PX, 8 * ONE_PX + 128, 9 * ONE_PX, 9 * ONE_PX, false);
	add_box(12 * ONE_PX, 12 * ONE_PX, 12 * ONE_PX + 128, 12 * ONE_PX + 128,
		false);
	raster_finish(&raster);
	assert_int_equal(at(4, 4), 192);
	assert_int_equal(at(8, 8), 128);
	assert_int_equal(at(12, 12), 64);
	assert_int_equal(total(), 192 + 128 + 64);
}

static void a_contour_the_other_way_round_is_a_hole(void **state)
{
	(void)state;
	add_box(2 * ONE_PX, 2 * ONE_PX, 12 * ONE_PX, 12 * ONE_PX, false);
	add_box(4 * ONE_PX, 4 * ONE_PX, 10 * ONE_PX, 10 * ONE_PX, true);
	raster_finish(&raster);
	assert_int_equal(at(3, 3), 255);
	assert_int_equal(at(6, 6), 0);
	assert_int_equal(total(), 255 * (100 - 36));
}

static void where_contours_overlap_ink_stays_ink(void **state)
{
	(void)state;
	add_box(2 * ONE_PX, 2 * ONE_PX, 12 * ONE_PX, 12 * ONE_PX, false);
	add_box(6 * ONE_PX, 6 * ONE_PX, 16 * ONE_PX, 16 * ONE_PX, false);
	raster_finish(&raster);
	assert_int_equal(total(), 255 * (100 + 100 - 36));
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

/* Rounding may take or give less than two parts of 256 for each cell an edge
 * passes; triangles have no overlaps that would be cut off. */
static void coverage_of_any_triangle_is_its_area(void **state)
{
	struct rng rng;

	(void)state;
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

	(void)state;
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

static void the_next_picture_starts_empty(void **state)
{
	(void)state;
	add_box(0, 0, SIDE * ONE_PX, SIDE * ONE_PX, false);
	raster_finish(&raster);
	add_box(0, SIDE * ONE_PX - 300, 300, SIDE * ONE_PX, false);
	raster_finish(&raster);
	raster_finish(&raster);
	assert_int_equal(total(), 0);
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
		.n_points = (short)outline->n_points,
		.n_contours = (short)outline->n_contours,
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

/* A glyph of a size, as far from the corner; on whole 1/64 px, which both can
 * say exactly. */
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

/* How pixels compare that are neither paper nor ink in both. */
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

static struct glyphs *load(const char *letters, const char *name)
{
	uint32_t chars[128];
	struct glyph_set set = {chars, 0};
	struct font_list list = {
		{{.name = mem_strdup(MEM_FONT, data_path(name))}}, 1};
	struct glyphs *glyphs;

	for (uint32_t c = 1; c < 128; c++)
		if (strchr(letters, (int)c))
			chars[set.n++] = c;
	assert_int_equal(glyphs_load(&glyphs, &list, true, set, set, 200, NULL),
			 CF_OK);
	font_list_release(&list);
	return glyphs;
}

/* All letters of a face of a size, at several places between pixels. */
static struct differences compare_face(FT_Library library, const char *name,
				       int32_t em_px)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789";
	struct differences out = {0, 0};
	struct glyphs *glyphs = load(letters, name);
	struct outline outline;
	struct raster ours;

	assert_true(raster_init(&ours, FT_SIDE, FT_SIDE));
	assert_true(outline_init(&outline, GLYPH_POINTS_MAX, GLYPH_POINTS_MAX));
	for (const char *c = letters; *c; c++)
		for (int32_t k = 0; k < 5; k++) {
			struct glyph glyph;

			assert_true(glyphs_get(glyphs, 0, (uint32_t)*c,
					       &glyph));
			place(&glyph, em_px, 40 * FT_ONE_PX + 13 * k,
			      180 * FT_ONE_PX + 29 * k, &outline);
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

	(void)state;
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

static void odd_widths_have_their_own_stride(void **state)
{
	struct raster odd;

	(void)state;
	assert_true(raster_init(&odd, 61, 3));
	assert_true(odd.stride >= 61);
	raster_finish(&odd);
	raster_release(&odd);
	assert_null(odd.cover);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_added_is_all_paper),
		cmocka_unit_test(a_box_on_pixel_sides_is_exact),
		cmocka_unit_test(the_whole_canvas_can_be_ink),
		cmocka_unit_test(part_of_a_pixel_is_part_of_its_coverage),
		cmocka_unit_test(a_contour_the_other_way_round_is_a_hole),
		cmocka_unit_test(where_contours_overlap_ink_stays_ink),
		cmocka_unit_test(coverage_of_any_triangle_is_its_area),
		cmocka_unit_test(nothing_leaks_below_or_beside_a_shape),
		cmocka_unit_test(the_next_picture_starts_empty),
		cmocka_unit_test(glyphs_come_out_as_freetype_fills_them),
		cmocka_unit_test(odd_widths_have_their_own_stride),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
