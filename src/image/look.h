/*
 * The look: the range of each thing that the generator leaves to chance. The
 * setting `difficulty` chooses one look. doc/strength.md has measurements of
 * what each range is worth.
 *
 * Lengths are in thousandths of the em, shares in thousandths, unless a
 * comment says more.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_LOOK_H
#define CF_IMAGE_LOOK_H

#include "base/rng.h"
#include "image/generator.h"
#include "image/linear.h"

struct range {
	int32_t min, max;
};

struct look {
	/* a letter */
	int32_t turn_max_deg;
	int32_t shear_max;
	struct range size;   /* a share of the largest size */
	struct range width;  /* a share of its face's width */
	struct range height; /* a share of its face's height */
	struct range stroke; /* thickness, as far as the face allows */
	int32_t contrast_max; /* a share of stroke: stems thicker and bars
				 thinner, or stems thinner and bars thicker */
	int32_t ragged; /* a share of stroke, by which each of two waves makes
			   it thicker and thinner */
	struct range ragged_wave; /* lengths of these waves */
	int32_t raise_max;   /* up or down */
	int32_t lower_share; /* lower-case forms of letters that have one */
	struct linear_limits limits; /* of the map of a letter at the end */
	int32_t hollow_share;	    /* letters drawn as an outline, */
	int32_t hollow_size;	    /* no smaller than this, */
	struct range hollow_stroke; /* of this thickness, */
	struct range hollow_line;   /* with a line of this thickness, */
	int32_t hollow_shift; /* and an inside out of place by this share of
				 the line: lines are thicker on one side */
	int32_t lost_max; /* of a letter's outline that has no contrast. Easy
			     letters lose up to 330, where strokes come close
			     to each other; an H without its bar, 380 */
	/* the word */
	struct range lap;      /* of the ink of neighbours; below 0: a gap */
	struct range edge_gap; /* of ink beside an edge, half on each side */
	struct range fill;     /* a share of the room, for the fitted word */
	struct range wave;     /* lengths of the warp's waves */
	struct range move;     /* a share of a wave's length */
	int32_t n_edges;       /* between letters, where ink and paper change
				  places */
	int32_t edge_lean;	 /* sideways for each em down, either way */
	struct range edge_wave;	 /* length of an edge's wave, */
	struct range edge_swing; /* and how far it goes to either side */
};

const struct look *look_of(enum generator_difficulty difficulty);

/* A number of the range, both ends included. */
static inline int32_t look_draw(struct rng *rng, struct range range)
{
	return range.min +
	       (int32_t)rng_below(rng, (uint32_t)(range.max - range.min + 1));
}

/* A number of -max to max. */
static inline int32_t look_draw_either(struct rng *rng, int32_t max)
{
	return look_draw(rng, (struct range){-max, max});
}

/* Thousandths of a length. */
static inline int32_t look_share(int32_t length, int32_t share)
{
	return (int32_t)((int64_t)length * share / 1000);
}

#endif
