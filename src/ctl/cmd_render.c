/*
 * captchactl render: pictures and their codes in a directory, to look at or
 * to measure. Nothing here is ever handed out.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/rng.h"
#include "ctl/ctl.h"
#include "ctl/progress.h"

#include <fcntl.h>

enum { COUNT_MAX = 10000000 };

/* A code from the seed, so that a run can be repeated. */
static void make_code(const struct settings *s, struct rng *rng, char *code)
{
	uint32_t n = (uint32_t)strlen(s->alphabet);
	uint32_t len = (uint32_t)s->length_min +
		       rng_below(rng, (uint32_t)(s->length_max -
						 s->length_min + 1));

	for (uint32_t i = 0; i < len; i++)
		code[i] = s->alphabet[rng_below(rng, n)];
	code[len] = '\0';
}

static void lower(char *code)
{
	for (; *code; code++)
		if (*code >= 'A' && *code <= 'Z')
			*code = (char)(*code - 'A' + 'a');
}

static enum cf_status render_one(struct generator *gen, int dir_fd,
				 const char *name, uint64_t seed,
				 const char *text, struct buf *png,
				 struct cf_error *err)
{
	enum cf_status rc;

	buf_reset(png);
	rc = generator_draw(gen, seed, text, png, err);
	if (rc)
		return rc;
	(void)unlinkat(dir_fd, name, 0);
	return file_create(dir_fd, name, png->ptr, png->len, err);
}

static enum cf_status render_all(const struct app *app,
				 struct generator *gen, int dir_fd,
				 FILE *labels, int64_t count, uint64_t seed,
				 const char *text, struct cf_error *err)
{
	char code[GENERATOR_TEXT_MAX + 1], name[32];
	struct progress progress;
	enum cf_status rc = CF_OK;
	struct buf png;
	struct rng rng;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, seed);
	progress_init(&progress, "drawing");
	for (int64_t i = 0; i < count && !rc; i++) {
		if (text)
			(void)snprintf(code, sizeof(code), "%s", text);
		else
			make_code(&app->settings, &rng, code);
		(void)snprintf(name, sizeof(name), "%05lld.png", (long long)i);
		rc = render_one(gen, dir_fd, name, rng_u64(&rng), code, &png,
				err);
		lower(code);
		if (!rc && fprintf(labels, "%s\t%s\n", name, code) < 0)
			rc = cf_fail(err, CF_IO, "cannot write labels.tsv: %s",
				     strerror(errno));
		progress_show(&progress, i + 1, count);
	}
	progress_end(&progress);
	buf_release(&png);
	return rc;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	int64_t count = 1, seed_arg = 0;
	uint64_t seed;
	FILE *labels;
	int dir_fd, labels_fd;
	enum cf_status rc;

	if (!args->out)
		return cf_fail(err, CF_CONFIG,
			       "--out DIR is missing: where to put pictures");
	if (args->text && strlen(args->text) > GENERATOR_TEXT_MAX)
		return cf_fail(err, CF_CONFIG,
			       "--text %.40s: must be 1 to %d characters",
			       args->text, GENERATOR_TEXT_MAX);
	rc = crypt_open(err);
	if (!rc && args->count)
		rc = ctl_number("--count", args->count, 1, COUNT_MAX, &count,
				err);
	if (!rc && args->seed)
		rc = ctl_number("--seed", args->seed, 0, INT64_MAX, &seed_arg,
				err);
	if (rc)
		return rc;
	seed = (uint64_t)seed_arg;
	if (!args->seed)
		crypt_random(&seed, sizeof(seed));
	rc = file_make_dirs(args->out, err);
	if (!rc)
		rc = file_open_dir(AT_FDCWD, args->out, false, &dir_fd, err);
	if (rc)
		return rc;
	labels_fd = openat(dir_fd, "labels.tsv",
			   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	labels = labels_fd < 0 ? NULL : fdopen(labels_fd, "w");
	app->gen = app_new_generator(&app->settings);
	if (!labels)
		rc = cf_fail(err, CF_IO, "cannot write %s/labels.tsv: %s",
			     args->out, strerror(errno));
	else if (!app->gen)
		rc = cf_fail(err, CF_NOMEM, "no memory for the generator");
	else
		rc = render_all(app, app->gen, dir_fd, labels, count, seed,
				args->text, err);
	if (labels && fclose(labels) && !rc)
		rc = cf_fail(err, CF_IO, "cannot write %s/labels.tsv: %s",
			     args->out, strerror(errno));
	(void)close(dir_fd);
	return rc;
}

const struct ctl_command ctl_render = {
	.name = "render",
	.summary = "Draw pictures into a directory, with a list of their codes",
	.help = "  --out DIR            where to: 00000.png and on, and labels.tsv "
		"(file name,\n"
		"                       tab, code); files of these names are "
		"replaced\n"
		"  --count N            how many (default 1)\n"
		"  --seed S             the same seed gives the same pictures and "
		"codes\n"
		"  --text T             this text instead of codes by chance\n",
	.options = "noSt",
	.needs_app = false,
	.run = run,
};
