/*
 * captchactl stats: what is there now.
 */
#include "base/base.h"
#include "ctl/ctl.h"

#include <sys/stat.h>

static int64_t size_of(const char *path, const char *suffix)
{
	char name[SETTINGS_PATH_BYTES + 8];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) ? 0 : (int64_t)st.st_size;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	const struct settings *s = &app->settings;
	struct pool_stats pool;
	int64_t n_live;
	enum cf_status rc;
	const struct {
		const char *name, *help;
		const int64_t *value;
	} rows[] = {
		{"live_challenges", "challenges in the store", &n_live},
		{"max_live", "their limit", &s->max_live},
		{"ready_pictures", "pictures that wait in the pool",
		 &pool.n_ready},
		{"pool_size", "how many should",
		 &(int64_t){ctl_pool_size(app)}},
		{"live_pictures", "pictures of challenges", &pool.n_live},
		{"cache_bytes", "bytes of all pictures", &pool.bytes},
		{"cache_max_bytes", "their limit", &s->cache_max_bytes},
		{"cache_days", "day directories", &pool.n_days},
		{"database_bytes", "bytes of the database",
		 &(int64_t){size_of(s->database, "")}},
		{"wal_bytes", "bytes of its write-ahead log",
		 &(int64_t){size_of(s->database, "-wal")}},
	};

	rc = store_count(app->store, 0, &n_live, err);
	if (!rc)
		rc = pool_count(app->pool, &pool, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		if (args->json)
			(void)printf("%s\"%s\":%lld", i ? "," : "{",
				     rows[i].name, (long long)*rows[i].value);
		else
			(void)printf("%-16s %12lld  %s\n", rows[i].name,
				     (long long)*rows[i].value, rows[i].help);
	}
	if (args->json)
		(void)puts("}");
	return CF_OK;
}

const struct ctl_command ctl_stats = {
	.name = "stats",
	.summary = "Count challenges, pictures and bytes",
	.help = "  --json               one line of JSON\n",
	.options = "j",
	.needs_app = true,
	.run = run,
};
