/*
 * Samples for people and programs that measure: files 00000.png and on in a
 * directory, and labels.tsv, which has the name and the right answer of each.
 * Files of these names are replaced.
 *
 * samples_options and samples_open, samples_write once, samples_close.
 */
#ifndef CF_CTL_SAMPLES_H
#define CF_CTL_SAMPLES_H

#include "ctl/ctl.h"

enum { SAMPLES_LABEL_BYTES = STORE_CODE_MAX_BYTES + 1 };

/* Append sample i to file, the same for the same seed, and write its label. */
typedef enum cf_status sample_fn(void *ctx, int64_t i, uint64_t seed,
				 struct buf *file,
				 char label[SAMPLES_LABEL_BYTES],
				 struct cf_error *err);

struct samples {
	/* of the caller */
	const char *doing;  /* on a terminal */
	const char *suffix; /* of the files */
	size_t max_bytes;   /* of a file */
	sample_fn *make;
	void *ctx;
	/* of the command line */
	int64_t count;
	uint64_t seed;
	int dir_fd;
};

/* Read --count and --seed; --out must be there. After crypt_open. */
CF_MUST_CHECK
enum cf_status samples_options(struct samples *samples,
			       const struct ctl_args *args,
			       struct cf_error *err);

/* Open the directory of --out; make it where it is missing. */
CF_MUST_CHECK
enum cf_status samples_open(struct samples *samples,
			    const struct ctl_args *args, struct cf_error *err);

CF_MUST_CHECK
enum cf_status samples_write(const struct samples *samples,
			     struct cf_error *err);

void samples_close(struct samples *samples);

#endif
