/*
 * Drawing a letter: see letter.h.
 *
 * Letters vary in ways that readers do not mind and that a recogniser has to
 * learn anew for each letter. doc/strength.md says what each way is worth.
 */
#include "base/base.h"
#include "image/letter.h"

#include "base/utf8.h"

enum {
	/* tried for a letter; the last one is used as it is */
	FACES_MAX = 16,
	POSES_MAX = 16,
	SPARE_DEG = 5, /* within the limits, since fitting changes the map */
	RAGGED_WAVES = 2,
	SIGN_TILT_MAX_DEG = 19,
	HAN_TILT_MAX_DEG = 24,
	HAN_ASPECT_MAX = 1600,	 /* thousandths */
	STROKE_MIN = 2 * ONE_PX, /* thinner strokes fade */
};

enum {
	WIDER_MAX = 64 * 65536
}; /* a hair is not stretched further */

/* In thousandths. */
enum {
	SMALL_LETTER = 1200, /* size of a form without ascender */
	WIDTH_MIN = 720,     /* of a letter, of the em */
	HEIGHT_MIN = 630,
	/* a hyphen may be as short as a dot, and a wide 1 is a 7 or a T */
	SLIM_WIDTH_MIN = 450,
	SQUEEZE_USUAL = 800, /* of a word's width, when it is fitted */
	SPARE_ASPECT = 900,  /* as SPARE_DEG */
	MORE_MAX = 190,	     /* added to strokes of a face, on either side */
	LESS_MAX = 140, /* taken away, likewise; more would take hairlines */
	HOLLOW_MORE_MAX = 350,	/* as MORE_MAX, of a hollow letter */
	HOLLOW_WIDTH_MIN = 950, /* of the face's width */
	HOLLOW_INSIDE_MIN = 50, /* of its thinner strokes, of the em */
	HAN_LESS = 60,		/* taken from strokes of Han, on either side */
	HAIR_MIN = 85, /* thinner strokes of a letter that is not hollow */
};

/* What a letter is drawn as. */
struct form {
	const struct glyph *glyph;
	uint32_t character; /* that the glyph shows */
	bool is_hollow;
};

/* Turn, slant and size as a map: see letter_add(). */
static struct linear draw_pose(const struct look *look, struct rng *rng,
			       int32_t em, const struct form *form)
{
	bool is_small = form->character >= 'a' && form->character <= 'z';
	struct range sizes = look->size, widths = look->width;
	int32_t size;
	int64_t w, h, shear, s, c;
	int32_t turn;

	if (form->is_hollow)
		sizes.min = (int32_t)at_least(sizes.min, look->hollow_size);
	if (letter_is_sign(form->character)) /* a small - is a dot */
		sizes.min = sizes.max;
	size = look_share(em, look_draw(rng, sizes));
	if (is_small)
		size = look_share(size, SMALL_LETTER);
	if (form->is_hollow)
		widths.min = (int32_t)at_least(widths.min, HOLLOW_WIDTH_MIN);
	w = look_share(size, look_draw(rng, widths));
	h = look_share(size, look_draw(rng, look->height));
	shear = look_draw_either(rng, look->shear_max);
	/* eighths of a degree; 2^32 / 2880 is the sine's unit for one */
	turn = look_draw_either(rng, look->turn_max_deg * 8);
	s = sine((uint32_t)turn * UINT32_C(1491308));
	c = cosine((uint32_t)turn * UINT32_C(1491308));
	return (struct linear){
		.xx = (int32_t)(c * w / ONE_SINE),
		.xy = (int32_t)((c * shear / 1000 - s) * h / ONE_SINE),
		.yx = (int32_t)(s * w / ONE_SINE),
		.yy = (int32_t)((s * shear / 1000 + c) * h / ONE_SINE),
	};
}

struct linear_limits letter_limits(const struct look *look, uint32_t character)
{
	/* how far it may tilt before people take it for another */
	static const struct {
		uint32_t character;
		int32_t deg;
	} rows[] = {
		{'C', 27},		    /* U, G */
		{'e', 24},		    /* P */
		{'L', 27},		    /* C */
		{'1', 27},		    /* 7 */
		{'7', 27},    {0x0393, 27}, /* Greek and Cyrillic G: T, L */
		{0x0413, 27},
	};
	struct linear_limits limits = look->limits;

	if (letter_is_sign(character)) /* + for x */
		limits.tilt_max_deg = SIGN_TILT_MAX_DEG;
	if (utf8_is_han(character)) { /* a stroke makes another character */
		limits.tilt_max_deg =
			(int32_t)at_most(limits.tilt_max_deg, HAN_TILT_MAX_DEG);
		limits.aspect_max =
			(int32_t)at_most(limits.aspect_max, HAN_ASPECT_MAX);
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		if (rows[i].character == character)
			limits.tilt_max_deg =
				(int32_t)at_most(limits.tilt_max_deg,
						 rows[i].deg);
	return limits;
}

bool letter_is_plain(const struct look *look, uint32_t character,
		     struct linear map)
{
	struct linear_limits limits = letter_limits(look, character);

	limits.tilt_max_deg -= SPARE_DEG;
	limits.corner_min_deg += SPARE_DEG;
	limits.aspect_max = look_share(limits.aspect_max, SPARE_ASPECT);
	map.xx = look_share(map.xx, SQUEEZE_USUAL);
	map.xy = look_share(map.xy, SQUEEZE_USUAL);
	return linear_is_plain(map, &limits);
}

/* A pose in which a letter is upright enough when it has been bent. */
static struct linear draw_plain_pose(const struct look *look,
				     struct linear bent, struct rng *rng,
				     int32_t em, const struct form *form)
{
	struct linear pose;

	for (int i = 0; i < POSES_MAX; i++) {
		pose = draw_pose(look, rng, em, form);
		if (letter_is_plain(look, form->character,
				    linear_then(pose, bent)))
			break;
	}
	return pose;
}

/* A wave across a glyph, in parts of GLYPH_EM; angles as in sine(). */
struct ragged_wave {
	uint32_t kx, ky, phase;
};

/*
 * How much thicker the strokes of a letter are than those of its face: parts of
 * GLYPH_EM on either side, for stems and for bars. Each wave moves both sides
 * out and in by `ragged`.
 */
struct stroke_change {
	int32_t more_x, more_y;
	int32_t ragged;
	struct ragged_wave waves[RAGGED_WAVES];
};

/* The least to add on either side of strokes, so that thinner strokes can be
 * seen, and have an inside if the letter is hollow. */
static int32_t least_more(const struct look *look, const struct glyph *glyph,
			  bool is_hollow)
{
	int32_t least = is_hollow
				? 2 * look->hollow_line.max + HOLLOW_INSIDE_MIN
				: HAIR_MIN;

	return (look_share(GLYPH_EM, least) - glyph->hair) / 2;
}

/* Serifs that face each other close a hollow letter: H becomes A, X becomes K.
 */
static bool can_be_hollow(const struct look *look, const struct glyph *glyph)
{
	return !glyph->has_serifs &&
	       least_more(look, glyph, true) <=
		       look_share(glyph->stroke, HOLLOW_MORE_MAX);
}

/* How much to add on either side of strokes for that thickness. */
static int32_t more_for(const struct glyph *glyph, int32_t stroke, int32_t em,
			int32_t more_max)
{
	int32_t wanted = (int32_t)at_least(stroke, STROKE_MIN * GLYPH_EM / em);

	return within(-look_share(glyph->stroke, LESS_MAX),
		      (wanted - glyph->stroke) / 2,
		      look_share(glyph->stroke, more_max));
}

static void draw_waves(const struct look *look, struct rng *rng,
		       struct stroke_change *change)
{
	for (size_t i = 0; i < RAGGED_WAVES; i++) {
		struct ragged_wave *wave = &change->waves[i];
		int32_t length =
			look_share(GLYPH_EM, look_draw(rng, look->ragged_wave));
		int64_t turn = (INT64_C(1) << 32) / length;
		uint32_t run = (uint32_t)rng_u64(rng);

		wave->kx = (uint32_t)(turn * cosine(run) / ONE_SINE);
		wave->ky = (uint32_t)(turn * sine(run) / ONE_SINE);
		wave->phase = (uint32_t)rng_u64(rng);
	}
}

/* Also draws the inside of a hollow letter, which is smaller by a line, and out
 * of place. */
static struct stroke_change draw_stroke(const struct look *look,
					const struct form *form, int32_t em,
					struct rng *rng, struct letter *letter)
{
	const struct glyph *glyph = form->glyph;
	struct range strokes =
		form->is_hollow ? look->hollow_stroke : look->stroke;
	int32_t stroke = look_share(GLYPH_EM, look_draw(rng, strokes));
	int32_t contrast = look_draw_either(rng, look->contrast_max);
	int32_t apart = form->is_hollow ? 0 : look_share(stroke, contrast);
	int32_t more_max = form->is_hollow ? HOLLOW_MORE_MAX : MORE_MAX;
	int32_t least = least_more(look, glyph, form->is_hollow);
	int32_t ragged = look->ragged;
	struct stroke_change change = {
		.more_x = more_for(glyph, stroke + apart, em, more_max),
		.more_y = more_for(glyph, stroke - apart, em, more_max),
	};

	change.more_x = (int32_t)at_least(change.more_x, least);
	change.more_y = (int32_t)at_least(change.more_y, least);
	if (utf8_is_han(form->character)) {
		/* its strokes leave little room between them */
		change.more_x = change.more_y =
			-look_share(glyph->stroke, HAN_LESS);
		ragged /= 2;
	}

	change.ragged =
		look_share(glyph->stroke + change.more_x + change.more_y,
			   ragged);
	draw_waves(look, rng, &change);
	if (form->is_hollow) {
		int32_t line =
			look_share(GLYPH_EM, look_draw(rng, look->hollow_line));
		int32_t shift_max = look_share(line, look->hollow_shift);

		letter->inside_x = change.more_x - line;
		letter->inside_y = change.more_y - line;
		letter->inside_dx = look_draw_either(rng, shift_max);
		letter->inside_dy = look_draw_either(rng, shift_max);
	}
	return change;
}

/* How far out the waves move a point along its normal. */
static inline int32_t way_out(const struct stroke_change *change,
			      const struct glyph_point *p)
{
	uint32_t x = (uint32_t)p->x, y = (uint32_t)p->y;
	int32_t waves = 0;

	for (size_t i = 0; i < RAGGED_WAVES; i++)
		waves += sine(change->waves[i].kx * x +
			      change->waves[i].ky * y + change->waves[i].phase);
	return change->ragged * (waves >> 4) >> 11;
}

/* A point in the pose, moved along its normal. */
static inline struct point pose_point(const struct linear *pose,
				      const struct glyph_point *p,
				      int32_t more_x, int32_t more_y,
				      int32_t dx, int32_t dy)
{
	int64_t x = p->x + dx + (p->nx * more_x >> GLYPH_NORMAL_BITS);
	int64_t y = p->y + dy + (p->ny * more_y >> GLYPH_NORMAL_BITS);

	return (struct point){
		(int32_t)((pose->xx * x + pose->xy * y) >> GLYPH_EM_BITS),
		(int32_t)((pose->yx * x + pose->yy * y) >> GLYPH_EM_BITS),
	};
}

/* End the contours of a glyph whose points begin at first. is_hole: and turn
 * them round. */
static void add_contours(struct outline *out, const struct glyph *glyph,
			 size_t first, bool is_hole)
{
	size_t begin = first;

	for (size_t i = 0; i < glyph->n_contours; i++) {
		size_t end = first + glyph->ends[i];

		if (is_hole)
			outline_reverse(out, begin, end);
		out->ends[out->n_contours++] = (uint32_t)end;
		begin = end;
	}
}

/* Add the outside of a shape around the origin of the outline, or leave it out
 * there. */
static void add_shape(struct outline *out, const struct stroke_change *change,
		      struct letter *letter)
{
	const struct glyph *glyph = letter->glyph;
	size_t first = out->n_points, n = glyph->n_points;
	struct linear pose = letter->map;

	assert(n <= out->max_points - first);
	for (size_t i = 0; i < n; i++) {
		const struct glyph_point *from = &glyph->points[i];
		int32_t way = way_out(change, from);

		letter->way_out[i] = (int16_t)way;
		out->points[first + i] =
			pose_point(&pose, from, change->more_x + way,
				   change->more_y + way, 0, 0);
	}
	out->n_points += n;
	add_contours(out, glyph, first, letter->is_hole);
}

void letter_add_inside(const struct letter *letter, int32_t dx, int32_t dy,
		       struct outline *out)
{
	const struct glyph *glyph = letter->glyph;
	size_t first = out->n_points, n = glyph->n_points;
	const struct box *box = &letter->box;
	struct linear pose = letter->map;

	if (!letter->is_hollow)
		return;
	assert(n <= out->max_points - first);
	for (size_t i = 0; i < n; i++) {
		int32_t way = letter->way_out[i];
		struct point p = pose_point(&pose, &glyph->points[i],
					    letter->inside_x + way,
					    letter->inside_y + way,
					    letter->inside_dx,
					    letter->inside_dy);

		p.x = within(box->x0, p.x, box->x1);
		p.y = within(box->y0, p.y, box->y1);
		out->points[first + i] = (struct point){p.x + dx, p.y + dy};
	}
	out->n_points += n;
	add_contours(out, glyph, first, !letter->is_hole);
}

/* Stretch the letter whose points start at first, so that it has the least
 * width and height when it is bent. A slim letter of a slim face would be taken
 * for a part of its neighbour. The pose is stretched as well, so that a letter
 * that is then squashed is placed anew. Points lie within a few em of the
 * origin (glyph.c), so with WIDER_MAX they stay far within 31 bits. */
static void widen(struct outline *out, size_t first, struct linear bent,
		  int32_t em, uint32_t character, struct letter *letter)
{
	bool is_slim = character == '-' || character == '1';
	int32_t width_min = is_slim ? SLIM_WIDTH_MIN : WIDTH_MIN;
	int32_t height_min = character == '-' ? 0 : HEIGHT_MIN;
	struct box *box = &letter->box;
	struct linear *pose = &letter->map;
	int64_t width = box->x1 - box->x0 + 1, height = box->y1 - box->y0 + 1;
	int64_t least_width = (int64_t)look_share(em, width_min) * ONE_LINEAR /
			      at_least(bent.xx, ONE_LINEAR / 2);
	int64_t least_height = (int64_t)look_share(em, height_min) *
			       ONE_LINEAR / at_least(bent.yy, ONE_LINEAR / 2);

	int64_t by_x = at_most(at_least(least_width, width) * 65536 / width,
			       WIDER_MAX);
	int64_t by_y = at_most(at_least(least_height, height) * 65536 / height,
			       WIDER_MAX);

	if (width >= least_width && height >= least_height)
		return;
	for (size_t i = first; i < out->n_points; i++) {
		struct point *p = &out->points[i];

		p->x = (int32_t)(p->x * by_x >> 16);
		p->y = (int32_t)(p->y * by_y >> 16);
	}
	*box = (struct box){(int32_t)(box->x0 * by_x >> 16),
			    (int32_t)(box->y0 * by_y >> 16),
			    (int32_t)(box->x1 * by_x >> 16),
			    (int32_t)(box->y1 * by_y >> 16)};
	pose->xx = (int32_t)(pose->xx * by_x >> 16);
	pose->xy = (int32_t)(pose->xy * by_x >> 16);
	pose->yx = (int32_t)(pose->yx * by_y >> 16);
	pose->yy = (int32_t)(pose->yy * by_y >> 16);
}

/* A shape of a letter in a face by chance, if possible in one that draws it
 * well. */
static const struct glyph *choose_face(const struct glyphs *glyphs,
				       uint32_t letter, struct rng *rng,
				       size_t *face)
{
	const struct glyph *glyph;
	int i = 0;

	do {
		*face = rng_below(rng, (uint32_t)glyphs_n_faces(glyphs));
		glyph = glyphs_get(glyphs, *face, letter);
		assert(glyph);
	} while (glyph->is_odd && ++i < FACES_MAX);
	return glyph;
}

/* Characters that are not drawn hollow. The lines of a hollow 4, of a sign or
 * of a character of Han would run together. A hollow 1 is taken for a 7. */
static bool is_never_hollow(uint32_t c)
{
	return c == '1' || c == '4' || c == '7' || letter_is_sign(c) ||
	       utf8_is_han(c);
}

/* A shape of a letter in some face, by chance in lower case where there is
 * such a shape, or else by chance hollow. The lines of a hollow a, e or m would
 * run together. */
static struct form choose_form(const struct look *look,
			       const struct glyphs *glyphs, uint32_t letter,
			       struct rng *rng)
{
	size_t face;
	const struct glyph *glyph = choose_face(glyphs, letter, rng, &face);
	bool is_lower = rng_below(rng, 1000) < (uint32_t)look->lower_share;
	bool is_hollow = rng_below(rng, 1000) < (uint32_t)look->hollow_share;
	struct form form = {.character = letter - 'A' + 'a'};

	if (is_lower && letter >= 'A' && letter <= 'Z')
		form.glyph = glyphs_get(glyphs, face, form.character);
	if (form.glyph)
		return form;
	form.character = letter;
	form.glyph = glyph;
	form.is_hollow = is_hollow && !is_never_hollow(letter) &&
			 can_be_hollow(look, form.glyph);
	return form;
}

void letter_add(const struct look *look, const struct glyphs *glyphs,
		uint32_t character, bool is_hole, struct linear bent,
		int32_t em, struct rng *rng, struct outline *out,
		struct letter *letter)
{
	size_t first = out->n_points;
	struct form form = choose_form(look, glyphs, character, rng);
	struct stroke_change change;

	letter->glyph = form.glyph;
	letter->is_hole = is_hole;
	letter->is_hollow = form.is_hollow;
	letter->map = draw_plain_pose(look, bent, rng, em, &form);
	change = draw_stroke(look, &form, em, rng, letter);
	add_shape(out, &change, letter);
	letter->box = outline_bounds(out, first, out->n_points);
	if (!letter_is_sign(character) || character == '-')
		widen(out, first, bent, em, character, letter);
}
