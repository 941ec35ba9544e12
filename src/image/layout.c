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
	CURVES = 8,	   /* tried for an edge */
	PLACES_MAX = 4, /* tried for a letter; the last one is used as it is */
	/* an edge is compared with the ink of one row in so many, in which all
	 * ink counts that is as near */
	CURVE_ROWS = 3,
	CURVE_FIRST_ROW = 33, /* where letters decide early */
	/* rows of an edge's points: it goes on above and below all letters */
	EDGE_FIRST_ROW = -21,
	EDGE_STEP = 2,
};

/* In thousandths. */
enum {
	SIGN_GAP = 50, /* of the em, beside a sign: it must not seem a serif */
	ADVANCE_MIN = 750,   /* of a letter's width before the next may begin */
	LEGIBLE_WIDTH = 640,  /* of an even share of the room */
	LEGIBLE_HEIGHT = 400, /* of the room */
	STRETCH_MAX = 1250,  /* the word's width against its height */
	SQUEEZE_MAX = 740,
	EM_PER_ROOM = 880, /* height of letters in a room that is wide enough */
	LETTER_WIDTH = 660, /* of the em, about, to guess a size */
	/* of the em, about: from the end of a letter to the middle of the
	 * next, and the same where an edge passes */
	MIDDLE_AT = 360,
	MIDDLE_PAST_EDGE = 460,
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

/* Rows in a part of ONE_PX, in parts of 2^24: dividing once is quicker. */
static int64_t rows_per_part(int32_t em)
{
	return ((int64_t)ROWS_PER_EM << 24) / em;
}

static inline int32_t row_of(int32_t y, int64_t rows_per_part)
{
	int64_t row = (y * rows_per_part >> 24) + SIDE_ROWS / 2;

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
	int32_t left = sides->left[row], right = sides->right[row];

	/* always stored: no processor can predict which is further out */
	sides->left[row] = x < left ? x : left;
	sides->right[row] = x > right ? x : right;
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
	per_row = (int64_t)(x_b - x_a) * (65536 / n);
	for (int32_t i = 1; i < n; i++)
		sides_note(sides, row_a + i * step,
			   x_a + (int32_t)(per_row * i >> 16));
}

/* The sides of the contours from first_contour on, when they are moved down by
 * dy. */
static void sides_draw(struct sides *sides, const struct outline *out,
		       size_t first_contour, int32_t dy, int32_t em)
{
	int64_t rows = rows_per_part(em);

	sides_clear(sides);
	for (size_t i = first_contour; i < out->n_contours; i++) {
		size_t first = i ? out->ends[i - 1] : 0;
		struct point from = out->points[out->ends[i] - 1];
		int32_t row_from = row_of(from.y + dy, rows);

		for (; first < out->ends[i]; first++) {
			struct point to = out->points[first];
			int32_t row_to = row_of(to.y + dy, rows);

			sides_line(sides, row_from, from.x, row_to, to.x);
			from = to;
			row_from = row_to;
		}
	}
}

/* The rightmost ink within NEAR_ROWS of each row: of 2, then 4 and 8 rows, and
 * of two such stretches. */
static void spread_right(const struct sides *sides, int32_t near[SIDE_ROWS])
{
	enum { ROWS = SIDE_ROWS + 2 * NEAR_ROWS };
	int32_t most[ROWS];

	_Static_assert(NEAR_ROWS == 6, "13 rows are two stretches of 8");
	for (int32_t i = 0; i < ROWS; i++)
		most[i] = -NOWHERE;
	memcpy(most + NEAR_ROWS, sides->right, sizeof(sides->right));
	for (int32_t reach = 1; reach <= 4; reach *= 2)
		for (int32_t i = 0; i + reach < ROWS; i++)
			most[i] = most[i] > most[i + reach] ? most[i]
							    : most[i + reach];
	for (int32_t i = 0; i < SIDE_ROWS; i++)
		near[i] = most[i] > most[i + 5] ? most[i] : most[i + 5];
}

/* How far right a letter must move until no row of it touches the word. */
static int32_t clearance(const struct sides *word, const struct sides *letter)
{
	int32_t need = -NOWHERE, right[SIDE_ROWS];

	spread_right(word, right);
	for (int32_t row = 0; row < SIDE_ROWS; row++)
		if (right[row] - letter->left[row] > need)
			need = right[row] - letter->left[row];
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

/* --- edges --------------------------------------------------------------- */

/* A line from top to foot that leans and waves. */
struct curve {
	int32_t lean; /* in a row */
	int32_t swing;
	uint32_t phase, per_row;
};

static inline int32_t curve_at(const struct curve *c, int32_t row)
{
	int32_t from_middle = row - SIDE_ROWS / 2;
	int32_t wave = sine(c->phase + c->per_row * (uint32_t)from_middle);

	return c->lean * from_middle +
	       (int32_t)((int64_t)c->swing * wave >> 15);
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

/* How far right a curve must move to pass the word, and the letter to pass the
 * curve; only so far that both are known to be `most` or more. */
struct passage {
	int32_t of_curve, of_letter;
};

static struct passage pass(const struct sides *near, const struct curve *curve,
			   int32_t most)
{
	struct passage p = {-NOWHERE, -NOWHERE};

	for (int32_t i = 0;
	     i < SIDE_ROWS && p.of_curve + p.of_letter < most;
	     i += CURVE_ROWS) {
		int32_t row = (i + CURVE_FIRST_ROW) % SIDE_ROWS;
		int32_t at = curve_at(curve, row);

		if (near->right[row] - at > p.of_curve)
			p.of_curve = near->right[row] - at;
		if (at - near->left[row] > p.of_letter)
			p.of_letter = at - near->left[row];
	}
	return p;
}

/* Count in one row in CURVE_ROWS all ink that is as near: at the right of the
 * word, and at the left of the letter. */
static void spread(const struct sides *word, const struct sides *letter,
		   struct sides *out)
{
	for (int32_t row = 0; row < SIDE_ROWS; row += CURVE_ROWS) {
		int32_t lo = row < CURVE_ROWS ? 0 : row - CURVE_ROWS;
		int32_t hi = (int32_t)at_most(row + CURVE_ROWS, SIDE_ROWS - 1);
		int32_t right = word->right[lo], left = letter->left[lo];

		for (lo++; lo <= hi; lo++) {
			right = word->right[lo] > right ? word->right[lo]
							: right;
			left = letter->left[lo] < left ? letter->left[lo]
						       : left;
		}
		out->right[row] = right;
		out->left[row] = left;
	}
}

/* Add the points of an edge at x, and count it as ink of the word. */
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

/* Of some curves the one that keeps the letter closest to the word. */
static struct curve draw_best_curve(const struct look *look,
				    const struct sides *word,
				    const struct sides *letter, int32_t em,
				    struct rng *rng, struct passage *best)
{
	struct curve chosen = {0, 0, 0, 0};
	struct sides near;

	spread(word, letter, &near);
	*best = (struct passage){NOWHERE, NOWHERE};
	for (int i = 0; i < CURVES; i++) {
		struct curve curve = draw_curve(look, em, rng);
		struct passage p = pass(&near, &curve,
					best->of_curve + best->of_letter);

		if (p.of_curve + p.of_letter <
		    best->of_curve + best->of_letter) {
			chosen = curve;
			*best = p;
		}
	}
	return chosen;
}

/* --- the word ------------------------------------------------------------ */

/* A word while letters are added. */
struct setting {
	const struct layout *layout;
	const struct glyphs *glyphs;
	const struct warp *warp;
	int32_t em;
	struct sides word;
	struct box before; /* of the last letter */
};

/* A letter in its place, with the edge before it. */
struct placed {
	struct sides sides;
	struct box box; /* sides and box are still at x = 0 */
	int32_t dx, dy; /* how far the points are to be moved */
	struct linear map;
	struct curve curve;
	int32_t edge_x;
};

static bool has_edge(const struct layout *layout, size_t i)
{
	return i && layout->edges >> (i - 1) & 1;
}

/* The least dx for a letter: so far below an overhang that the order of letters
 * is not in doubt. */
static int32_t least_place(struct box before, struct box box)
{
	int32_t wide = before.x1 - before.x0;
	int32_t least = before.x0 + look_share(wide, ADVANCE_MIN) - box.x0;
	int32_t least_middle = before.x0 + look_share(wide, 900) -
			       (box.x1 - box.x0) / 5 - box.x0;

	return least > least_middle ? least : least_middle;
}

/* Where letter i goes: close to the word or to the edge before it, or where the
 * offset says. has_sign: it or the letter before is a sign. */
static void draw_place(const struct setting *set, size_t i, bool has_sign,
		       struct rng *rng, struct placed *p)
{
	const struct look *look = set->layout->look;
	int32_t offset = set->layout->offset_px * ONE_PX;
	struct passage passage = {0, 0};
	int32_t least = i ? least_place(set->before, p->box) : -p->box.x0;

	p->dx = least;
	if (has_edge(set->layout, i)) {
		int32_t gap = look_share(set->em,
					 look_draw(rng, look->edge_gap));

		p->curve = draw_best_curve(look, &set->word, &p->sides, set->em,
					   rng, &passage);
		passage.of_curve += gap / 2;
		passage.of_letter += gap / 2;
		p->dx = passage.of_curve + passage.of_letter;
	} else if (i) {
		p->dx = clearance(&set->word, &p->sides) -
			look_share(set->em, look_draw(rng, look->lap)) +
			(has_sign ? look_share(set->em, SIGN_GAP) : 0);
	}
	p->dx = (int32_t)at_least(p->dx, least);
	if (offset)
		p->dx = (int32_t)i * offset - p->box.x0;
	/* in the middle of what is left, or of what is missing */
	p->edge_x = passage.of_curve +
		    (p->dx - passage.of_curve - passage.of_letter) / 2;
}

/* Add letter i to the outline, around the origin, and find its place. */
static void place_letter(const struct setting *set, size_t i, struct rng *rng,
			 struct word *word, struct letter *letter,
			 struct placed *p)
{
	const struct layout *layout = set->layout;
	struct outline *outline = word->outline;
	size_t contour = outline->n_contours;
	int32_t before = has_edge(layout, i) ? MIDDLE_PAST_EDGE : MIDDLE_AT;
	/* a - that is raised or lowered far is a comma or none */
	int32_t raise_max = layout->look->raise_max /
			    (letter_is_sign(word->text[i]) ? 4 : 1);
	int32_t raise =
		look_share(set->em, look_draw_either(rng, raise_max));
	struct point middle = {set->before.x1 + look_share(set->em, before),
			       raise};

	letter_add(layout->look, set->glyphs, word->text[i],
		   layout_is_turned(layout, i), warp_near(set->warp, middle),
		   set->em, rng, outline, letter);
	p->box = letter->box;
	p->dy = raise - (p->box.y0 + p->box.y1) / 2;
	sides_draw(&p->sides, outline, contour, p->dy, set->em);
	draw_place(set, i,
		   letter_is_sign(word->text[i]) ||
			   (i && letter_is_sign(word->text[i - 1])),
		   rng, p);
	middle.x = (p->box.x0 + p->box.x1) / 2 + p->dx;
	p->map = linear_then(letter->map, warp_near(set->warp, middle));
}

static void add_letter(struct setting *set, size_t i, struct rng *rng,
		       struct word *word)
{
	struct outline *outline = word->outline;
	size_t point = outline->n_points, contour = outline->n_contours;
	struct letter letter;
	struct placed p;

	for (int tries = 0; tries < PLACES_MAX; tries++) {
		outline->n_points = point;
		outline->n_contours = contour;
		place_letter(set, i, rng, word, &letter, &p);
		if (letter_is_plain(set->layout->look, word->text[i], p.map))
			break;
	}
	outline_shift(outline, point, p.dx, p.dy);
	letter_add_inside(&letter, p.dx, p.dy, outline);
	if (has_edge(set->layout, i))
		put_edge(word->edges, &set->word, &p.curve, p.edge_x, set->em);
	sides_merge(&set->word, &p.sides, p.dx);
	set->before = (struct box){p.box.x0 + p.dx, p.box.y0, p.box.x1 + p.dx,
				   p.box.y1};
	word->maps[i] = p.map;
	word->ends[i] = outline->n_points;
}

/* Whether a letter will be too far from upright wherever the word is fitted.
 * The spare is for rounding. */
static bool is_lost(const struct look *look, uint32_t character,
		    struct linear map)
{
	enum { SPARE = 2 };
	struct linear_limits limits = letter_limits(look, character);

	return linear_is_lost(map, &limits, SQUEEZE_MAX - SPARE,
			      STRETCH_MAX + SPARE);
}

bool layout_word(const struct layout *layout, const struct glyphs *glyphs,
		 const struct warp *warp, const uint32_t *text, size_t n,
		 struct rng *rng, struct word *out)
{
	struct setting set = {
		.layout = layout,
		.glyphs = glyphs,
		.warp = warp,
		.em = layout_em(layout, n),
	};

	assert(n <= LAYOUT_LETTERS_MAX);
	sides_clear(&set.word);
	out->text = text;
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		add_letter(&set, i, rng, out);
		if (layout->gives_up &&
		    is_lost(layout->look, text[i], out->maps[i]))
			return false;
	}
	return true;
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

/* Keep a line on the canvas, and let its ends reach top and foot. */
static void clip(struct point *line, int32_t width, int32_t height)
{
	for (size_t i = 0; i < LAYOUT_EDGE_POINTS; i++) {
		line[i].x = within(0, line[i].x, width);
		line[i].y = within(0, line[i].y, height);
	}
	line[0].y = 0;
	line[LAYOUT_EDGE_POINTS - 1].y = height;
}

void layout_close_edges(struct outline *edges, int32_t width_px,
			int32_t height_px)
{
	int32_t width = width_px * ONE_PX, height = height_px * ONE_PX;
	size_t n = edges->n_points / LAYOUT_EDGE_POINTS;

	edges->n_contours = 0;
	for (size_t i = 0; i < n; i++) {
		size_t first = i * LAYOUT_EDGE_POINTS;
		size_t end = first + LAYOUT_EDGE_POINTS;

		clip(edges->points + first, width, height);
		if (i % 2 == 0) /* up the left side, down the right one */
			outline_reverse(edges, first, end);
		if (i % 2 || i + 1 == n)
			edges->ends[edges->n_contours++] = (uint32_t)end;
	}
	if (n % 2) {
		edges->points[edges->n_points++] = (struct point){width, 0};
		edges->points[edges->n_points++] =
			(struct point){width, height};
		edges->ends[edges->n_contours - 1] = (uint32_t)edges->n_points;
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
		struct linear_limits limits;

		limits = letter_limits(layout->look, word->text[i]);
		if (!linear_is_plain(word->maps[i], &limits))
			return false;
		if (letter_is_sign(word->text[i]))
			continue;
		if (word->text[i] == '1') /* which is slim by nature */
			w *= 2;
		if (w < least_w || h * 1000 < room_h * LEGIBLE_HEIGHT)
			return false;
	}
	return true;
}
