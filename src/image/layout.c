/*
 * Placing letters: see layout.h.
 *
 * Letters are set by their ink and not by their boxes: with an even gap between
 * boxes a program cuts a word into letters most easily. For each row we keep
 * the rightmost ink of the word so far. A new letter moves left until one of
 * its rows would touch. An edge goes in between in the same way: of some curves
 * that chance draws it is the one that keeps the letters closest.
 */
#include "base/base.h"
#include "image/layout.h"

#include "image/letter.h"

enum {
	SIDE_ROWS = 96,
	ROWS_PER_EM = 40, /* a letter is at most 96 / 40 em high */
	NEAR_SHARE = 150, /* thousandths of the em: ink so far above or below
			     a row counts as in the row */
	NEAR_ROWS = NEAR_SHARE * ROWS_PER_EM / 1000,
	NOWHERE = 1 << 28, /* beyond any ink, and the sum of two fits */
	CURVES = 12,	   /* tried for an edge */
	/* an edge is compared with the ink of one row in so many, in which all
	 * ink counts that is as near */
	CURVE_ROWS = 3,
	/* rows of an edge's points: it goes on above and below all letters */
	EDGE_FIRST_ROW = -21,
	EDGE_STEP = 2,
};

/* In thousandths. */
enum {
	ADVANCE_MIN = 750,   /* of a letter's width before the next may begin */
	LEGIBLE_WIDTH = 640,  /* of an even share of the room */
	LEGIBLE_HEIGHT = 400, /* of the room */
	STRETCH_MAX = 1250,  /* the word's width against its height */
	SQUEEZE_MAX = 740,
	EM_PER_ROOM = 880, /* height of letters in a room that is wide enough */
	LETTER_WIDTH = 660, /* of the em, about, to guess a size */
	MIDDLE_AT = 330, /* of the em, about: from the end of a letter to the
			    middle of the next */
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

/* Note the end of a line, and a point in each row between. */
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

/* The sides of the contours from first_contour on. */
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

/* How far right a letter must move until no row of it touches the word. */
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

/* The least x for a letter with that box: so far below an overhang that the
 * order of letters is not in doubt. */
static int32_t least_place(struct box before, struct box box)
{
	int32_t wide = before.x1 - before.x0;
	int32_t least = before.x0 + look_share(wide, ADVANCE_MIN) - box.x0;
	int32_t least_middle = before.x0 + look_share(wide, 900) -
			       (box.x1 - box.x0) / 5 - box.x0;

	return least > least_middle ? least : least_middle;
}

/* How far to move a letter: close to the word. */
static int32_t draw_place(const struct look *look, const struct sides *word,
			  const struct sides *letter, int32_t least, int32_t em,
			  struct rng *rng)
{
	int32_t lap = look_share(em, look_draw(rng, look->lap));

	return (int32_t)at_least(clearance(word, letter) - lap, least);
}

/* --- edges --------------------------------------------------------------- */

/* A line from top to foot that leans and waves. */
struct curve {
	int32_t lean; /* in a row */
	int32_t swing;
	uint32_t phase, per_row;
};

static int32_t curve_at(const struct curve *c, int32_t row)
{
	int32_t from_middle = row - SIDE_ROWS / 2;
	int32_t wave = sine(c->phase + c->per_row * (uint32_t)from_middle);

	return c->lean * from_middle +
	       (int32_t)((int64_t)c->swing * wave / ONE_SINE);
}

static struct curve draw_curve(const struct look *look, int32_t em,
			       struct rng *rng)
{
	int32_t lean = look_share(em, look_draw_either(rng, look->edge_lean));
	int32_t wave = look_draw(rng, look->edge_wave) * ROWS_PER_EM / 1000;

	return (struct curve){
		.lean = lean / ROWS_PER_EM,
		.swing = look_share(em, look_draw(rng, look->edge_swing)),
		.phase = (uint32_t)rng_u64(rng),
		.per_row = UINT32_MAX / (uint32_t)wave,
	};
}

/* How far right a curve must move to pass the word, and a letter to pass the
 * curve. */
struct passage {
	int32_t of_curve, of_letter;
};

static struct passage pass(const struct sides *word, const struct sides *letter,
			   const struct curve *curve)
{
	struct passage p = {-NOWHERE, -NOWHERE};

	for (int32_t row = 0; row < SIDE_ROWS; row += CURVE_ROWS) {
		int32_t at = curve_at(curve, row);

		if (word->right[row] - at > p.of_curve)
			p.of_curve = word->right[row] - at;
		if (at - letter->left[row] > p.of_letter)
			p.of_letter = at - letter->left[row];
	}
	return p;
}

/* Count in one row in CURVE_ROWS all ink that is as near. */
static void sides_spread(const struct sides *from, struct sides *to)
{
	for (int32_t row = 0; row < SIDE_ROWS; row += CURVE_ROWS) {
		int32_t lo = row < CURVE_ROWS ? 0 : row - CURVE_ROWS;
		int32_t hi = row + CURVE_ROWS;

		to->left[row] = from->left[lo];
		to->right[row] = from->right[lo];
		for (lo++; lo <= hi && lo < SIDE_ROWS; lo++) {
			if (from->left[lo] < to->left[row])
				to->left[row] = from->left[lo];
			if (from->right[lo] > to->right[row])
				to->right[row] = from->right[lo];
		}
	}
}

/* Add the points of an edge, and count it as ink of the word. */
static void put_edge(struct outline *out, struct sides *word,
		     const struct curve *curve, int32_t x, int32_t em)
{
	for (int32_t i = 0; i < LAYOUT_EDGE_POINTS; i++) {
		int32_t row = EDGE_FIRST_ROW + i * EDGE_STEP;

		out->points[out->n_points++] = (struct point){
			x + curve_at(curve, row),
			(row - SIDE_ROWS / 2) * em / ROWS_PER_EM};
	}
	out->ends[out->n_contours++] = (uint32_t)out->n_points;
	for (int32_t row = 0; row < SIDE_ROWS; row++)
		sides_note(word, row, x + curve_at(curve, row));
}

/* Lay an edge between the word and the next letter. Returns where that letter
 * goes. */
static int32_t lay_edge(const struct look *look, struct sides *word,
			const struct sides *letter, int32_t least, int32_t em,
			struct rng *rng, struct outline *out)
{
	int32_t gap = look_share(em, look_draw(rng, look->edge_gap)) / 2;
	struct sides near_word, near_letter;
	struct curve best = {0, 0, 0, 0};
	struct passage p = {NOWHERE, NOWHERE};
	int32_t x, place;

	sides_spread(word, &near_word);
	sides_spread(letter, &near_letter);
	for (int i = 0; i < CURVES; i++) {
		struct curve curve = draw_curve(look, em, rng);
		struct passage q = pass(&near_word, &near_letter, &curve);

		if (q.of_curve + q.of_letter < p.of_curve + p.of_letter) {
			best = curve;
			p = q;
		}
	}
	x = p.of_curve + gap;
	place = x + p.of_letter + gap;
	if (place < least) { /* in the middle of the room that is left */
		x += (least - place) / 2;
		place = least;
	}
	put_edge(out, word, &best, x, em);
	return place;
}

/* --- the word ------------------------------------------------------------ */

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
		if (!i)
			dx = -box.x0;
		else if (layout->edges >> (i - 1) & 1)
			dx = lay_edge(look, &word, &letter,
				      least_place(before, box), em, rng,
				      out->edges);
		else
			dx = draw_place(look, &word, &letter,
					least_place(before, box), em, rng);
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

/* How far to stretch a word of that size. */
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

static void fit_points(struct outline *out, struct point from,
		       const struct stretch *s, int32_t x, int32_t y)
{
	for (size_t i = 0; i < out->n_points; i++) {
		struct point *p = &out->points[i];

		p->x = x + (int32_t)((p->x - from.x) * s->x / ONE_SCALE);
		p->y = y + (int32_t)((p->y - from.y) * s->y / ONE_SCALE);
	}
}

void layout_fit(const struct layout *layout, struct rng *rng,
		struct word *word)
{
	struct outline *out = word->outline;
	const struct box *room = &layout->room;
	struct box box = outline_bounds(out, 0, out->n_points);
	int64_t width = box.x1 - box.x0 + 1, height = box.y1 - box.y0 + 1;
	struct point corner = {box.x0, box.y0};
	struct stretch s = draw_stretch(layout, width, height, rng);
	int32_t slack_x =
		room->x1 - room->x0 - (int32_t)(width * s.x / ONE_SCALE);
	int32_t slack_y =
		room->y1 - room->y0 - (int32_t)(height * s.y / ONE_SCALE);
	int32_t x = room->x0 + look_draw(rng, (struct range){0, slack_x});
	int32_t y = room->y0 + look_draw(rng, (struct range){0, slack_y});

	assert(slack_x >= 0 && slack_y >= 0);
	fit_points(out, corner, &s, x, y);
	fit_points(word->edges, corner, &s, x, y);
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
