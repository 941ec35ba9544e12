/*
 * Placing letters: see layout.h.
 *
 * Letters are set by their ink and not by their boxes, since an even gap
 * between boxes is what cuts a word into letters most easily. For each row of
 * the word its rightmost ink so far is kept; a new letter is moved left until
 * one of its rows would touch.
 */
#include "base/base.h"
#include "image/layout.h"

#include "image/letter.h"

enum {
	SIDE_ROWS = 96,
	ROWS_PER_EM = 40, /* a letter is at most 96 / 40 em high */
	NEAR_SHARE = 150, /* thousandths of the em: ink so far above or below
			     counts as beside it */
	NEAR_ROWS = NEAR_SHARE * ROWS_PER_EM / 1000,
	NOWHERE = 1 << 28 /* beyond any ink, and the sum of two fits */
};

/* In thousandths. */
enum {
	ADVANCE_MIN = 750,   /* of a letter's width before the next may begin */
	LEGIBLE_WIDTH = 640,  /* of an even share of the room */
	LEGIBLE_HEIGHT = 400, /* of the room */
	STRETCH_MAX = 1250,  /* the word's width against its height */
	SQUEEZE_MAX = 740,
	EM_PER_ROOM = 880, /* height of letters in a room that is wide enough */
	LETTER_WIDTH =
		660, /* of the em, about, for the first guess at a size */
	MIDDLE_AT = 330, /* of the em, about: of a letter from where the one
			    before ends */
};

/* Leftmost and rightmost ink in each row. */
struct sides {
	int32_t left[SIDE_ROWS];
	int32_t right[SIDE_ROWS];
};

int32_t layout_em(const struct layout *layout, size_t n)
{
	int32_t width = layout->room.x1 - layout->room.x0;
	int32_t height = layout->room.y1 - layout->room.y0;
	int32_t by_height = look_share(height, EM_PER_ROOM);
	int32_t by_width =
		(int32_t)((int64_t)width * 1000 / ((int64_t)n * LETTER_WIDTH));

	assert(n > 0);
	return (int32_t)at_least(at_most(by_height, by_width), ONE_PX);
}

static int32_t row_of(int32_t y, int32_t em)
{
	int64_t row = (int64_t)y * ROWS_PER_EM / em + SIDE_ROWS / 2;

	return (int32_t)at_most(at_least(row, 0), SIDE_ROWS - 1);
}

static void sides_clear(struct sides *sides)
{
	for (size_t i = 0; i < SIDE_ROWS; i++) {
		sides->left[i] = NOWHERE;
		sides->right[i] = -NOWHERE;
	}
}

static inline void sides_note(struct sides *sides, int32_t row, int32_t x)
{
	if (x < sides->left[row])
		sides->left[row] = x;
	if (x > sides->right[row])
		sides->right[row] = x;
}

/* Note a line: its end, and a point in each row between. */
static void sides_line(struct sides *sides, int32_t row_a, int32_t x_a,
		       int32_t row_b, int32_t x_b)
{
	int32_t step = row_a < row_b ? 1 : -1;
	int32_t n = abs(row_b - row_a);
	int64_t per_row;

	sides_note(sides, row_b, x_b);
	if (n < 2)
		return;
	per_row = (int64_t)(x_b - x_a) * 65536 / n;
	for (int32_t i = 1; i < n; i++)
		sides_note(sides, row_a + i * step,
			   x_a + (int32_t)(per_row * i >> 16));
}

/* The sides of the contours from one on. */
static void sides_draw(struct sides *sides, const struct outline *out,
		       size_t first_contour, int32_t em)
{
	sides_clear(sides);
	for (size_t i = first_contour; i < out->n_contours; i++) {
		size_t first = i ? out->ends[i - 1] : 0;
		struct point from = out->points[out->ends[i] - 1];
		int32_t row_from = row_of(from.y, em);

		for (; first < out->ends[i]; first++) {
			struct point to = out->points[first];
			int32_t row_to = row_of(to.y, em);

			sides_line(sides, row_from, from.x, row_to, to.x);
			from = to;
			row_from = row_to;
		}
	}
}

/* How far right a letter must move for no row of it to touch the word. */
static int32_t clearance(const struct sides *word, const struct sides *letter)
{
	int32_t need = -NOWHERE;

	for (int32_t row = 0; row < SIDE_ROWS; row++) {
		int32_t lo = row < NEAR_ROWS ? 0 : row - NEAR_ROWS;
		int32_t hi = row + NEAR_ROWS;

		if (letter->left[row] == NOWHERE)
			continue;
		for (; lo <= hi && lo < SIDE_ROWS; lo++)
			if (word->right[lo] - letter->left[row] > need)
				need = word->right[lo] - letter->left[row];
	}
	return need;
}

static void sides_merge(struct sides *word, const struct sides *letter,
			int32_t dx)
{
	for (size_t row = 0; row < SIDE_ROWS; row++)
		if (letter->right[row] != -NOWHERE &&
		    letter->right[row] + dx > word->right[row])
			word->right[row] = letter->right[row] + dx;
}

/* Where a letter whose ink is `box` goes, so that it comes close to the word,
 * but not so far below an overhang that the order of letters is in doubt. */
static int32_t draw_place(struct range laps, const struct sides *word,
			  const struct sides *letter, struct box before,
			  struct box box, int32_t em, struct rng *rng)
{
	int32_t lap = look_share(em, look_draw(rng, laps));
	int32_t x = clearance(word, letter) - lap;
	int32_t wide = before.x1 - before.x0;
	int32_t least = before.x0 + look_share(wide, ADVANCE_MIN) - box.x0;
	int32_t least_middle = before.x0 + look_share(wide, 900) -
			       (box.x1 - box.x0) / 5 - box.x0;

	if (x < least)
		x = least;
	return x < least_middle ? least_middle : x;
}

void layout_word(const struct layout *layout, const struct glyphs *glyphs,
		 const struct warp *warp, const uint32_t *text, size_t n,
		 struct rng *rng, struct word *out)
{
	const struct look *look = layout->look;
	struct outline *outline = out->outline;
	int32_t em = layout_em(layout, n);
	struct sides word, letter;
	struct box before = {0, 0, 0, 0};

	assert(n <= LAYOUT_LETTERS_MAX);
	sides_clear(&word);
	out->text = text;
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		size_t point = outline->n_points;
		size_t contour = outline->n_contours;
		int32_t raise =
			look_share(em, look_draw_either(rng, look->raise_max));
		struct point middle = {before.x1 + look_share(em, MIDDLE_AT),
				       raise};
		struct linear pose = letter_add(look, glyphs, text[i],
						warp_near(warp, middle), em,
						rng, outline);
		int32_t dx;
		struct box box;

		box = outline_bounds(outline, point, outline->n_points);
		outline_shift(outline, point, 0, raise - (box.y0 + box.y1) / 2);
		sides_draw(&letter, outline, contour, em);
		dx = i ? draw_place(layout->edges >> (i - 1) & 1
					    ? look->edge_lap : look->lap,
				    &word, &letter, before, box, em, rng)
		       : -box.x0;
		if (layout->offset_px)
			dx = (int32_t)i * layout->offset_px * ONE_PX - box.x0;
		outline_shift(outline, point, dx, 0);
		sides_merge(&word, &letter, dx);
		before = (struct box){box.x0 + dx, box.y0, box.x1 + dx, box.y1};
		middle.x = (before.x0 + before.x1) / 2;
		out->maps[i] = linear_then(pose, warp_near(warp, middle));
		out->ends[i] = outline->n_points;
	}
}

/* Scales are in parts of 2^16. */
enum {
	ONE_SCALE = 65536
};

struct stretch {
	int64_t x, y;
};

/* From the word's size to the room's. */
static struct stretch draw_stretch(const struct layout *layout, int64_t width,
				   int64_t height, struct rng *rng)
{
	int64_t room_w = layout->room.x1 - layout->room.x0;
	int64_t room_h = layout->room.y1 - layout->room.y0;
	int64_t fill_x = look_draw(rng, layout->look->fill);
	int64_t fill_y = look_draw(rng, layout->look->fill);
	struct stretch s = {
		.x = room_w * ONE_SCALE / width,
		.y = room_h * ONE_SCALE / height,
	};

	if (layout->offset_px) {
		s.x = at_most(s.x, ONE_SCALE);
		s.y = at_most(s.y, ONE_SCALE);
	} else {
		s.x = s.x * fill_x / 1000;
		s.y = s.y * fill_y / 1000;
	}
	s.x = at_most(s.x, s.y * STRETCH_MAX / 1000);
	s.y = at_most(s.y, s.x * 1000 / SQUEEZE_MAX);
	return s;
}

void layout_fit(const struct layout *layout, struct rng *rng,
		struct word *word)
{
	struct outline *out = word->outline;
	const struct box *room = &layout->room;
	struct box box = outline_bounds(out, 0, out->n_points);
	int64_t width = box.x1 - box.x0 + 1, height = box.y1 - box.y0 + 1;
	struct stretch s = draw_stretch(layout, width, height, rng);
	int32_t slack_x =
		room->x1 - room->x0 - (int32_t)(width * s.x / ONE_SCALE);
	int32_t slack_y =
		room->y1 - room->y0 - (int32_t)(height * s.y / ONE_SCALE);
	int32_t x = room->x0 + look_draw(rng, (struct range){0, slack_x});
	int32_t y = room->y0 + look_draw(rng, (struct range){0, slack_y});

	assert(slack_x >= 0 && slack_y >= 0);
	for (size_t i = 0; i < out->n_points; i++) {
		struct point *p = &out->points[i];

		p->x = x + (int32_t)((p->x - box.x0) * s.x / ONE_SCALE);
		p->y = y + (int32_t)((p->y - box.y0) * s.y / ONE_SCALE);
	}
	for (size_t i = 0; i < word->n; i++) {
		struct linear *map = &word->maps[i];

		map->xx = (int32_t)(map->xx * s.x / ONE_SCALE);
		map->xy = (int32_t)(map->xy * s.x / ONE_SCALE);
		map->yx = (int32_t)(map->yx * s.y / ONE_SCALE);
		map->yy = (int32_t)(map->yy * s.y / ONE_SCALE);
	}
}

struct box layout_letter(const struct word *word, size_t i)
{
	return outline_bounds(word->outline, i ? word->ends[i - 1] : 0,
			      word->ends[i]);
}

bool layout_is_legible(const struct layout *layout, const struct word *word)
{
	int64_t room_w = layout->room.x1 - layout->room.x0;
	int64_t room_h = layout->room.y1 - layout->room.y0;
	int64_t least_w = room_w * LEGIBLE_WIDTH / 1000 / (int64_t)word->n;

	for (size_t i = 0; i < word->n; i++) {
		struct box box = layout_letter(word, i);
		int64_t w = box.x1 - box.x0, h = box.y1 - box.y0;

		if (letter_is_sign(word->text[i]))
			continue;
		if (w < least_w || h * 1000 < room_h * LEGIBLE_HEIGHT ||
		    !linear_is_plain(word->maps[i], &layout->look->limits))
			return false;
	}
	return true;
}
