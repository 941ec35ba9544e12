/*
 * Sites by their keys: see sites.h.
 */
#include "base/base.h"
#include "http/sites.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/text.h"
#include "challenge/token.h"
#include "conf/test_keys.h"

#define BOX_PURPOSE "captcha-box-v1"

/* Of public test keys. No section can have this name. */
#define TEST_NAME "(test)"

struct sites {
	const struct settings *settings;
	struct challenge *challenge;
	struct settings_site test_site; /* of public test keys, for any page */
	/* of the default site, once it was asked for */
	uint8_t derived[CRYPT_SHA256_BYTES];
	bool has_derived;
	uint8_t box_key[CRYPT_SHA256_BYTES];
	bool has_box_key;
};

_Static_assert((int)CRYPT_SHA256_BYTES == (int)CRYPT_KEY_BYTES,
	       "a hash is a key");

_Static_assert((int)SETTINGS_SECRET_HASH_BYTES == (int)CRYPT_SHA256_BYTES,
	       "settings keep SHA-256");

struct sites *sites_new(const struct settings *settings,
			struct challenge *challenge)
{
	struct sites *sites = mem_alloc(MEM_REQUEST, 1, sizeof(*sites));

	if (!sites)
		return NULL;
	sites->settings = settings;
	sites->challenge = challenge;
	settings_init_site(&sites->test_site);
	memcpy(sites->test_site.name, TEST_NAME, sizeof(TEST_NAME));
	sites->test_site.hostnames = "any";
	return sites;
}

void sites_free(struct sites *sites)
{
	if (!sites)
		return;
	crypt_zero(sites, sizeof(*sites));
	mem_free(sites);
}

static enum cf_status need_derived(struct sites *sites, struct cf_error *err)
{
	char secret[TOKEN_SECRET_CHARS + 1];
	enum cf_status rc;

	if (sites->has_derived)
		return CF_OK;
	rc = token_derive_secret(sites->challenge, secret, err);
	if (rc)
		return rc;
	crypt_sha256(secret, TOKEN_SECRET_CHARS, sites->derived);
	crypt_zero(secret, sizeof(secret));
	sites->has_derived = true;
	return CF_OK;
}

enum cf_status sites_find_secret(struct sites *sites, struct str secret,
				 const struct settings_site **site,
				 size_t *place, struct cf_error *err)
{
	const struct settings *settings = sites->settings;
	uint8_t hash[CRYPT_SHA256_BYTES];

	*site = NULL;
	crypt_sha256(secret.ptr, secret.len, hash);
	for (size_t i = 0; i < settings->n_sites; i++) {
		const struct settings_site *at = settings->sites[i];

		for (size_t k = 0; k < at->n_secrets; k++)
			if (crypt_equal(at->secrets[k], hash, sizeof(hash))) {
				*site = at;
				*place = k;
			}
		if (at->n_secrets)
			continue;
		if (need_derived(sites, err))
			return err->status;
		if (crypt_equal(sites->derived, hash, sizeof(hash))) {
			*site = at;
			*place = 0;
		}
	}
	return *site ? CF_OK : CF_NOT_FOUND;
}

const struct settings_site *sites_find_key(const struct sites *sites,
					   struct str sitekey)
{
	const struct settings *settings = sites->settings;

	for (size_t i = 0; i < settings->n_sites; i++)
		if (str_eq(sitekey, settings->sites[i]->sitekey))
			return settings->sites[i];
	return settings->test_keys && test_keys_find_sitekey(sitekey)
		       ? &sites->test_site
		       : NULL;
}

bool sites_has_flavour(const struct settings_site *site, struct str flavour)
{
	return text_has_word(site->flavours, flavour);
}

const struct settings_site *sites_find_for(const struct sites *sites,
					   struct str sitekey,
					   struct str flavour)
{
	const struct settings_site *site = sites_find_key(sites, sitekey);

	return site && (!flavour.len || sites_has_flavour(site, flavour))
		       ? site
		       : NULL;
}

struct str sites_language(const struct settings_site *site, struct str asked)
{
	bool has_own = site && strcmp(site->language, "auto") != 0;

	return !asked.len && has_own ? str_from(site->language) : asked;
}

struct str sites_theme(const struct settings_site *site, struct str asked)
{
	if (asked.len && !str_eq(asked, "auto"))
		return asked;
	return site ? str_from(site->theme) : STR_LIT("auto");
}

const struct settings_site *sites_at(const struct sites *sites, size_t i)
{
	return i < sites->settings->n_sites ? sites->settings->sites[i] : NULL;
}

enum cf_status sites_box_key(struct sites *sites, const uint8_t **key,
			     struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	if (!sites->has_box_key)
		rc = challenge_derive(sites->challenge, BOX_PURPOSE,
				      sites->box_key, err);
	sites->has_box_key |= !rc;
	*key = sites->box_key;
	return rc;
}

/* --- hosts ---------------------------------------------------------------- */

struct str sites_bare_host(struct str host)
{
	const char *bracket, *colon;

	if (!host.len)
		return host;
	bracket = memrchr(host.ptr, ']', host.len);
	colon = memrchr(host.ptr, ':', host.len);
	if (colon && (!bracket || colon > bracket))
		host.len = (size_t)(colon - host.ptr);
	return host;
}

static bool is_same(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !strncasecmp(a.ptr, b.ptr, a.len));
}

/* Whether a host is below a domain, which begins with a dot. */
static bool is_below(struct str host, struct str domain)
{
	size_t n = host.len > domain.len ? host.len - domain.len : 0;

	return n && is_same(domain, (struct str){host.ptr + n, domain.len});
}

/* Whether one entry of hostnames has this host. A port counts where the entry
 * has one. */
static bool has_host(struct str entry, struct str host, struct str own)
{
	struct str bare = sites_bare_host(host);
	bool has_port = sites_bare_host(entry).len < entry.len;
	struct str asked = has_port ? host : bare;

	if (str_eq(entry, "any"))
		return true;
	if (str_eq(entry, "same"))
		return is_same(bare, sites_bare_host(own));
	if (!str_starts(entry, "*."))
		return is_same(entry, asked);
	return is_below(asked, (struct str){entry.ptr + 1, entry.len - 1});
}

bool sites_allow_host(const struct settings_site *site, struct str host,
		      struct str own)
{
	const char *rest = site->hostnames;
	struct str entry;

	if (!host.len)
		return false;
	while ((entry = text_next_word(&rest)).len)
		if (has_host(entry, host, own))
			return true;
	return false;
}
