/*
 * The options of each layer, from the settings. Strings of options are borrowed
 * from the settings.
 */
#ifndef CF_APP_OPTIONS_H
#define CF_APP_OPTIONS_H

#include "conf/settings.h"
#include "challenge/challenge.h"

struct store_options options_store(const struct settings *settings);
struct pool_options options_pool(const struct settings *settings);
struct profile_options options_profile(const struct settings_profile *profile);
struct challenge_options options_challenge(const struct settings *settings);

#endif
