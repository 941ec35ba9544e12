/*
 * live: record challenges in the store that the settings name
 * (CAPTCHA_STORE and so on), as if visitors had asked for them and never
 * answered.
 *
 *	live COUNT [SITEKEY]
 *
 * With SITEKEY print for each the body of the right answer to /box/answer.
 * They were issued at an even rate over the first half of their lives, so
 * all of them outlive a measurement of ttl_s / 2. The code of each is
 * "bench". They have no pictures: no measurement asks for one.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/clk.h"
#include "base/crypt.h"
#include "http/box.h"
#include "http/sites.h"

extern char **environ;

static void make_entry(struct store_entry *e, const struct settings *settings,
		       int64_t issued_unix_ms)
{
	*e = (struct store_entry){.code = "bench"};
	e->attempts_left = (int)settings->base.attempts;
	e->created_unix_ms = issued_unix_ms;
	e->expires_unix_ms = issued_unix_ms + settings->base.ttl_s * 1000;
	pid_make(&e->pid, issued_unix_ms);
}

/* How an answer to one of them is sent. */
struct sealer {
	const struct settings_site *site; /* NULL: not at all */
	const uint8_t *key;
};

static void print_body(const struct sealer *sealer, const struct pid *pid)
{
	char sealed[BOX_SEALED_CHARS + 1];

	crypt_seal(sealer->key, sealer->site->name, pid->text, PID_CHARS,
		   sealed);
	(void)printf("k=%s&pid=%s&code=bench\n", sealer->site->sitekey,
		     sealed);
}

/* Record all of them, in the order of their times. */
static enum cf_status add(struct store *store, const struct settings *settings,
			  int64_t count, const struct sealer *sealer,
			  struct cf_error *err)
{
	struct clk clk = clk_system();
	int64_t half_ms = settings->base.ttl_s * 1000 / 2;
	int64_t first_unix_ms = clk_unix_ms(&clk) - half_ms;
	enum cf_status rc = CF_OK;

	for (int64_t i = 0; i < count && !rc;) {
		struct store_entry block[STORE_PUT_MAX];
		size_t n = 0;

		for (; n < STORE_PUT_MAX && i < count; n++, i++)
			make_entry(&block[n], settings,
				   first_unix_ms + half_ms * i / count);
		rc = store_put(store, block, n, err);
		for (size_t k = 0; k < n && !rc && sealer->site; k++)
			print_body(sealer, &block[k].pid);
	}
	return rc;
}

static enum cf_status run(struct app *app, int64_t count, const char *sitekey,
			  struct cf_error *err)
{
	struct store_options options = options_store(&app->settings);
	struct sealer sealer = {NULL, NULL};
	struct store *store = NULL;
	struct sites *sites = NULL;
	enum cf_status rc = store_open(&options, STORE_FOR_MANY, &store, err);

	if (!rc && sitekey)
		rc = app_open(app, APP_TOOL, err);
	if (!rc && sitekey) {
		sites = sites_new(&app->settings, app->challenge);
		rc = sites ? sites_box_key(sites, &sealer.key, err)
			   : cf_fail(err, CF_NOMEM, "no memory for sites");
	}
	if (!rc && sitekey) {
		sealer.site = sites_find_key(sites, str_from(sitekey));
		if (!sealer.site)
			rc = cf_fail(err, CF_CONFIG, "no site %s", sitekey);
	}
	if (!rc)
		rc = add(store, &app->settings, count, &sealer, err);
	sites_free(sites);
	store_close(store);
	return rc;
}

int main(int argc, char **argv)
{
	long long count = argc == 2 || argc == 3 ? strtoll(argv[1], NULL, 10)
						 : 0;
	struct app_sources sources = {.envp = environ, .program = "live"};
	struct cf_error err = CF_ERROR_INIT;
	struct app app = {0};
	enum cf_status rc;

	if (count < 1) {
		(void)fprintf(stderr, "usage: live COUNT [SITEKEY]\n");
		return 2;
	}
	rc = crypt_open(&err);
	if (!rc)
		rc = app_load(&app, &sources, &err);
	if (!rc)
		rc = run(&app, count, argv[2], &err);
	if (rc)
		(void)fprintf(stderr, "live: %s\n", err.text);
	app_close(&app);
	return rc ? 1 : 0;
}
