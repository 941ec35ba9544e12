/*
 * captchactl config: the settings in force and where each came from.
 */
#include "base/base.h"
#include "ctl/ctl.h"

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct buf out;

	buf_init(&out, 256 * 1024);
	if (args->sample)
		settings_print_sample(&out);
	else if (args->man)
		settings_print_man(&out);
	else
		settings_print(&app->settings, &out);
	return ctl_print(&out, err);
}

const struct ctl_command ctl_config = {
	.name = "config",
	.summary = "Print the settings in force and where each one comes from",
	.help = "  --sample             a settings file with all defaults\n"
		"  --man                the keys as a part of captcha.conf(5)\n",
	.options = "EM",
	.needs_app = false,
	.is_anybodys = true,
	.run = run,
};
