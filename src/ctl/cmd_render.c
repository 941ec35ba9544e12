/*
 * captchactl render: draw pictures into a directory, with their answers, for
 * people to look at and programs to measure. The service never serves them.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "ctl/ctl.h"
#include "ctl/progress.h"

#include <fcntl.h>

enum {
	COUNT_MAX = 10000000,
	PAGE_PICTURES_MAX = 1000, /* the page shows only the first */
	PAGE_MAX_BYTES = PAGE_PICTURES_MAX * 512,
};

/* The code of a text: the folded form, with which answers are compared. */
static enum cf_status fold(const char *text,
			   char code[STORE_CODE_MAX_BYTES + 1],
			   struct cf_error *err)
{
	ssize_t n = utf8_fold(str_from(text), code, STORE_CODE_MAX_BYTES);

	if (n < 0) /* impossible: the text was drawn */
		return cf_fail(err, CF_BUG, "a text does not fold");
	code[n] = '\0';
	return CF_OK;
}

/* Draw one picture: of the text or, with NULL, of a challenge. */
static enum cf_status render_one(struct profile *profile, int dir_fd,
				 const char *name, uint64_t seed,
				 const char *text,
				 char code[STORE_CODE_MAX_BYTES + 1],
				 struct buf *png, struct cf_error *err)
{
	enum cf_status rc;

	buf_reset(png);
	if (text) {
		rc = profile_draw(profile, seed, text, png, err);
		if (!rc)
			rc = fold(text, code, err);
	} else {
		rc = profile_draw_sample(profile, seed, code, png, err);
	}
	if (rc)
		return rc;
	(void)unlinkat(dir_fd, name, 0);
	return file_create(dir_fd, name, png->ptr, png->len, err);
}

/* --- the page ------------------------------------------------------------- */

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	"<title>captchactl render</title>\n"
	"<style>\n"
	"body { font: 14px sans-serif; margin: 0 }\n"
	"div { display: flex; flex-wrap: wrap; gap: 1em; padding: 1em }\n"
	"div + div { background: #1b1d22; color: #dde }\n"
	"figure { margin: 0 } img { display: block }\n"
	"</style>\n";

/* Picture i of the page, in the size of the demo page, with its answer. */
static void add_figure(struct buf *page, const struct profile_options *options,
		       int64_t i, struct str code)
{
	buf_addf(page, "<figure><img src=\"%05lld.png\" width=\"%lld\" "
		 "height=\"%lld\" alt=\"\"><figcaption>",
		 (long long)i, (long long)options->width_px,
		 (long long)options->height_px);
	buf_add_html(page, code);
	buf_add_str(page, "</figcaption></figure>\n");
}

/* Write the page: all figures on a light ground, then all on a dark ground. */
static enum cf_status write_page(int dir_fd, const struct buf *figures,
				 struct cf_error *err)
{
	enum cf_status rc = buf_status(figures, err);
	struct buf page;

	buf_init(&page, 3 * PAGE_MAX_BYTES);
	buf_add_str(&page, page_head);
	for (int i = 0; i < 2; i++) {
		buf_add_str(&page, "<div>\n");
		buf_add(&page, figures->ptr, figures->len);
		buf_add_str(&page, "</div>\n");
	}
	if (!rc)
		rc = buf_status(&page, err);
	(void)unlinkat(dir_fd, "index.html", 0);
	if (!rc)
		rc = file_create(dir_fd, "index.html", page.ptr, page.len, err);
	buf_release(&page);
	return rc;
}

/* --- the command ---------------------------------------------------------- */

static enum cf_status render_all(struct profile *profile, int dir_fd,
				 FILE *labels, int64_t count, uint64_t seed,
				 const char *text, struct cf_error *err)
{
	char code[STORE_CODE_MAX_BYTES + 1], name[32];
	struct progress progress;
	enum cf_status rc = CF_OK;
	struct buf png, figures;
	struct rng rng;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	buf_init(&figures, PAGE_MAX_BYTES);
	rng_init(&rng, seed);
	progress_init(&progress, "drawing");
	for (int64_t i = 0; i < count && !rc; i++) {
		(void)snprintf(name, sizeof(name), "%05lld.png", (long long)i);
		rc = render_one(profile, dir_fd, name, rng_u64(&rng), text,
				code, &png, err);
		if (!rc && fprintf(labels, "%s\t%s\n", name, code) < 0)
			rc = cf_fail(err, CF_IO, "cannot write labels.tsv: %s",
				     strerror(errno));
		if (i < PAGE_PICTURES_MAX)
			add_figure(&figures, profile_options(profile), i,
				   str_from(code));
		progress_show(&progress, i + 1, count);
	}
	progress_end(&progress);
	if (!rc)
		rc = write_page(dir_fd, &figures, err);
	buf_release(&figures);
	buf_release(&png);
	return rc;
}

/* The seed of --seed, or a random seed. */
static enum cf_status find_seed(const struct ctl_args *args, uint64_t *seed,
				struct cf_error *err)
{
	int64_t number;
	enum cf_status rc;

	if (!args->seed) {
		crypt_random(seed, sizeof(*seed));
		return CF_OK;
	}
	rc = ctl_number("--seed", args->seed, 0, INT64_MAX, &number, err);
	*seed = rc ? 0 : (uint64_t)number;
	return rc;
}

/* The profile of this name; the base for NULL. */
static enum cf_status find_profile(struct app *app, const char *name,
				   struct profile **out, struct cf_error *err)
{
	*out = app->profiles[0];
	if (!name || !strcmp(name, SETTINGS_BASE_NAME))
		return CF_OK;
	for (size_t i = 1; i < app->n_profiles; i++) {
		*out = app->profiles[i];
		if (!strcmp(name, profile_name(*out)))
			return CF_OK;
	}
	return cf_fail(err, CF_BAD_INPUT, "--profile %.40s: the settings have "
		       "no such section", name);
}

/* Open the directory of --out. A failure names the user: root forgets that
 * --user gave its rights away. */
static enum cf_status open_out(const struct ctl_args *args, int *dir_fd,
			       struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	enum cf_status rc = file_open_made_dir(args->out, dir_fd, &why);

	errno = why.sys_errno;
	if (rc && args->user)
		return cf_fail(err, rc, "%.150s (as %.60s)", why.text,
			       args->user);
	return rc ? cf_fail(err, rc, "%s", why.text) : CF_OK;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	int64_t count = 1;
	struct profile *profile;
	uint64_t seed;
	FILE *labels;
	int dir_fd, fd;
	enum cf_status rc;

	if (!args->out)
		return cf_fail(err, CF_BAD_INPUT,
			       "--out DIR is missing: where to put pictures");
	if (args->text && (utf8_count(args->text) > GENERATOR_TEXT_MAX ||
			   strlen(args->text) > GENERATOR_TEXT_MAX_BYTES))
		return cf_fail(err, CF_BAD_INPUT,
			       "--text %.40s: must be 1 to %d characters",
			       args->text, GENERATOR_TEXT_MAX);
	rc = crypt_open(err);
	if (!rc && args->count)
		rc = ctl_number("--count", args->count, 1, COUNT_MAX, &count,
				err);
	if (!rc)
		rc = find_seed(args, &seed, err);
	if (!rc)
		rc = app_make_profiles(app, err);
	if (!rc)
		rc = find_profile(app, args->profile, &profile, err);
	if (rc)
		return rc;
	rc = open_out(args, &dir_fd, err);
	if (rc)
		return rc;
	fd = openat(dir_fd, "labels.tsv",
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	labels = fd < 0 ? NULL : fdopen(fd, "w");
	if (labels)
		rc = render_all(profile, dir_fd, labels, count, seed,
				args->text, err);
	if ((!labels || fclose(labels)) && !rc)
		rc = cf_fail(err, CF_IO, "cannot write %s/labels.tsv: %s",
			     args->out, strerror(errno));
	(void)close(dir_fd);
	return rc;
}

const struct ctl_command ctl_render = {
	.name = "render",
	.summary = "Draw pictures into a directory, with a page to look at them",
	.help = "  --out DIR            where to: 00000.png and on, labels.tsv "
		"(file name,\n"
		"                       tab, answer), and index.html to look at "
		"them; files\n"
		"                       of these names are replaced\n"
		"  --count N            how many (default 1)\n"
		"  --seed S             the same seed gives the same pictures and "
		"answers\n"
		"  --text T             ask for this answer, not for one by "
		"chance\n"
		"  --profile NAME       with the settings of this profile\n",
	.options = "noStp",
	.needs_app = false,
	.is_anybodys = true,
	.run = run,
};
