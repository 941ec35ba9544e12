/*
 * captchactl preview: what the settings look like, on one sheet: a block of
 * pictures for the base and for each profile. Nothing here is handed out.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/rng.h"
#include "ctl/ctl.h"
#include "image/sheet.h"

#include <fcntl.h>

enum {
	COUNT_MAX = 200,
	COUNT_DEFAULT = 12,
	COLUMNS = 4,
	MARGIN_PX = 16, /* around the sheet, and between blocks */
	GAP_PX = 10,	/* between pictures */
	HEADING_PX = 18,
	HEADING_GAP_PX = 10, /* from its base line to the pictures */
};

static const struct sheet_colour ground = {0xee, 0xf0, 0xf3};
static const struct sheet_colour border = {0xa9, 0xaf, 0xb8};
static const struct sheet_colour ink = {0x2f, 0x36, 0x42};

/* A profile's block: so many pictures of so many pixels. */
struct block {
	int32_t width_px, height_px;
	int32_t n_columns, n_rows;
};

static struct block block_of(const struct profile *profile, int64_t count)
{
	const struct settings *s = profile_settings(profile);
	int32_t n = (int32_t)count;

	return (struct block){
		.width_px = (int32_t)(s->width_px * s->scale),
		.height_px = (int32_t)(s->height_px * s->scale),
		.n_columns = n < COLUMNS ? n : COLUMNS,
		.n_rows = (n + COLUMNS - 1) / COLUMNS,
	};
}

/* Of all blocks below one another. */
static void measure(const struct app *app, int64_t count, int32_t *width_px,
		    int32_t *height_px)
{
	*width_px = 0;
	*height_px = MARGIN_PX;
	for (size_t i = 0; i < app->n_profiles; i++) {
		struct block b = block_of(app->profiles[i], count);
		int32_t width = b.n_columns * (b.width_px + GAP_PX) - GAP_PX;

		if (width > *width_px)
			*width_px = width;
		*height_px += HEADING_PX + HEADING_GAP_PX + MARGIN_PX +
			      b.n_rows * (b.height_px + GAP_PX) - GAP_PX;
	}
	*width_px += 2 * MARGIN_PX;
}

static enum cf_status draw_heading(struct sheet *sheet, int32_t y,
				   const struct profile *profile,
				   struct cf_error *err)
{
	const char *name = profile_name(profile);
	enum cf_status rc;

	rc = sheet_write(sheet, MARGIN_PX, y,
			 name[0] ? name : SETTINGS_BASE_NAME,
			 generator_face_path(profile_generator(profile), 0),
			 HEADING_PX, ink, err);
	/* the font need not have the letters of a name */
	return rc == CF_FONT ? CF_OK : rc;
}

/* One block from *y on, which is then below it. */
static enum cf_status draw_block(struct sheet *sheet, int32_t *y,
				 struct profile *profile, int64_t count,
				 struct rng *rng, struct buf *png,
				 struct cf_error *err)
{
	struct block b = block_of(profile, count);
	char code[STORE_CODE_MAX_BYTES + 1];
	enum cf_status rc = profile_load(profile, err);

	*y += HEADING_PX;
	if (!rc)
		rc = draw_heading(sheet, *y, profile, err);
	*y += HEADING_GAP_PX;
	for (int32_t i = 0; i < (int32_t)count && !rc; i++) {
		int32_t at_x = MARGIN_PX + i % COLUMNS * (b.width_px + GAP_PX);
		int32_t at_y = *y + i / COLUMNS * (b.height_px + GAP_PX);

		buf_reset(png);
		rc = profile_draw_sample(profile, rng_u64(rng), code, png, err);
		sheet_fill(sheet, at_x - 1, at_y - 1, b.width_px + 2,
			   b.height_px + 2, border);
		if (!rc)
			rc = sheet_add_png(sheet, at_x, at_y,
					   (struct str){png->ptr, png->len},
					   err);
	}
	*y += b.n_rows * (b.height_px + GAP_PX) - GAP_PX + MARGIN_PX;
	return rc;
}

static enum cf_status draw_all(struct app *app, struct sheet *sheet,
			       int64_t count, uint64_t seed,
			       struct cf_error *err)
{
	int32_t y = MARGIN_PX;
	enum cf_status rc = CF_OK;
	struct buf png;
	struct rng rng;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, seed);
	for (size_t i = 0; i < app->n_profiles && !rc; i++)
		rc = draw_block(sheet, &y, app->profiles[i], count, &rng, &png,
				err);
	buf_release(&png);
	return rc;
}

static enum cf_status write_file(const char *path, const struct buf *png,
				 struct cf_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool is_written;

	is_written = file && fwrite(png->ptr, 1, png->len, file) == png->len;
	if (!file || fclose(file) || !is_written)
		return cf_fail(err, CF_IO, "cannot write %s: %s", path,
			       strerror(errno));
	return CF_OK;
}

static enum cf_status make_sheet(struct app *app, const char *path,
				 int64_t count, uint64_t seed,
				 struct cf_error *err)
{
	int32_t width_px, height_px;
	struct sheet sheet;
	enum cf_status rc;
	struct buf png;

	measure(app, count, &width_px, &height_px);
	rc = sheet_init(&sheet, width_px, height_px, ground, err);
	if (rc == CF_TOO_LARGE)
		return cf_fail(err, CF_BAD_INPUT,
			       "--count %lld: a sheet of %dx%d pixels: give "
			       "less", (long long)count, width_px, height_px);
	if (rc)
		return rc;
	buf_init(&png, SHEET_PNG_MAX_BYTES);
	rc = draw_all(app, &sheet, count, seed, err);
	if (!rc)
		rc = sheet_to_png(&sheet, &png, err);
	if (!rc)
		rc = write_file(path, &png, err);
	if (!rc)
		(void)printf("%s: %dx%d pixels\n", path, width_px, height_px);
	buf_release(&png);
	sheet_release(&sheet);
	return rc;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	int64_t count = COUNT_DEFAULT;
	uint64_t seed;
	enum cf_status rc;

	if (!args->out)
		return cf_fail(err, CF_BAD_INPUT,
			       "--out FILE is missing: where to put the sheet");
	rc = crypt_open(err);
	if (!rc && args->count)
		rc = ctl_number("--count", args->count, 1, COUNT_MAX, &count,
				err);
	if (!rc)
		rc = ctl_seed(args, &seed, err);
	if (!rc)
		rc = app_make_profiles(app, err);
	if (rc)
		return rc;
	return make_sheet(app, args->out, count, seed, err);
}

const struct ctl_command ctl_preview = {
	.name = "preview",
	.summary = "Draw a sheet of pictures of all profiles, to look at",
	.help = "  --out FILE           where to: a PNG; replaced if it is "
		"there\n"
		"  --count N            pictures of each profile, 1 to 200 "
		"(default 12)\n"
		"  --seed S             the same seed gives the same sheet\n",
	.options = "noS",
	.needs_app = false,
	.is_anybodys = true,
	.run = run,
};
