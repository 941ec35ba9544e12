/*
 * captchactl render: draw pictures into a directory, with their answers, for
 * people to look at and programs to measure. The service never serves them.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/utf8.h"
#include "ctl/ctl.h"
#include "ctl/samples.h"

enum {
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

/* What pictures are drawn of. */
struct render {
	struct profile *profile;
	const char *text; /* NULL: of a challenge each */
	struct buf figures;
};

static void add_figure(struct render *r, int64_t i, struct str code);

/* Draw one picture. */
static enum cf_status render_one(void *ctx, int64_t i, uint64_t seed,
				 struct buf *png,
				 char code[SAMPLES_LABEL_BYTES],
				 struct cf_error *err)
{
	struct render *r = ctx;
	enum cf_status rc;

	if (r->text) {
		rc = profile_draw(r->profile, seed, r->text, png, err);
		if (!rc)
			rc = fold(r->text, code, err);
	} else {
		rc = profile_draw_sample(r->profile, seed, code, png, err);
	}
	if (!rc && i < PAGE_PICTURES_MAX)
		add_figure(r, i, str_from(code));
	return rc;
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
static void add_figure(struct render *r, int64_t i, struct str code)
{
	const struct profile_options *options = profile_options(r->profile);

	buf_addf(&r->figures,
		 "<figure><img src=\"%05lld.png\" width=\"%lld\" "
		 "height=\"%lld\" alt=\"\"><figcaption>",
		 (long long)i, (long long)options->width_px,
		 (long long)options->height_px);
	buf_add_html(&r->figures, code);
	buf_add_str(&r->figures, "</figcaption></figure>\n");
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

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct render r = {.text = args->text};
	struct samples samples = {
		.doing = "drawing",
		.suffix = "png",
		.max_bytes = GENERATOR_PNG_MAX_BYTES,
		.make = render_one,
		.ctx = &r,
	};
	enum cf_status rc;

	if (args->text && (utf8_count(args->text) > GENERATOR_TEXT_MAX ||
			   strlen(args->text) > GENERATOR_TEXT_MAX_BYTES))
		return cf_fail(err, CF_BAD_INPUT,
			       "--text %.40s: must be 1 to %d characters",
			       args->text, GENERATOR_TEXT_MAX);
	rc = crypt_open(err);
	if (!rc)
		rc = samples_options(&samples, args, err);
	if (!rc)
		rc = app_make_profiles(app, err);
	if (!rc)
		rc = find_profile(app, args->profile, &r.profile, err);
	if (!rc)
		rc = samples_open(&samples, args, err);
	if (rc)
		return rc;
	buf_init(&r.figures, PAGE_MAX_BYTES);
	rc = samples_write(&samples, err);
	if (!rc)
		rc = write_page(samples.dir_fd, &r.figures, err);
	buf_release(&r.figures);
	samples_close(&samples);
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
