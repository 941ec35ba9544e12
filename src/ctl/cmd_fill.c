/*
 * captchactl fill: draw pictures until the pool is full.
 */
#include "base/base.h"
#include "ctl/ctl.h"
#include "ctl/progress.h"
#include "ctl/stamp.h"

static bool on_progress(void *ctx, int64_t n_done, int64_t n_all)
{
	progress_show(ctx, n_done, n_all);
	return true;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct progress progress;
	int64_t n_drawn;
	enum cf_status rc;

	progress_init(&progress, "drawing");
	rc = challenge_fill(app->challenge, args->wait, on_progress, &progress,
			    &n_drawn, err);
	progress_end(&progress);
	if (rc == CF_BUSY) {
		/* no fault: the other process does the work */
		(void)printf("another process is filling the pool\n");
		return CF_OK;
	}
	if (!rc || n_drawn)
		(void)printf("drew %lld pictures\n", (long long)n_drawn);
	if (!rc)
		stamp_set(&app->settings, STAMP_FILL);
	return rc;
}

const struct ctl_command ctl_fill = {
	.name = "fill",
	.summary = "Draw pictures until the pool has pool_size of them",
	.help = "  --wait               for another process that fills, instead of "
		"leaving\n"
		"                       the work to it\n",
	.options = "W",
	.needs_app = true,
	.run = run,
};
