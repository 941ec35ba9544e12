/*
 * live: record challenges in the store that the settings name
 * (CAPTCHA_STORE and so on), as if visitors had asked for them and never
 * answered.
 *
 *	live COUNT
 *
 * They were issued at an even rate over the first half of their lives, so all
 * of them outlive a measurement of ttl_s / 2. The code of each is "bench". They
 * have no pictures: no measurement asks for one.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/clk.h"
#include "base/crypt.h"

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

/* Record all of them, in the order of their times. */
static enum cf_status add(struct store *store, const struct settings *settings,
			  int64_t count, struct cf_error *err)
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
	}
	return rc;
}

int main(int argc, char **argv)
{
	long long count = argc == 2 ? strtoll(argv[1], NULL, 10) : 0;
	struct app_sources sources = {.envp = environ, .program = "live"};
	struct cf_error err = CF_ERROR_INIT;
	struct store *store = NULL;
	struct store_options options;
	struct app app = {0};
	enum cf_status rc;

	if (count < 1) {
		(void)fprintf(stderr, "usage: live COUNT\n");
		return 2;
	}
	rc = crypt_open(&err);
	if (!rc)
		rc = app_load(&app, &sources, &err);
	if (!rc) {
		options = options_store(&app.settings);
		rc = store_open(&options, STORE_FOR_MANY, &store, &err);
	}
	if (!rc)
		rc = add(store, &app.settings, count, &err);
	if (rc)
		(void)fprintf(stderr, "live: %s\n", err.text);
	store_close(store);
	app_close(&app);
	return rc ? 1 : 0;
}
