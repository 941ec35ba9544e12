/*
 * Building and unbuilding a process: see app.h.
 */
#include "base/base.h"
#include "app/app.h"
#include "base/crypt.h"

enum cf_status app_load(struct app *app, const struct app_sources *sources,
			struct cf_error *err)
{
	enum cf_status rc;

	*app = (struct app){.clk = clk_system()};
	log_init(&app->log, sources->program, LOG_LEVEL_WARN, LOG_TO_STDERR);
	settings_init(&app->settings);
	rc = settings_load(&app->settings, sources->config_path, sources->envp,
			   sources->sets, sources->n_sets, &app->origin, err);
	if (rc)
		return rc;
	log_init(&app->log, sources->program,
		 (enum log_level)app->settings.log_level,
		 (enum log_to)app->settings.log);
	return CF_OK;
}

struct generator *app_new_generator(const struct settings *settings)
{
	struct generator_options options = {
		.width_px = (int32_t)settings->width_px,
		.height_px = (int32_t)settings->height_px,
		.margin_px = (int32_t)settings->margin_px,
		.font_size_px = (int32_t)settings->font_size_px,
		.alphabet = settings->alphabet,
		.fonts = settings->fonts,
		.quality = (int)settings->quality,
	};

	/* settings_load has checked their form */
	if (!generator_parse_colour(settings->ink, &options.ink) ||
	    !generator_parse_colour(settings->paper, &options.paper))
		return NULL;
	return generator_new(&options);
}

static enum cf_status open_parts(struct app *app, enum app_role role,
				 struct cf_error *err)
{
	struct challenge_parts parts = {.settings = &app->settings,
					.log = &app->log,
					.clk = app->clk};
	enum cf_status rc = crypt_open(err);

	if (rc)
		return rc;
	app->gen = app_new_generator(&app->settings);
	if (!app->gen)
		return cf_fail(err, CF_NOMEM, "no memory for the generator");
	if (role == APP_FASTCGI) {
		rc = generator_load(app->gen, err);
		if (rc)
			return rc;
	}
	app->pool = pool_new(&app->settings, app->clk);
	if (!app->pool)
		return cf_fail(err, CF_NOMEM, "no memory for the pool");
	rc = store_open(&app->settings,
			role == APP_CGI ? STORE_FOR_ONE : STORE_FOR_MANY,
			&app->store, err);
	if (rc)
		return rc;
	parts.store = app->store;
	parts.pool = app->pool;
	parts.gen = app->gen;
	app->challenge = challenge_new(&parts);
	if (!app->challenge)
		return cf_fail(err, CF_NOMEM, "no memory for challenges");
	return CF_OK;
}

enum cf_status app_open(struct app *app, enum app_role role,
			struct cf_error *err)
{
	enum cf_status rc = open_parts(app, role, err);

	if (rc)
		app_close(app);
	return rc;
}

void app_close(struct app *app)
{
	challenge_free(app->challenge);
	store_close(app->store);
	pool_free(app->pool);
	generator_free(app->gen);
	app->challenge = NULL;
	app->store = NULL;
	app->pool = NULL;
	app->gen = NULL;
}
