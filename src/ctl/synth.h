/*
 * Synthesisers: programs of the machine that say digits, and the languages in
 * which they do so well enough.
 */
#ifndef CF_CTL_SYNTH_H
#define CF_CTL_SYNTH_H

#include "base/buf.h"
#include "base/rng.h"

enum {
	SYNTH_VOICES_MAX = 8, /* of a bank */
	SYNTH_WAV_MAX_BYTES = 512 * 1024,
};

/* A language that is offered. */
struct synth_lang;

/* All of them, by their tags; NULL past the last. */
const struct synth_lang *synth_lang_at(size_t i);

/* The language of a tag such as "pt-BR", in any case: the row of its first
 * part. NULL: it is not offered. */
const struct synth_lang *synth_find(struct str tag);

const char *synth_tag(const struct synth_lang *lang); /* in lower case */

/* What to install to have it said, for messages. */
const char *synth_packages(const struct synth_lang *lang);

/* Append the tags of all, with a blank between two. */
void synth_add_tags(struct buf *out);

/* How many voices the installed programs have; 0: there is no program. */
unsigned synth_n_voices(const struct synth_lang *lang);

/*
 * Append what a voice says, as a WAV file.
 *
 * voice    below synth_n_voices
 * digit    0..9
 * rng      for speed and pitch: the same takes of the same versions of the
 *          programs
 * returns  as child_run
 */
CF_MUST_CHECK
enum cf_status synth_say(const struct synth_lang *lang, unsigned voice,
			 unsigned digit, struct rng *rng, struct buf *wav,
			 struct cf_error *err);

#endif
