/*
 * The look: how far the generator may go with each of the things it leaves to
 * chance. Named sets of it are what the setting `difficulty` chooses from;
 * doc/strength.md has what each was measured to be worth.
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
	struct range size;   /* against the largest */
	struct range width;  /* against its face */
	struct range height; /* against its face */
	struct range stroke; /* how thick, as far as its face allows */
	int32_t contrast_max; /* of that, stems thicker and bars thinner, or
				 the other way round */
	int32_t ragged;	     /* how much thicker and thinner each of two waves
				makes it, against its strokes */
	struct range ragged_wave; /* their lengths */
	int32_t raise_max;   /* up or down */
	int32_t lower_share; /* lower-case forms of letters that have one */
	struct linear_limits limits; /* of all that is done to a letter */
	/* the word */
	struct range lap;  /* ink of neighbours; negative is a gap */
	struct range edge_lap; /* likewise, where an edge is to pass */
	struct range fill; /* of the room, the word at its largest */
	struct range wave; /* lengths of the warp's waves */
	struct range move; /* how far a wave moves, against its length */
	/* edges at which ink and paper change places, between letters */
	int32_t n_edges;
};

/* Never fails; what it returns lives for ever. */
const struct look *look_of(enum generator_difficulty difficulty);

/* A number left to chance, both ends included. */
static inline int32_t look_draw(struct rng *rng, struct range range)
{
	return range.min +
	       (int32_t)rng_below(rng, (uint32_t)(range.max - range.min + 1));
}

/* Of no side more than another. */
static inline int32_t look_draw_either(struct rng *rng, int32_t max)
{
	return look_draw(rng, (struct range){-max, max});
}

/* So many thousandths of a length. */
static inline int32_t look_share(int32_t length, int32_t share)
{
	return (int32_t)((int64_t)length * share / 1000);
}

#endif
