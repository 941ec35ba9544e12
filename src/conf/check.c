/*
 * Rules between keys, and about the shape of texts: see check.h.
 */
#include "base/base.h"
#include "conf/check.h"

#include "base/alphabet.h"
#include "base/net.h"
#include "base/server_url.h"
#include "conf/keys.h"

/* Where the key stands in the file; 0 when it does not come from there or, in
 * a profile, is the base's. */
static int line_of(const struct whole *whole, const char *name)
{
	const struct conf_key *key = conf_find(&settings_table, name,
					       strlen(name));
	size_t row;

	assert(key);
	row = (size_t)(key - settings_table.keys);

	return whole->profile ? whole->profile->from[row].line
			      : whole->origin->from[row].line;
}

/* CF_CONFIG with the line of the file where the key stands or, if that is not
 * from the file, the other key that it goes ill with. What is wrong with a
 * profile alone comes of its section. */
static enum cf_status CF_PRINTF(5, 6)
refuse_whole(const struct whole *whole, const char *name, const char *other,
	     struct cf_error *err, const char *fmt, ...)
{
	const struct settings_profile *profile = whole->profile;
	int line = line_of(whole, name);
	char text[CF_ERROR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!line)
		line = line_of(whole, other);
	if (profile)
		return cf_fail(err, CF_CONFIG, "%s:%d: [profile %s]: %s",
			       whole->origin->file,
			       line ? line : profile->line, profile->name,
			       text);
	if (line)
		return cf_fail(err, CF_CONFIG, "%s:%d: %s",
			       whole->origin->file, line, text);
	return cf_fail(err, CF_CONFIG, "%s", text);
}

static enum cf_status check_alphabet(const struct whole *whole,
				     struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;

	if (!alphabet_check(whole->settings->alphabet, &why))
		return CF_OK;
	if (why.status == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "%s", why.text);
	return refuse_whole(whole, "alphabet", "alphabet", err, "%s",
			    why.text);
}

static enum cf_status check_colour(const struct whole *whole, const char *key,
				   const char *value, struct cf_error *err)
{
	if (!strcmp(value, "auto"))
		return CF_OK;
	if (value[0] == '#' && strlen(value) == 7 &&
	    strspn(value + 1, "0123456789abcdefABCDEF") == 6)
		return CF_OK;
	return refuse_whole(whole, key, key, err,
			    "%s = \"%.60s\": must be auto or #rrggbb", key,
			    value);
}

static enum cf_status check_addresses(const struct whole *whole,
				      const char *key, const char *value,
				      struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	struct net_list list;

	if (!net_list_parse(&list, value, &why))
		return CF_OK;
	return refuse_whole(whole, key, key, err, "%s: %s", key, why.text);
}

/* The limit of a side, which drawing has, holds for what is drawn. */
static enum cf_status check_side(const struct whole *whole, const char *key,
				 int64_t side_px, int64_t max_px,
				 struct cf_error *err)
{
	int64_t scale = whole->settings->scale;

	if (side_px * scale <= max_px)
		return CF_OK;
	return refuse_whole(whole, "scale", key, err,
			    "%s = %lld with scale = %lld makes %lld pixels: at "
			    "most %lld", key, (long long)side_px,
			    (long long)scale, (long long)(side_px * scale),
			    (long long)max_px);
}

static enum cf_status check_sizes(const struct whole *whole,
				  struct cf_error *err)
{
	const struct settings *s = whole->settings;
	enum cf_status rc;

	if (s->offset_px > s->width_px)
		return refuse_whole(whole, "spacing", "width", err,
				    "spacing = %lld is above width = %lld",
				    (long long)s->offset_px,
				    (long long)s->width_px);
	rc = check_side(whole, "width", s->width_px,
			SETTINGS_DRAWN_WIDTH_MAX_PX, err);
	return rc ? rc
		  : check_side(whole, "height", s->height_px,
			       SETTINGS_DRAWN_HEIGHT_MAX_PX, err);
}

static enum cf_status check_store(const struct whole *whole,
				  struct cf_error *err)
{
	const struct settings *s = whole->settings;
	struct cf_error why = CF_ERROR_INIT;
	struct server_url url;

	if (s->store == SETTINGS_STORE_SQLITE && !s->database[0])
		return refuse_whole(whole, "store", "store", err,
				    "store = sqlite: names no file: write "
				    "sqlite:PATH");
	if (s->store == SETTINGS_STORE_REDIS &&
	    server_url_parse(&url, s->redis_url, &why))
		return refuse_whole(whole, "store", "store", err,
				    "store: %s", why.text);
	return CF_OK;
}

/* A limit is off, or lets somebody in. */
static enum cf_status check_limit(const struct whole *whole, const char *key,
				  int64_t per_minute, int64_t burst,
				  struct cf_error *err)
{
	if (!per_minute || burst)
		return CF_OK;
	return refuse_whole(whole, key, key, err,
			    "%s = %lld/0 lets nobody in: 0 alone sets no limit",
			    key, (long long)per_minute);
}

enum cf_status check_whole(const struct whole *whole, struct cf_error *err)
{
	const struct settings *s = whole->settings;
	enum cf_status rc;

	if (s->length_min > s->length_max)
		return refuse_whole(whole, "length", "length", err,
				    "length = %lld-%lld: the shorter one comes "
				    "first", (long long)s->length_min,
				    (long long)s->length_max);
	if (!s->cache_dir[0])
		return refuse_whole(whole, "cache_dir", "cache_dir", err,
				    "cache_dir is empty: name a directory");
	if (s->kind == SETTINGS_KIND_WORDS && !s->words[0])
		return refuse_whole(whole, "kind", "words", err,
				    "kind = words: `words` is empty: name a "
				    "file of words");
	rc = check_addresses(whole, "trusted_proxies", s->trusted_proxies,
			     err);
	if (!rc)
		rc = check_addresses(whole, "metrics_allow", s->metrics_allow,
				     err);
	if (!rc)
		rc = check_store(whole, err);
	if (!rc)
		rc = check_limit(whole, "issue_limit", s->issue_per_minute,
				 s->issue_burst, err);
	if (!rc)
		rc = check_limit(whole, "failed_limit", s->failed_per_minute,
				 s->failed_burst, err);
	if (!rc)
		rc = check_sizes(whole, err);
	if (!rc)
		rc = check_alphabet(whole, err);
	if (!rc)
		rc = check_colour(whole, "ink", s->ink, err);
	return rc ? rc : check_colour(whole, "paper", s->paper, err);
}
