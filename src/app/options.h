/*
 * What each layer is told of the settings. The strings of options are those of
 * the settings, and borrowed for as long as the options are used.
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
