/*
 * Samples: see samples.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "base/rng.h"
#include "ctl/progress.h"
#include "ctl/samples.h"

#include <fcntl.h>

enum { COUNT_MAX = 10000000 };

enum cf_status samples_options(struct samples *samples,
			       const struct ctl_args *args,
			       struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	samples->count = 1;
	if (!args->out)
		return cf_fail(err, CF_BAD_INPUT,
			       "--out DIR is missing: where to put files");
	if (args->count)
		rc = ctl_number("--count", args->count, 1, COUNT_MAX,
				&samples->count, err);
	return rc ? rc : ctl_seed(args, &samples->seed, err);
}

/* A failure names the user: root forgets that --user gave its rights away. */
enum cf_status samples_open(struct samples *samples,
			    const struct ctl_args *args, struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	enum cf_status rc = file_open_made_dir(args->out, &samples->dir_fd,
					       &why);

	errno = why.sys_errno;
	if (rc && args->user)
		return cf_fail(err, rc, "%.150s (as %.60s)", why.text,
			       args->user);
	return rc ? cf_fail(err, rc, "%s", why.text) : CF_OK;
}

static enum cf_status write_all(const struct samples *samples, FILE *labels,
				struct cf_error *err)
{
	char label[SAMPLES_LABEL_BYTES], name[32];
	struct progress progress;
	enum cf_status rc = CF_OK;
	struct buf file;
	struct rng rng;

	buf_init(&file, samples->max_bytes);
	rng_init(&rng, samples->seed);
	progress_init(&progress, samples->doing);
	for (int64_t i = 0; i < samples->count && !rc; i++) {
		(void)snprintf(name, sizeof(name), "%05lld.%s", (long long)i,
			       samples->suffix);
		buf_reset(&file);
		rc = samples->make(samples->ctx, i, rng_u64(&rng), &file, label,
				   err);
		if (rc)
			break;
		(void)unlinkat(samples->dir_fd, name, 0);
		rc = file_create(samples->dir_fd, name, file.ptr, file.len,
				 err);
		if (!rc && fprintf(labels, "%s\t%s\n", name, label) < 0)
			rc = cf_fail(err, CF_IO, "cannot write labels.tsv: %s",
				     strerror(errno));
		progress_show(&progress, i + 1, samples->count);
	}
	progress_end(&progress);
	buf_release(&file);
	return rc;
}

enum cf_status samples_write(const struct samples *samples,
			     struct cf_error *err)
{
	int fd = openat(samples->dir_fd, "labels.tsv",
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *labels = fd < 0 ? NULL : fdopen(fd, "w");
	enum cf_status rc = CF_OK;

	if (labels)
		rc = write_all(samples, labels, err);
	if ((!labels || fclose(labels)) && !rc)
		rc = cf_fail(err, CF_IO, "cannot write labels.tsv: %s",
			     strerror(errno));
	return rc;
}

void samples_close(struct samples *samples)
{
	(void)close(samples->dir_fd);
}
