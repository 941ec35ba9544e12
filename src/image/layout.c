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

enum {
	PROFILE_ROWS = 96,
	ROWS_PER_EM = 40, /* a letter is at most 96 / 40 em high */
	NEAR_ROWS = 2,	  /* ink this many rows off counts as beside it */
	NOWHERE = 1 << 28 /* beyond any ink, and the sum of two fits */
};

/* The choices left to chance, in thousandths unless their name says more. */
enum {
	TURN_MAX_DEG = 18,
	SHEAR_MAX = 180,
	WIDTH_MIN = 900, /* of a letter, against its face */
	WIDTH_MAX = 1120,
	HEIGHT_MIN = 920,
	HEIGHT_MAX = 1100,
	RAISE_MAX = 80, /* of the em, up or down */
	GAP_MIN = 22,	/* of the em, between the ink of two letters */
	GAP_MAX = 50,
	LOWER_SHARE = 250,   /* lower-case forms among letters that have one */
	SMALL_LETTER = 1200, /* size of a form without ascender */
	FILL_MIN = 900,	     /* of the room, the word at its largest */
	ADVANCE_MIN = 700,   /* of a letter's width before the next may begin */
	STRETCH_MAX = 1250,  /* the word's width against its height */
	SQUEEZE_MAX = 740,
	EM_PER_ROOM = 880, /* height of letters in a room that is wide enough */
	LETTER_WIDTH =
		660, /* of the em, about, for the first guess at a size */
};

/* Leftmost and rightmost ink in each row. */
struct profile {
	int32_t left[PROFILE_ROWS];
	int32_t right[PROFILE_ROWS];
};

static int32_t between(struct rng *rng, int32_t lo, int32_t hi)
{
	return lo + (int32_t)rng_below(rng, (uint32_t)(hi - lo + 1));
}

static int32_t permille(int32_t length, int32_t share)
{
	return (int32_t)((int64_t)length * share / 1000);
}

int32_t layout_em(const struct layout *layout, size_t n)
{
	int32_t width = layout->room.x1 - layout->room.x0;
	int32_t height = layout->room.y1 - layout->room.y0;
	int32_t by_height = permille(height, EM_PER_ROOM);
	int32_t by_width =
		(int32_t)((int64_t)width * 1000 / ((int64_t)n * LETTER_WIDTH));
	int32_t em = by_height < by_width ? by_height : by_width;

	assert(n > 0);
	if (layout->font_size_px)
		em = layout->font_size_px * ONE_PX;
	return em < ONE_PX ? ONE_PX : em;
}

/* How a letter is turned, slanted and sized: columns of a matrix that takes
 * parts of GLYPH_EM to parts of ONE_PX, times GLYPH_EM. */
struct pose {
	int64_t xx, xy, yx, yy;
};

static struct pose draw_pose(struct rng *rng, int32_t em, char form)
{
	bool is_small = form == 'a' || form == 'e';
	int32_t size = is_small ? permille(em, SMALL_LETTER) : em;
	int64_t w = permille(size, between(rng, WIDTH_MIN, WIDTH_MAX));
	int64_t h = permille(size, between(rng, HEIGHT_MIN, HEIGHT_MAX));
	int64_t shear = between(rng, -SHEAR_MAX, SHEAR_MAX);
	/* eighths of a degree; 2^32 / 2880 is the sine's unit for one */
	int32_t turn = between(rng, -TURN_MAX_DEG * 8, TURN_MAX_DEG * 8);
	int64_t s = sine((uint32_t)turn * UINT32_C(1491308));
	int64_t c = cosine((uint32_t)turn * UINT32_C(1491308));
	struct pose pose = {
		.xx = c * w / ONE_SINE,
		.xy = (c * shear / 1000 - s) * h / ONE_SINE,
		.yx = s * w / ONE_SINE,
		.yy = (s * shear / 1000 + c) * h / ONE_SINE,
	};

	return pose;
}

/* Add a shape around the origin of the outline. */
static void add_shape(struct outline *out, const struct glyph *glyph,
		      const struct pose *pose)
{
	size_t first = out->n_points;

	assert(glyph->n_points <= out->max_points - first);
	assert(glyph->n_contours <= out->max_contours - out->n_contours);
	for (size_t i = 0; i < glyph->n_points; i++) {
		struct glyph_point from = glyph->points[i];
		struct point *to = &out->points[first + i];

		to->x = (int32_t)((pose->xx * from.x + pose->xy * from.y) >>
				  GLYPH_EM_BITS);
		to->y = (int32_t)((pose->yx * from.x + pose->yy * from.y) >>
				  GLYPH_EM_BITS);
	}
	out->n_points += glyph->n_points;
	for (size_t i = 0; i < glyph->n_contours; i++)
		out->ends[out->n_contours++] =
			(uint32_t)(first + glyph->ends[i]);
}

/* The shape of a letter, in a face and a form left to chance. */
static void add_letter(struct outline *out, const struct glyphs *glyphs,
		       char letter, int32_t em, struct rng *rng)
{
	size_t face = rng_below(rng, (uint32_t)glyphs_n_faces(glyphs));
	bool is_lower = between(rng, 0, 999) < LOWER_SHARE;
	char form = letter;
	struct glyph glyph;
	struct pose pose;

	if (is_lower && letter >= 'A' && letter <= 'Z')
		form = (char)(letter - 'A' + 'a');
	if (form == letter || !glyphs_get(glyphs, face, form, &glyph)) {
		bool is_there = glyphs_get(glyphs, face, letter, &glyph);

		assert(is_there);
		(void)is_there;
		form = letter;
	}
	pose = draw_pose(rng, em, form);
	add_shape(out, &glyph, &pose);
}

static int32_t row_of(int32_t y, int32_t em)
{
	int64_t row = (int64_t)y * ROWS_PER_EM / em + PROFILE_ROWS / 2;

	if (row < 0)
		return 0;
	return row < PROFILE_ROWS ? (int32_t)row : PROFILE_ROWS - 1;
}

static void profile_clear(struct profile *profile)
{
	for (size_t i = 0; i < PROFILE_ROWS; i++) {
		profile->left[i] = NOWHERE;
		profile->right[i] = -NOWHERE;
	}
}

static inline void profile_note(struct profile *profile, int32_t row, int32_t x)
{
	if (x < profile->left[row])
		profile->left[row] = x;
	if (x > profile->right[row])
		profile->right[row] = x;
}

/* Note a line: its ends in their rows, and a point in each row between. */
static void profile_line(struct profile *profile, struct point a,
			 struct point b, int32_t em)
{
	int32_t row_a = row_of(a.y, em), row_b = row_of(b.y, em);
	int32_t step = row_a < row_b ? 1 : -1;
	int32_t n = abs(row_b - row_a);

	profile_note(profile, row_b, b.x);
	for (int32_t i = 1; i < n; i++)
		profile_note(profile, row_a + i * step,
			     a.x + (int32_t)((int64_t)(b.x - a.x) * i / n));
}

/* The profile of the contours from one on. */
static void profile_draw(struct profile *profile, const struct outline *out,
			 size_t first_contour, int32_t em)
{
	profile_clear(profile);
	for (size_t i = first_contour; i < out->n_contours; i++) {
		size_t first = i ? out->ends[i - 1] : 0;
		struct point from = out->points[out->ends[i] - 1];

		for (; first < out->ends[i]; first++) {
			profile_line(profile, from, out->points[first], em);
			from = out->points[first];
		}
	}
}

/* How far right a letter must move for no row of it to touch the word. */
static int32_t clearance(const struct profile *word,
			 const struct profile *letter)
{
	int32_t need = -NOWHERE;

	for (int32_t row = 0; row < PROFILE_ROWS; row++) {
		int32_t lo = row < NEAR_ROWS ? 0 : row - NEAR_ROWS;
		int32_t hi = row + NEAR_ROWS;

		if (letter->left[row] == NOWHERE)
			continue;
		for (; lo <= hi && lo < PROFILE_ROWS; lo++)
			if (word->right[lo] - letter->left[row] > need)
				need = word->right[lo] - letter->left[row];
	}
	return need;
}

static void profile_merge(struct profile *word, const struct profile *letter,
			  int32_t dx)
{
	for (size_t row = 0; row < PROFILE_ROWS; row++)
		if (letter->right[row] != -NOWHERE &&
		    letter->right[row] + dx > word->right[row])
			word->right[row] = letter->right[row] + dx;
}

/* Where a letter whose ink is `box` goes, so that it comes close to the word,
 * but not so far below an overhang that the order of letters is in doubt. */
static int32_t draw_place(const struct profile *word,
			  const struct profile *letter, struct box before,
			  struct box box, int32_t em, struct rng *rng)
{
	int32_t gap = permille(em, between(rng, GAP_MIN, GAP_MAX));
	int32_t x = clearance(word, letter) + gap;
	int32_t wide = before.x1 - before.x0;
	int32_t least = before.x0 + permille(wide, ADVANCE_MIN) - box.x0;
	int32_t least_middle = before.x0 + permille(wide, 900) -
			       (box.x1 - box.x0) / 5 - box.x0;

	if (x < least)
		x = least;
	return x < least_middle ? least_middle : x;
}

void layout_word(const struct glyphs *glyphs, const char *text, size_t n,
		 int32_t em, struct rng *rng, struct outline *out)
{
	struct profile word, letter;
	struct box before = {0, 0, 0, 0};

	profile_clear(&word);
	for (size_t i = 0; i < n; i++) {
		size_t point = out->n_points, contour = out->n_contours;
		int32_t raise =
			permille(em, between(rng, -RAISE_MAX, RAISE_MAX));
		int32_t dx;
		struct box box;

		add_letter(out, glyphs, text[i], em, rng);
		box = outline_bounds(out, point);
		outline_shift(out, point, 0, raise - (box.y0 + box.y1) / 2);
		profile_draw(&letter, out, contour, em);
		dx = i ? draw_place(&word, &letter, before, box, em, rng)
		       : -box.x0;
		outline_shift(out, point, dx, 0);
		profile_merge(&word, &letter, dx);
		before = (struct box){box.x0 + dx, box.y0, box.x1 + dx, box.y1};
	}
}

/* Scales are in parts of 2^16. */
enum {
	ONE_SCALE = 65536
};

struct stretch {
	int64_t x, y;
};

static int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

/* From the word's size to the room's. */
static struct stretch draw_stretch(const struct layout *layout, int64_t width,
				   int64_t height, struct rng *rng)
{
	int64_t room_w = layout->room.x1 - layout->room.x0;
	int64_t room_h = layout->room.y1 - layout->room.y0;
	int64_t fill_x = between(rng, FILL_MIN, 1000);
	int64_t fill_y = between(rng, FILL_MIN, 1000);
	struct stretch s = {
		.x = room_w * ONE_SCALE / width,
		.y = room_h * ONE_SCALE / height,
	};

	if (layout->font_size_px) {
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
		struct outline *out)
{
	const struct box *room = &layout->room;
	struct box box = outline_bounds(out, 0);
	int64_t width = box.x1 - box.x0 + 1, height = box.y1 - box.y0 + 1;
	struct stretch s = draw_stretch(layout, width, height, rng);
	int32_t slack_x =
		room->x1 - room->x0 - (int32_t)(width * s.x / ONE_SCALE);
	int32_t slack_y =
		room->y1 - room->y0 - (int32_t)(height * s.y / ONE_SCALE);
	int32_t x = room->x0 + between(rng, 0, slack_x);
	int32_t y = room->y0 + between(rng, 0, slack_y);

	assert(slack_x >= 0 && slack_y >= 0);
	for (size_t i = 0; i < out->n_points; i++) {
		struct point *p = &out->points[i];

		p->x = x + (int32_t)((p->x - box.x0) * s.x / ONE_SCALE);
		p->y = y + (int32_t)((p->y - box.y0) * s.y / ONE_SCALE);
	}
}
