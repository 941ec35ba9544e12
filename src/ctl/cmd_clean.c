/*
 * captchactl clean: remove expired challenges and old pictures. cron runs it at
 * two.
 */
#include "base/base.h"
#include "ctl/ctl.h"
#include "ctl/stamp.h"

static bool has_removed(const struct challenge_cleaned *done)
{
	return done->n_rows || done->pool.n_live || done->pool.n_ready ||
	       done->pool.n_temporary || done->pool.n_days;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct challenge_cleaned done;
	enum cf_status rc = challenge_clean(app->challenge, &done, err);

	(void)args;
	if (rc && !has_removed(&done))
		return rc;
	if (!rc)
		stamp_set(&app->settings, STAMP_CLEAN);
	(void)printf("removed %lld expired challenges, %lld of their pictures, "
		     "%lld stale ready pictures, %lld temporary files, %lld day "
		     "directories\n",
		     (long long)done.n_rows, (long long)done.pool.n_live,
		     (long long)done.pool.n_ready,
		     (long long)done.pool.n_temporary,
		     (long long)done.pool.n_days);
	return rc;
}

const struct ctl_command ctl_clean = {
	.name = "clean",
	.summary = "Remove expired challenges and stale pictures",
	.help = "Safe while the service runs, safe twice at once, and safe to "
		"interrupt.\n",
	.options = "",
	.needs_app = true,
	.run = run,
};
