/*
 * The sites that ask for challenges and have tokens verified, by their keys.
 */
#ifndef CF_HTTP_SITES_H
#define CF_HTTP_SITES_H

#include "challenge/challenge.h"
#include "conf/settings.h"

struct sites;

/* Both borrowed until sites_free. NULL when out of memory. */
CF_MUST_CHECK
struct sites *sites_new(const struct settings *settings,
			struct challenge *challenge);
void sites_free(struct sites *sites); /* accepts NULL */

/*
 * Find the site of a secret, in a time that does not depend on the secret.
 *
 * place    which of the site's secrets it is, from 0
 * returns  CF_OK; CF_NOT_FOUND; CF_BUSY or CF_IO when the store, from which the
 *          secret of the default site is derived, is out of reach
 */
CF_MUST_CHECK
enum cf_status sites_find_secret(struct sites *sites, struct str secret,
				 const struct settings_site **site,
				 size_t *place, struct cf_error *err);

/* The site with this number, from 0, in the order of the settings; NULL beyond
 * the last. */
const struct settings_site *sites_at(const struct sites *sites, size_t i);

/* The site of a sitekey; NULL for none. With test_keys = yes public test keys
 * have a site, too. */
const struct settings_site *sites_find_key(const struct sites *sites,
					   struct str sitekey);

/* The same, when the site is for pages of a vendor, as its key `flavours` names
 * it; empty: for any page. */
const struct settings_site *sites_find_for(const struct sites *sites,
					   struct str sitekey,
					   struct str flavour);

CF_MUST_CHECK
bool sites_has_flavour(const struct settings_site *site, struct str flavour);

/* What a page asked for, or else what the site says; site may be NULL. Empty: a
 * language of the browser. */
struct str sites_language(const struct settings_site *site, struct str asked);
/* light, dark or auto */
struct str sites_theme(const struct settings_site *site, struct str asked);

/*
 * Whether pages of a host may show the challenges of a site.
 *
 * host  in any case of letters, with or without a port
 * own   the service's own host, as the request names it
 */
CF_MUST_CHECK
bool sites_allow_host(const struct settings_site *site, struct str host,
		      struct str own);

/* A host without its port: "[::1]" of "[::1]:80". */
struct str sites_bare_host(struct str host);

/* The key that seals challenges for boxes. Borrowed until sites_free. */
CF_MUST_CHECK
enum cf_status sites_box_key(struct sites *sites, const uint8_t **key,
			     struct cf_error *err);

#endif
