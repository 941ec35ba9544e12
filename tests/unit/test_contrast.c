/*
 * contrast.c: a letter loses the part of its outline that touches other ink,
 * that an edge cuts off, or that is too fine for the pixels.
 */
#include "base/base.h"
#include "image/contrast.h"
#include "tests/support/check.h"

enum { WIDTH_PX = 200, HEIGHT_PX = 80 };

static struct raster raster;
static struct outline outline;

static int set_up(void **state)
{
	return raster_init(&raster, WIDTH_PX, HEIGHT_PX) &&
			       outline_init(&outline, 1000)
		       ? 0 : -1;
}

static int tear_down(void **state)
{
	raster_release(&raster);
	outline_release(&outline);
	return 0;
}

/* Add a box as a letter, its sides in pieces of a pixel. is_hole: the other way
 * round. */
static void add_box(struct word *word, struct box px, bool is_hole)
{
	size_t first = outline.n_points;

	for (int32_t x = px.x0; x < px.x1; x++)
		outline.points[outline.n_points++] =
			(struct point){x * ONE_PX, px.y0 * ONE_PX};
	for (int32_t y = px.y0; y < px.y1; y++)
		outline.points[outline.n_points++] =
			(struct point){px.x1 * ONE_PX, y * ONE_PX};
	for (int32_t x = px.x1; x > px.x0; x--)
		outline.points[outline.n_points++] =
			(struct point){x * ONE_PX, px.y1 * ONE_PX};
	for (int32_t y = px.y1; y > px.y0; y--)
		outline.points[outline.n_points++] =
			(struct point){px.x0 * ONE_PX, y * ONE_PX};
	if (is_hole)
		outline_reverse(&outline, first, outline.n_points);
	outline.ends[outline.n_contours++] = (uint32_t)outline.n_points;
	word->ends[word->n++] = outline.n_points;
}

/* Two letters, the second one a hole of a band from x px on; 0: no band. What
 * each has lost. */
static void lose(struct box a, struct box b, int32_t band_px, int32_t lost[2])
{
	struct word word = {.outline = &outline}, band = {.outline = &outline};
	struct outline letters;

	outline.n_points = outline.n_contours = 0;
	add_box(&word, a, false);
	add_box(&word, b, band_px > 0);
	letters = outline;
	if (band_px)
		add_box(&band, (struct box){band_px, 0, WIDTH_PX, HEIGHT_PX},
			false);
	raster_add(&raster, &outline);
	raster_finish(&raster);
	word.outline = &letters;
	for (size_t i = 0; i < 2; i++)
		lost[i] = contrast_lost(&raster, &word, i, ONE_PX);
}

static void what_touches_or_is_cut_is_lost(void **state)
{
	static const struct {
		struct box a, b;
		int32_t band_px;
		int32_t lost[2]; /* thousandths */
	} rows[] = {
		/* apart, and on either side of an edge */
		{{20, 20, 60, 60}, {70, 20, 110, 60}, 0, {0, 0}},
		{{20, 20, 60, 60}, {70, 20, 110, 60}, 65, {0, 0}},
		/* side by side: a quarter of either */
		{{20, 20, 60, 60}, {60, 20, 100, 60}, 0, {250, 250}},
		/* the edge goes along a side, or through the first letter */
		{{20, 20, 60, 60}, {70, 20, 110, 60}, 60, {250, 0}},
		{{20, 20, 60, 60}, {70, 20, 110, 60}, 40, {500, 0}},
		/* a box in another */
		{{20, 20, 60, 60}, {30, 30, 50, 50}, 0, {0, 1000}},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		int32_t lost[2];

		lose(rows[i].a, rows[i].b, rows[i].band_px, lost);
		for (size_t k = 0; k < 2; k++)
			if (abs(lost[k] - rows[i].lost[k]) > 30)
				fail_msg("row %zu: letter %zu lost %d", i, k,
					 lost[k]);
	}
}

static void strokes_finer_than_pixels_are_lost(void **state)
{
	struct word word = {.outline = &outline};

	outline.n_points = outline.n_contours = 0;
	add_box(&word, (struct box){20, 40, 100, 41}, false);
	for (size_t i = 0; i < outline.n_points; i++) /* a third of a pixel */
		outline.points[i].y = (outline.points[i].y - 40 * ONE_PX) / 3 +
				      40 * ONE_PX;
	raster_add(&raster, &outline);
	raster_finish(&raster);
	assert_in_range(contrast_lost(&raster, &word, 0, ONE_PX), 900, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_touches_or_is_cut_is_lost),
		cmocka_unit_test(strokes_finer_than_pixels_are_lost),
	};

	return cmocka_run_group_tests_name("contrast", tests, set_up,
					   tear_down);
}
