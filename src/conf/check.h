/*
 * The rules that one key alone cannot say: between keys, and about the shape
 * of a text.
 */
#ifndef CF_CONF_CHECK_H
#define CF_CONF_CHECK_H

#include "conf/settings.h"

/* The settings of the base or of a profile, and where they come from. */
struct whole {
	const struct settings *settings;
	const struct settings_origin *origin;
	const struct settings_profile *profile; /* NULL: the base */
};

/* CF_CONFIG names the rule that is broken, and the line of the file if the
 * file has a part in it. */
CF_MUST_CHECK
enum cf_status check_whole(const struct whole *whole, struct cf_error *err);

#endif
